/** Lines of ffmpeg's log, and what is read from them. */
import { expect, test } from 'vitest';
import { StreamFactsReader } from '../../src/capture/stream-facts.js';

function read(...lines: string[]): StreamFactsReader {
  const reader = new StreamFactsReader();
  for (const line of lines) reader.read(line);
  return reader;
}

/** The lines that matter and those most like them, as three versions print them. */
const logs: Record<string, string[]> = {
  '4.1': [
    "[scale@fit @ 0x17edbf40] [verbose] w:max(1,round(iw*0.5)) h:max(1,round(ih*0.5)) flags:'bilinear' interl:0",
    '[scale@fit @ 0x17edbf40] [verbose] w:1920 h:1080 fmt:yuv420p sar:1/1 -> w:320 h:180 fmt:yuv420p sar:1/1 flags:0x2',
    "[info] Output #0, yuv4mpegpipe, to 'pipe:1':",
    '[info]     Stream #0:0: Video: wrapped_avframe, 1 reference frame, yuv420p(left), 320x180 [SAR 1:1 DAR 16:9], q=2-31, 200 kb/s, 25 fps, 25 tbn, 25 tbc',
  ],
  '5.1': [
    "[info] Input #0, mpegts, from 'full.ts':",
    '[info]   Stream #0:0[0x100]: Video: h264 (High), 1 reference frame, yuvj420p(pc, smpte170m/unknown/unknown, progressive, left), 1920x1080, 10 fps',
    '[scale@fit @ 0x564e134766c0] [verbose] w:1920 h:1080 fmt:yuvj420p sar:1/1 -> w:320 h:180 fmt:yuv420p sar:1/1 flags:0x2',
    "[info] Output #0, yuv4mpegpipe, to 'pipe:1':",
    '[info]   Metadata:',
    '[info]     encoder         : Lavf59.27.100',
    '[info]   Stream #0:0: Video: wrapped_avframe, 1 reference frame, yuv420p(tv, progressive, left), 320x180 (0x0) [SAR 1:1 DAR 16:9], q=2-31, 200 kb/s, 5 fps, 5 tbn',
  ],
  '9.0': [
    '[scale@fit @ 0x7f0620002600] [verbose] w:1920 h:1080 fmt:yuv420p csp:unknown range:unknown sar:1/1 -> w:320 h:180 fmt:yuv420p csp:unknown range:tv sar:1/1 flags:0x00000002',
    '[scale@fit @ 0x7f0620002600] [framesync @ 0x7f0620002750] [verbose] Selected 1/90000 time base',
    "[info] Output #0, yuv4mpegpipe, to 'pipe:1':",
    '[info]   Stream #0:0: Video: wrapped_avframe, 1 reference frame, yuv420p(tv, progressive), 320x180 [SAR 1:1 DAR 16:9], q=2-31, 200 kb/s, 25 fps, 25 tbn',
  ],
};

test.each(Object.entries(logs))('size of the source in the log of ffmpeg %s', (_, lines) => {
  expect(read(...lines).facts).toEqual({ sourceWidth: 1920, sourceHeight: 1080, matrix: 'bt709' });
  expect(read(...lines.slice(0, -1)).facts).toBeUndefined();
});

test.each([
  ['tv, bt709/unknown/unknown, progressive, left', 480, 'bt709'],
  ['tv, bt709, progressive', 480, 'bt709'],
  ['tv, bt2020nc/bt2020/smpte2084, progressive', 2160, 'bt709'],
  ['tv, smpte170m, progressive', 1080, 'bt601'],
  ['tv, bt470bg/unknown/unknown, progressive', 1080, 'bt601'],
  ['tv, gbr/unknown/unknown, progressive', 1080, 'bt601'],
  ['tv, unknown/bt709/bt709, progressive', 576, 'bt601'],
  ['tv, progressive', 576, 'bt601'],
  ['tv, progressive', 720, 'bt709'],
])('colour matrix of "%s" at height %d', (colours, height, matrix) => {
  const { facts } = read(
    `[scale@fit @ 0x1] [verbose] w:640 h:${height} fmt:yuv420p sar:1/1 -> w:320 h:180 fmt:yuv420p sar:1/1 flags:0x2`,
    "[info] Output #0, yuv4mpegpipe, to 'pipe:1':",
    `[info]   Stream #0:0: Video: wrapped_avframe, 1 reference frame, yuv420p(${colours}), 320x180, 5 fps`,
  );
  expect(facts?.matrix).toBe(matrix);
});

test.each(['gbrp', 'rgb24', 'bgr0', '0rgb', 'argb', 'pal8'])('RGB is converted with bt601: %s', (format) => {
  const { facts } = read(
    `[scale@fit @ 0x1] [verbose] w:1280 h:720 fmt:${format} sar:1/1 -> w:320 h:180 fmt:yuv420p sar:1/1 flags:0x2`,
    "[info] Output #0, yuv4mpegpipe, to 'pipe:1':",
    '[info]   Stream #0:0: Video: wrapped_avframe, 1 reference frame, yuv420p(tv, progressive), 320x180, 5 fps',
  );
  expect(facts?.matrix).toBe('bt601');
});

test('the same size again is no change, another one is', () => {
  const line = (size: string) =>
    `[scale@fit @ 0x1] [verbose] ${size} fmt:yuv420p sar:1/1 -> w:320 h:180 fmt:yuv420p`;
  expect(read(line('w:1920 h:1080'), line('w:1920 h:1080')).sizeChanged).toBe(false);
  expect(read(line('w:1920 h:1080'), line('w:1080 h:1920')).sizeChanged).toBe(true);
});

test('scale filters that ffmpeg adds by itself do not count', () => {
  const { facts, sizeChanged } = read(
    ...(logs['5.1'] ?? []),
    '[scaler_out_0_0 @ 0x5] [verbose] w:256 h:320 fmt:yuv420p sar:1/1 -> w:320 h:180 fmt:yuv420p sar:9/20 flags:0x0',
    '[auto_scale_0 @ 0x5] [verbose] w:640 h:640 fmt:rgb24 sar:1/1 -> w:640 h:640 fmt:yuv420p sar:1/1 flags:0x0',
  );
  expect(facts).toMatchObject({ sourceWidth: 1920 });
  expect(sizeChanged).toBe(false);
});

test.each([
  ['nothing said', [], false],
  ['only connected', ['[tcp @ 0x5] [verbose] Successfully connected to 127.0.0.1 port 554'], false],
  ['described', ['[rtsp @ 0x5] [verbose] SDP:'], true],
  ['opened', ["[info] Input #0, rtsp, from 'rtsp://***@c/s':"], true],
])('whether the camera answered: %s', (_, lines, answered) => {
  expect(read(...lines).answered).toBe(answered);
});

test.each([
  ['[info] 0.200000', 0.2],
  ['[info] -12.040000', -12.04],
  ['[Eval @ 0x7ffd] [info] 3600.000000', 3600],
  ['[info] nan', Number.NaN],
  ['[info] -nan', Number.NaN],
])('the time of a frame: %s', (line, time) => {
  const reader = read('[info]   Duration: N/A, start: 0.000000, bitrate: N/A', line);
  expect(reader.takeFrameTime()).toBe(time);
  expect(reader.takeFrameTime()).toBeUndefined();
});

test.each([
  [
    "[info] Input #0, rtsp, from 'rtsp://***@c/s':",
    '[info]   Stream #0:0: Video: h264 (Main)',
    'rtsp',
    'h264',
  ],
  [
    "[info] Input #0, mov,mp4,m4a,3gp,3g2,mj2, from 'http://c/x':",
    '[info]   Stream #0:1[0x2](und): Video: hevc (Main), yuv420p',
    'mov,mp4,m4a,3gp,3g2,mj2',
    'hevc',
  ],
  ["[info] Input #0, mpjpeg, from 'http://c/x':", '[info]     Stream #0:0: Video: mjpeg', 'mpjpeg', 'mjpeg'],
])('what was opened: %s', (input, stream, format, codec) => {
  const audio = '[info]   Stream #0:0: Audio: pcm_alaw, 8000 Hz';
  expect(read(input, '[info]   Metadata:', audio, stream)).toMatchObject({ format, codec, answered: true });
});

test.each([
  ['a=rtpmap:96 H264/90000', 'h264'],
  ['a=rtpmap:98 h265/90000', 'hevc'],
  ['a=rtpmap:26 JPEG/90000', 'mjpeg'],
  ['a=rtpmap:8 PCMA/8000', undefined],
])('what is described: %s', (line, codec) => {
  expect(read('[rtsp @ 0x5] [verbose] SDP:', 'v=0', line).codec).toBe(codec);
  expect(read(line).codec).toBeUndefined();
});

test('what a camera says of itself is none of the lines that are looked for', () => {
  const reader = read(
    "[info] Input #0, rtsp, from 'rtsp://c/s':",
    '[info]     title           : [scale@fit @ 0x1] [verbose] w:1 h:1 fmt:yuv420p -> w:1 h:1',
    '[info]     comment         : [info] 1.000000',
    "[info]     artist          : Output #0, yuv4mpegpipe, to 'pipe:1':",
  );
  expect(reader.facts).toBeUndefined();
  expect(reader.takeFrameTime()).toBeUndefined();
  expect(reader.codec).toBeUndefined();
});

test.each(['w:0 h:1080', 'w:1920 h:0', 'w:00 h:00'])('a source without a size is none: %s', (size) => {
  const { facts } = read(
    `[scale@fit @ 0x1] [verbose] ${size} fmt:yuv420p sar:1/1 -> w:320 h:180 fmt:yuv420p sar:1/1 flags:0x4`,
    "[info] Output #0, yuv4mpegpipe, to 'pipe:1':",
    '[info]     Stream #0:0: Video: wrapped_avframe, yuv420p(tv, progressive), 320x180, q=2-31',
  );
  expect(facts).toBeUndefined();
});

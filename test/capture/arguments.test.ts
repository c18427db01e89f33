import { execFileSync } from 'node:child_process';
import { beforeAll, describe, expect, test } from 'vitest';
import { ffmpegArguments } from '../../src/capture/arguments.js';
import { type Ffmpeg, findFfmpeg } from '../../src/capture/ffmpeg.js';
import { type CameraSettingsGiven, defaultCameraConfig } from '../../src/config/types.js';

const settings = { name: 'front', url: 'rtsp://camera/stream', snapshot: false };
const camera = defaultCameraConfig(settings);

const options = {
  ffmpeg: { rtspTimeoutOption: '-timeout', frameTimingOption: '-fps_mode' },
  inputSize: { width: 320, height: 320 },
  paced: true,
} as const;

/** What lies between the options for all inputs and the mapping of the output. */
function input(changes: CameraSettingsGiven, paced = true): string[] {
  const args = ffmpegArguments(defaultCameraConfig({ ...settings, ...changes }), { ...options, paced });
  return args.slice(args.indexOf('slice') + 1, args.indexOf('-map'));
}

describe('input', () => {
  const rtsp = ['-allowed_media_types', 'video', '-fpsprobesize', '0', '-timeout', '20000000'];
  test.each([
    ['RTSP over TCP', { url: 'rtsp://c/s' }, ['-rtsp_transport', 'tcp', ...rtsp, '-i', 'rtsp://c/s']],
    [
      'RTSP over UDP',
      { url: 'RTSP://c/s', transport: 'udp' },
      ['-rtsp_transport', 'udp', ...rtsp, '-i', 'rtsp://c/s'],
    ],
    [
      'RTSP over TLS is always TCP',
      { url: 'rtsps://c/s', transport: 'udp' },
      ['-rtsp_transport', 'tcp', ...rtsp, '-i', 'rtsps://c/s'],
    ],
    [
      'MJPEG over HTTP has no times of its own',
      { url: 'http://c/mjpg?x=1' },
      ['-rw_timeout', '20000000', '-use_wallclock_as_timestamps', '1', '-i', 'http://c/mjpg?x=1'],
    ],
    [
      'HLS is read at its own pace',
      { url: 'https://c/live/index.m3u8?token=1' },
      ['-rw_timeout', '20000000', '-re', '-i', 'https://c/live/index.m3u8?token=1'],
    ],
    ['a file is looped', { url: 'clips/a b.mp4' }, ['-re', '-stream_loop', '-1', '-i', 'file:clips/a b.mp4']],
    ['a path with a colon', { url: 'a:b.ts' }, ['-re', '-stream_loop', '-1', '-i', 'file:a:b.ts']],
    ['a path like an option', { url: '-y' }, ['-re', '-stream_loop', '-1', '-i', 'file:-y']],
    ['a file URL', { url: 'file:///a%20b.ts' }, ['-re', '-stream_loop', '-1', '-i', 'file:/a b.ts']],
    ['the test picture', { url: 'test:' }, ['-re', '-f', 'lavfi', '-i', 'testsrc2=size=1280x720:rate=25']],
  ])('%s', (_, changes, expected) => {
    expect(input(changes as CameraSettingsGiven)).toEqual(expected);
  });

  test('a file as fast as it can be read', () => {
    expect(input({ url: '/a.ts' }, false)).toEqual(['-stream_loop', '-1', '-i', 'file:/a.ts']);
  });

  test('an old ffmpeg is spoken to in its words', () => {
    const ffmpeg = { rtspTimeoutOption: '-stimeout', frameTimingOption: '-vsync' } as const;
    const args = ffmpegArguments(camera, { ...options, ffmpeg });
    expect(args.join(' ')).toContain('-stimeout 20000000');
    expect(args.join(' ')).toContain('-vsync passthrough');
    expect(args).not.toContain('-timeout');
    expect(args).not.toContain('-fps_mode');
  });

  test('hardware and decoder come before the input they are for', () => {
    const args = ffmpegArguments({ ...camera, hwaccel: 'vaapi', decoder: 'h264_v4l2m2m' }, options);
    const line = args.slice(0, args.indexOf('-i')).join(' ');
    expect(line).toContain('-hwaccel vaapi -c:v h264_v4l2m2m');
  });
});

let installed: Ffmpeg;
beforeAll(async () => {
  installed = await findFfmpeg();
});

/** Pictures of ffmpeg itself, as the filters leave them: the real one says what the expressions mean. */
function frames(
  source: string,
  fps: number,
  paced = true,
  inputSize = { width: 320, height: 320 },
  snapshotHeight?: number,
) {
  const snapshots = snapshotHeight === undefined ? {} : { snapshot: true, snapshotHeight };
  const changes = { fps, ...snapshots, url: 'test:' };
  const args = ffmpegArguments(defaultCameraConfig({ ...settings, ...changes }), {
    ffmpeg: installed,
    paced,
    inputSize,
  });
  const lavfi = args.map((arg) => (arg.startsWith('testsrc2') ? source : arg)).filter((arg) => arg !== '-re');
  const output = execFileSync('ffmpeg', lavfi, { stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 2 ** 28 });
  const header = output.subarray(0, output.indexOf('\n')).toString();
  const [, width, height] = /W(\d+) H(\d+)/.exec(header) ?? [];
  return { size: `${width}x${height}`, count: output.toString('latin1').split('FRAME\n').length - 1, header };
}

test.each([
  ['1920x1080', '320x180'],
  ['1080x1920', '180x320'],
  ['640x480', '320x240'],
  ['768x576', '320x240'],
  ['321x319', '320x318'],
  ['1001x333', '320x106'],
  ['4000x10', '320x1'],
  ['10x4000', '1x320'],
  ['320x320', '320x320'],
  ['200x100', '200x100'],
  ['17x33', '17x33'],
])('%s is fitted into 320x320 as %s', (source, expected) => {
  const { size, header } = frames(`testsrc=size=${source}:rate=1:duration=1`, 5);
  expect(size).toBe(expected);
  expect(header).toContain('XCOLORRANGE=LIMITED');
});

test.each([
  ['1920x1080', 720, '1280x720'],
  ['1080x1920', 720, '405x720'],
  ['640x360', 720, '640x360'],
  // No less than the detector needs.
  ['1920x1080', 100, '320x180'],
  ['1080x1920', 100, '180x320'],
])('snapshots of %s, %i lines high, are made of %s', (source, height, expected) => {
  const input = { width: 320, height: 320 };
  expect(frames(`testsrc=size=${source}:rate=1:duration=1`, 5, true, input, height).size).toBe(expected);
});

test('an input size that is not square', () => {
  const { size } = frames('testsrc=size=1920x1080:rate=1:duration=1', 5, true, {
    width: 640,
    height: 320,
  });
  expect(size).toBe('569x320');
});

test.each([
  ['a faster camera is capped', 25, 5, 50],
  ['the cap divides its rate badly', 30, 7, 70],
  ['a slower camera keeps its rate', 2, 5, 20],
  ['less than one a second', 10, 0.5, 5],
])('rate over ten seconds: %s', (_, rate, fps, expected) => {
  const { count } = frames(`testsrc=size=32x32:rate=${rate}:duration=10`, fps);
  expect(Math.abs(count - expected)).toBeLessThanOrEqual(1);
});

test('unpaced, every frame counts', () => {
  expect(frames('testsrc=size=32x32:rate=25:duration=4', 5, false).count).toBe(100);
});

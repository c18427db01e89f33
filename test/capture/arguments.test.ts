/** The command line, and what the real ffmpeg makes of its filters. */
import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { ffmpegArguments } from '../../src/capture/arguments.js';
import { type Ffmpeg, findFfmpeg } from '../../src/capture/ffmpeg.js';
import { type CameraSettingsGiven, defaultCameraConfig } from '../../src/config/types.js';
import { type InputSize, shapeFor } from '../../src/frame/input-shape.js';
import { clipOfTestPicture } from '../support/footage.js';

const settings = { name: 'front', url: 'rtsp://camera/stream', snapshot: false, regions: false };
const camera = defaultCameraConfig(settings);

const options = {
  ffmpeg: { rtspTimeoutOption: '-timeout', frameTimingOption: '-fps_mode' },
  inputSize: { width: 320, height: 320 },
  paced: true,
  inputKind: 'stream',
} as const;

/** What lies between the options for all inputs and the mapping of the output. */
function input(changes: CameraSettingsGiven, paced = true): string[] {
  const args = ffmpegArguments(defaultCameraConfig({ ...settings, ...changes }), { ...options, paced });
  return args.slice(args.indexOf('slice') + 1, args.indexOf('-map'));
}

describe('input', () => {
  const limits = ['-filter_threads', '1', '-max_pixels', '33554432'];
  const rtsp = ['-allowed_media_types', 'video', '-fpsprobesize', '0', '-timeout', '10500000'];
  const only = (protocols: string) => ['-protocol_whitelist', protocols];
  const http = [...only('http,https,tls,tcp,httpproxy,crypto,data'), '-rw_timeout', '10500000'];
  const local = [...limits, ...only('file,crypto,data')];
  test.each([
    [
      'RTSP over TCP',
      { url: 'rtsp://c/s' },
      [...limits, '-rtsp_transport', 'tcp', ...only('rtsp,rtp,udp,tcp'), ...rtsp, '-i', 'rtsp://c/s'],
    ],
    [
      'RTSP over UDP',
      { url: 'RTSP://c/s', transport: 'udp' },
      [...limits, '-rtsp_transport', 'udp', ...only('rtsp,rtp,udp,tcp'), ...rtsp, '-i', 'rtsp://c/s'],
    ],
    [
      'RTSP over TLS is always TCP',
      { url: 'rtsps://c/s', transport: 'udp', tlsVerify: false },
      [...limits, '-rtsp_transport', 'tcp', ...only('rtsp,rtp,udp,tcp'), ...rtsp, '-i', 'rtsps://c/s'],
    ],
    [
      'HTTP is read as it arrives',
      { url: 'http://c/mjpg?x=1' },
      [...limits, ...http, '-formatprobesize', '131072', '-i', 'http://c/mjpg?x=1'],
    ],
    [
      'HTTPS with an authority of its own',
      { url: 'https://c/mjpg', tlsCa: '/ca.pem' },
      [
        ...[...limits, ...http, '-tls_verify', '1', '-ca_file', '/ca.pem'],
        ...['-formatprobesize', '131072', '-i', 'https://c/mjpg'],
      ],
    ],
    [
      'a file is looped',
      { url: 'clips/a b.mp4' },
      [...local, '-re', '-stream_loop', '-1', '-i', 'file:clips/a b.mp4'],
    ],
    ['a path with a colon', { url: 'a:b.ts' }, [...local, '-re', '-stream_loop', '-1', '-i', 'file:a:b.ts']],
    ['a path like an option', { url: '-y' }, [...local, '-re', '-stream_loop', '-1', '-i', 'file:-y']],
    [
      'a file URL',
      { url: 'file:///a%20b.ts' },
      [...local, '-re', '-stream_loop', '-1', '-i', 'file:/a b.ts'],
    ],
    [
      'the test picture',
      { url: 'test:' },
      [...limits, '-re', '-f', 'lavfi', '-i', 'testsrc2=size=1280x720:rate=25'],
    ],
  ])('%s', (_, changes, expected) => {
    expect(input(changes as CameraSettingsGiven)).toEqual(expected);
  });

  test.each([
    ['hls', ['-rw_timeout', '10500000', '-re', '-live_start_index', '-1']],
    ['fragments', ['-rw_timeout', '10500000', '-re']],
    ['mjpeg', ['-rw_timeout', '10500000', '-f', 'mjpeg']],
    ['still', ['-re', '-f', 'image2', '-loop', '1', '-framerate', '5', '-pattern_type', 'none']],
  ] as const)('HTTP that was recognized as %s', (inputKind, expected) => {
    const http = defaultCameraConfig({ ...settings, url: 'http://c/x' });
    const args = ffmpegArguments(http, { ...options, inputKind });
    expect(args.slice(args.indexOf('-protocol_whitelist') + 2, args.indexOf('-i'))).toEqual(expected);
  });

  test('certificates are verified unless it was asked not to', () => {
    const args = (changes: CameraSettingsGiven) => input({ url: 'https://c/x', ...changes }).join(' ');
    expect(args({})).toContain('-tls_verify 1');
    expect(args({ tlsVerify: false })).toContain('-tls_verify 0');
  });

  test('an RTSP camera is read through its relay, with its own path, query and credentials', () => {
    const rtsps = defaultCameraConfig({ ...settings, url: 'rtsps://u:p%40ss@c:322/s?channel=1' });
    const args = ffmpegArguments(rtsps, { ...options, relay: { port: 4711 } });
    expect(args[args.indexOf('-i') + 1]).toBe('rtsp://u:p%40ss@127.0.0.1:4711/s?channel=1');
  });

  test('a file as fast as it can be read', () => {
    expect(input({ url: '/a.ts' }, false)).toEqual([...local, '-stream_loop', '-1', '-i', 'file:/a.ts']);
  });

  test('an old ffmpeg is spoken to in its words', () => {
    const ffmpeg = {
      rtspTimeoutOption: '-stimeout',
      frameTimingOption: '-vsync',
    } as const;
    const args = ffmpegArguments(camera, { ...options, ffmpeg });
    expect(args.join(' ')).toContain('-stimeout 10500000');
    expect(args.join(' ')).toContain('-vsync passthrough');
    expect(args).not.toContain('-timeout');
    expect(args).not.toContain('-fps_mode');
  });

  test('a video device, with options of the user', () => {
    const ffmpegInput = [['video_size', '1280x720']] as const;
    expect(input({ url: 'v4l2:/dev/video2', ffmpegInput })).toEqual([
      ...limits,
      ...['-video_size', '1280x720', '-f', 'v4l2', '-i', '/dev/video2'],
    ]);
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
  inputSize: InputSize = { width: 320, height: 320 },
  frameHeight?: number,
) {
  const snapshots = frameHeight === undefined ? {} : { snapshot: true, frameHeight };
  const changes = { fps, ...snapshots, url: 'test:' };
  const args = ffmpegArguments(defaultCameraConfig({ ...settings, ...changes }), {
    ...options,
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
  ['1920x1080', '448x252', { width: 448, height: 256 }],
  ['1080x1920', '252x448', { width: 256, height: 448 }],
  ['640x480', '427x320', { width: 448, height: 320 }],
  ['1280x800', '410x256', { width: 448, height: 256 }],
  ['1280x1024', '448x358', { width: 448, height: 384 }],
  ['1000x1000', '448x448', { width: 448, height: 448 }],
  ['4608x1728', '448x168', { width: 448, height: 192 }],
  ['4000x10', '448x1', { width: 448, height: 64 }],
  ['320x180', '320x180', { width: 448, height: 256 }],
])('%s is fitted, as %s, into its shape of the size 448', (source, expected, shape) => {
  const inputSize = { side: 448, multiple: 64 };
  const [width = 0, height = 0] = source.split('x').map(Number);
  expect(shapeFor(inputSize, { width, height })).toEqual(shape);
  expect(frames(`testsrc=size=${source}:rate=1:duration=1`, 5, true, inputSize).size).toBe(expected);
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

test('a file at the rate that is asked for loses no frame while the machine stands still', async () => {
  const file = await clipOfTestPicture(320, 240, 25);
  const config = defaultCameraConfig({ ...settings, fps: 25, url: file });
  const args = ffmpegArguments(config, { ...options, ffmpeg: installed });
  args.splice(args.indexOf('-stream_loop'), 2);
  const child = spawn('ffmpeg', args, { stdio: ['ignore', 'pipe', 'ignore'] });
  let output = '';
  child.stdout.setEncoding('latin1').on('data', (text) => {
    output += text;
  });
  const closed = once(child, 'close');
  await once(child.stdout, 'data');
  child.kill('SIGSTOP');
  await sleep(1000);
  child.kill('SIGCONT');
  await closed;
  expect(output.split('FRAME\n').length - 1).toBe(100);
});

test('an input size that is not square', () => {
  const { size } = frames('testsrc=size=1920x1080:rate=1:duration=1', 5, true, {
    width: 640,
    height: 320,
  });
  expect(size).toBe('569x320');
});

/** In real time: frames are counted as they arrive, whatever the stream's own clock says. */
function arriving(source: string, times: string, fps: number): Promise<number> {
  const config = defaultCameraConfig({ ...settings, fps, url: 'test:' });
  const args = ffmpegArguments(config, { ...options, ffmpeg: installed }).map((arg) => {
    if (arg.startsWith('testsrc2')) return source;
    return arg.startsWith('select') ? `${times},${arg}` : arg;
  });
  return new Promise((resolve, reject) => {
    execFile('ffmpeg', args, { encoding: 'latin1', maxBuffer: 2 ** 28 }, (error, output) =>
      error ? reject(error) : resolve(output.split('FRAME\n').length - 1),
    );
  });
}

describe.concurrent('rate of what arrives in eight seconds', () => {
  const clocks = {
    'a clock that is right': 'null',
    'a clock that stands still': 'setpts=0',
    'a slow clock': 'setpts=PTS/10',
    'a fast clock': 'setpts=PTS*10',
    'a clock that jumps': "setpts='PTS+if(gt(mod(N,20),9),1e6,0)'",
    'a clock that runs backwards': 'setpts=1e6-PTS',
  };
  test.each(
    Object.entries(clocks).flatMap(([name, times]) => [
      [name, times, 25, 5, 40] as const,
      [name, times, 30, 7, 56] as const,
      [name, times, 2, 5, 16] as const,
      [name, times, 5, 5, 40] as const,
      [name, times, 10, 0.5, 4] as const,
    ]),
  )('%s (%s), %d frames a second, at most %d', async (_, times, rate, fps, expected) => {
    const count = await arriving(`testsrc=size=32x32:rate=${rate}:duration=8`, times, fps);
    expect(count).toBeLessThanOrEqual(expected + 2);
    // Half of them is what a busy machine may lose; the clocks would cost nine of ten.
    expect(count).toBeGreaterThanOrEqual(Math.floor(expected / 2));
  });
});

test('unpaced, every frame counts', () => {
  expect(frames('testsrc=size=32x32:rate=25:duration=4', 5, false).count).toBe(100);
});

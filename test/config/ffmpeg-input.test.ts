/** CAMERA_<NAME>_FFMPEG_INPUT: what may be given to ffmpeg, and what not. */
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { FFMPEG_INPUT_OPTIONS, ffmpegInput } from '../../src/config/ffmpeg-input.js';
import { loadConfig } from '../../src/config/load.js';
import { describeMistake } from '../../src/config/mistake.js';

function load(url: string, options: string) {
  const environment = { CAMERAS: 'front', CAMERA_FRONT_URL: url, CAMERA_FRONT_FFMPEG_INPUT: options };
  const { config, mistakes } = loadConfig(undefined, environment);
  return { options: config.cameras[0]?.ffmpegInput, mistakes: mistakes.map(describeMistake) };
}

test('options and their values, in order', () => {
  expect(load('v4l2:/dev/video0', '-input_format mjpeg  -video_size 1280x720 -framerate 15')).toEqual({
    options: [
      ['input_format', 'mjpeg'],
      ['video_size', '1280x720'],
      ['framerate', '15'],
    ],
    mistakes: [],
  });
  expect(load('rtsp://c/s', '-fflags nobuffer+genpts -rtsp_flags prefer_tcp').mistakes).toEqual([]);
});

test.each([
  '-i /etc/passwd',
  '-f concat',
  '-protocol_whitelist file,http',
  '-rtsp_flags listen',
  '-fflags +nobuffer',
  '-dump_attachment:t secret',
  '-user_agent file:///etc/passwd\u0000',
  '-video_size',
  '-video_size 1280x720 extra',
  'video_size 1280x720',
  '-probesize 1 -probesize 2',
  '-constructor 1',
  '-headers Authorization:x',
  '-http_proxy http://other',
  '-analyzeduration $(id)',
])('%s is refused', (text) => {
  expect(() => ffmpegInput(text)).toThrow();
  const { options, mistakes } = load('rtsp://c/s', text);
  expect(options).toBeUndefined();
  expect(mistakes).toEqual([expect.stringMatching(/^CAMERA_FRONT_FFMPEG_INPUT /)]);
});

test('an option for another kind of camera is named', () => {
  expect(load('rtsp://c/s', '-video_size 640x480').mistakes).toEqual([
    expect.stringContaining('-video_size is not for rtsp cameras'),
  ]);
  expect(load('v4l2:/dev/video0', '-reorder_queue_size 0').mistakes).toEqual([
    expect.stringContaining('-reorder_queue_size is not for v4l2 cameras'),
  ]);
});

test('every option is one of ffmpeg’s', () => {
  const help = ['full', 'demuxer=rtsp', 'demuxer=v4l2', 'protocol=http']
    .map((topic) =>
      execFileSync('ffmpeg', ['-hide_banner', '-h', topic], { encoding: 'utf8', maxBuffer: 2 ** 25 }),
    )
    .join('\n');
  for (const option of FFMPEG_INPUT_OPTIONS) expect(help).toMatch(new RegExp(`^ *${option}\\s`, 'm'));
});

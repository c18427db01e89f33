/** What an HTTP address is found to be. */
import { expect, test } from 'vitest';
import { parseCameraAddress } from '../../src/address/camera.js';
import { assumedKind, type EndedRun, hasClock, kindAfter, kindOfFormat } from '../../src/capture/input.js';

test.each([
  ['http://c/live/index.m3u8?token=1', 'hls'],
  ['https://c/LIVE.M3U8', 'hls'],
  ['http://c/playlist?file=x.m3u8', 'stream'],
  ['http://c/video.mjpg', 'stream'],
])('%s is assumed to be %s', (url, kind) => {
  expect(assumedKind(parseCameraAddress(url))).toBe(kind);
});

test.each([
  ['hls', 'hls'],
  ['dash', 'hls'],
  ['mov,mp4,m4a,3gp,3g2,mj2', 'fragments'],
  ['mpjpeg', 'stream'],
  ['mpegts', 'stream'],
  ['flv', 'stream'],
  ['jpeg_pipe', 'stream'],
])('%s is read as %s', (format, kind) => {
  expect(kindOfFormat('stream', format)).toBe(kind);
});

test.each(['hls', 'fragments', 'mjpeg', 'still'] as const)('what is known to be %s stays so', (kind) => {
  expect(kindOfFormat(kind, 'mov,mp4,m4a,3gp,3g2,mj2')).toBe(kind);
  const ended = { format: 'image2', frames: 0, exitCode: 0, complaints: ['Invalid data found'] };
  expect(kindAfter({ ...run, ...ended, kind })).toBeUndefined();
});

const run: EndedRun = {
  ...{ kind: 'stream', format: undefined, frames: 0, exitCode: 1 },
  ...{ end: 'ended', clockProblem: undefined, complaints: [] },
};
const mov = { format: 'mov,mp4,m4a,3gp,3g2,mj2', frames: 9, exitCode: 0 };
test.each([
  ['one picture', { format: 'image2', frames: 1, exitCode: 0 }, 'still'],
  ['one picture', { format: 'jpeg_pipe', frames: 1, exitCode: 0 }, 'still'],
  ['two pictures', { format: 'jpeg_pipe', frames: 2, exitCode: 0 }, undefined],
  ['boundary after the part', { complaints: ['x: Invalid data found when processing input'] }, 'mjpeg'],
  ['another type', { format: 'mpjpeg', complaints: ['Unexpected Content-Type : image/jpg'] }, 'mjpeg'],
  ['another boundary', { complaints: ["Expected boundary '--a' not found"] }, 'mjpeg'],
  ['a good stream with a broken picture', { frames: 9, complaints: ['Invalid data found'] }, undefined],
  ['a file', mov, 'fragments'],
  ['pieces longer than a stall', { ...mov, end: 'stalled' }, 'fragments'],
  ['a clock that is wrong', { ...mov, clockProblem: 'runs 10 times as fast as time' }, undefined],
  ['a file without a picture', { ...mov, frames: 0 }, undefined],
  ['a new size', { ...mov, end: 'resized' }, undefined],
  ['a refusal', { complaints: ['Server returned 401 Unauthorized'] }, undefined],
])('after %s: %o', (_, changes, kind) => {
  expect(kindAfter({ ...run, ...changes })).toBe(kind);
});

test.each([
  ['rtsp', true],
  ['mov,mp4,m4a,3gp,3g2,mj2', true],
  ['mpegts', true],
  ['mpjpeg', false],
  ['image2', false],
  [undefined, false],
])('whether %s has times of the camera', (format, clock) => {
  expect(hasClock(format)).toBe(clock);
});

/** Every kind of source brings the picture in the colours that it has, however they are coded. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import sharp from 'sharp';
import { beforeAll, expect, test, vi } from 'vitest';
import { Camera } from '../../src/capture/camera.js';
import { type Ffmpeg, findFfmpeg } from '../../src/capture/ffmpeg.js';
import { defaultCameraConfig } from '../../src/config/types.js';
import type { CapturedFrame } from '../../src/frame/frame.js';
import { execute } from '../support/execute.js';
import { clipOfColour } from '../support/footage.js';
import { HttpCamera } from '../support/http-camera.js';
import { memoryLog } from '../support/log.js';

const colour = [200, 40, 90] as const;

let ffmpeg: Ffmpeg;
beforeAll(async () => {
  ffmpeg = await findFfmpeg();
});

async function frameOf(url: string): Promise<CapturedFrame> {
  const { log } = memoryLog();
  const config = defaultCameraConfig({
    name: 'front',
    url,
    snapshot: false,
    regions: false,
    stallTimeout: 20,
  });
  const camera = new Camera(config, { ffmpeg, inputSize: { width: 320, height: 320 }, log });
  camera.start();
  try {
    return await vi.waitUntil(() => camera.take(), { timeout: 100_000, interval: 20 });
  } finally {
    await camera.stop();
  }
}

/** R, G, B of the pixel in the middle, by the definitions in ITU-R BT.601 and BT.709. */
function middle({ data, width, height, matrix, range }: CapturedFrame): number[] {
  const chromaWidth = Math.ceil(width / 2);
  const chromaBytes = chromaWidth * Math.ceil(height / 2);
  const chromaAt = width * height + Math.floor(height / 4) * chromaWidth + Math.floor(width / 4);
  const at = (offset: number) => data[offset] ?? Number.NaN;
  const full = range === 'full';
  const y = full
    ? at(Math.floor(height / 2) * width + Math.floor(width / 2)) / 255
    : (at(Math.floor(height / 2) * width + Math.floor(width / 2)) - 16) / 219;
  const [u, v] = [at(chromaAt), at(chromaAt + chromaBytes)].map(
    (value) => (value - 128) / (full ? 255 : 224),
  ) as [number, number];
  const [red, blue] = matrix === 'bt709' ? [0.2126, 0.0722] : [0.299, 0.114];
  const r = y + 2 * (1 - red) * v;
  const b = y + 2 * (1 - blue) * u;
  const g = (y - red * r - blue * b) / (1 - red - blue);
  return [r, g, b].map((value) => Math.round(255 * value));
}

function expectColour(frame: CapturedFrame): void {
  for (const [index, value] of middle(frame).entries()) {
    expect(Math.abs(value - (colour[index] ?? Number.NaN)), `channel ${index}: ${value}`).toBeLessThanOrEqual(
      4,
    );
  }
}

test.each([
  ['bt709', 'tv'],
  ['bt709', 'pc'],
  ['smpte170m', 'tv'],
  ['smpte170m', 'pc'],
  ['rgb', 'pc'],
] as const)('H.264 in a file: %s, %s', async (matrix, range) => {
  const frame = await frameOf(await clipOfColour(colour, matrix, range));
  expect(frame).toMatchObject({ width: 320, height: 180, sourceWidth: 1280, sourceHeight: 720 });
  expectColour(frame);
});

test('a file by its URL', async () => {
  expectColour(await frameOf(pathToFileURL(await clipOfColour(colour, 'bt709', 'tv')).href));
});

test('a moving test picture', async () => {
  expect(await frameOf('test:')).toMatchObject({ sourceWidth: 1280, sourceHeight: 720 });
});

test('MJPEG and HLS over HTTP', async () => {
  const background = { r: colour[0], g: colour[1], b: colour[2] };
  const jpeg = await sharp({ create: { width: 641, height: 479, channels: 3, background } })
    .jpeg()
    .toBuffer();
  const folder = await mkdtemp(join(tmpdir(), 'ghostcam-hls-'));
  const clip = await clipOfColour(colour, 'bt709', 'tv');
  const playlist = join(folder, 'live.m3u8');
  await execute('ffmpeg', [
    '-nostdin',
    '-loglevel',
    'error',
    '-i',
    clip,
    '-c',
    'copy',
    '-hls_time',
    '1',
    playlist,
  ]);
  try {
    await using camera = await HttpCamera.start(jpeg, folder);
    const mjpeg = await frameOf(camera.url('/mjpeg?token=t0psecret'));
    expect(mjpeg).toMatchObject({ sourceWidth: 641, sourceHeight: 479, width: 320, height: 239 });
    expectColour(mjpeg);
    const hls = await frameOf(camera.url('/hls/live.m3u8'));
    expect(hls).toMatchObject({ sourceWidth: 1280, sourceHeight: 720 });
    expectColour(hls);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

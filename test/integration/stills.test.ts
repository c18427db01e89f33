/** A photograph before a camera gives the boxes of the photograph, whatever the camera's size, shape and colours. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { Camera } from '../../src/capture/camera.js';
import { type Ffmpeg, findFfmpeg } from '../../src/capture/ffmpeg.js';
import { defaultCameraConfig } from '../../src/config/types.js';
import type { Detection } from '../../src/detect/detection.js';
import { Detector } from '../../src/detect/detector.js';
import type { CapturedFrame } from '../../src/frame/frame.js';
import { iou } from '../../src/geometry/box.js';
import { stillFile } from '../../src/still/file.js';
import { readStill } from '../../src/still/read.js';
import { clipOfStill } from '../support/footage.js';
import { memoryLog } from '../support/log.js';

const photos = fileURLToPath(new URL('../fixtures/photos/', import.meta.url));
let detector: Detector;
let ffmpeg: Ffmpeg;
let folder: string;

beforeAll(async () => {
  detector = await Detector.open({ model: 'yolov8n-ghostnetv2-448', provider: 'cpu' });
  ffmpeg = await findFfmpeg();
  folder = await mkdtemp(join(tmpdir(), 'ghostcam-stills-'));
});

afterAll(async () => {
  await detector?.close();
  await rm(folder, { recursive: true, force: true });
});

/** The photograph as a picture of this size: undistorted, on a grey ground. */
async function picture(photo: string, width: number, height: number): Promise<string> {
  const path = join(folder, `${width}x${height}-${photo}`);
  const ground = { r: 114, g: 114, b: 114 };
  await sharp(join(photos, photo)).resize(width, height, { fit: 'contain', background: ground }).toFile(path);
  return path;
}

/** A frame of the clip as a camera that shows it would deliver it. */
async function frameOf(clip: string, snapshot: boolean): Promise<CapturedFrame> {
  const { log } = memoryLog();
  const camera = new Camera(defaultCameraConfig({ name: 'front', url: clip, snapshot }), {
    ffmpeg,
    inputSize: detector.info.inputSize,
    log,
    paced: false,
  });
  camera.start();
  try {
    return await vi.waitUntil(() => camera.take(), { timeout: 100_000, interval: 20 });
  } finally {
    await camera.stop();
  }
}

function best(detections: readonly Detection[], label: string): Detection {
  const found = detections.find((detection) => detection.label === label);
  expect(found, `a ${label}`).toBeDefined();
  return found as Detection;
}

/** Of four numbers. */
function median(numbers: readonly number[]): number {
  const [, low = Number.NaN, high = Number.NaN] = numbers.toSorted((a, b) => a - b);
  return (low + high) / 2;
}

/** Input pixels that an edge may move: more than one where the network is unsure of one. */
test.each([
  ['astronaut.png', 1920, 1080, 'person', 1],
  ['astronaut.png', 1080, 1920, 'person', 1],
  ['astronaut.png', 640, 480, 'person', 2],
  ['camera.png', 311, 233, 'person', 1],
  ['astronaut.png', 1281, 723, 'person', 1],
  ['chelsea.png', 1280, 720, 'cat', 3],
  ['chelsea.png', 2560, 1440, 'cat', 3],
])('%s at %d x %d', async (photo, width, height, label, most) => {
  // Shrunk to the detector's input by ffmpeg, or, with snapshots, by the letterbox.
  for (const snapshot of [false, true]) {
    const image = await picture(photo, width, height);
    const still = await detector.detect(await readStill(stillFile(image)));
    const frame = await frameOf(await clipOfStill(image, { width, height }), snapshot);
    expect(frame).toMatchObject({
      sourceWidth: width,
      sourceHeight: height,
      matrix: 'bt709',
      range: 'limited',
    });
    const seen = await detector.detect(frame, { sourceWidth: width, sourceHeight: height });
    const [expected, got] = [best(still.detections, label), best(seen.detections, label)];
    // Half of the colours' samples, what H.264 leaves of them, and another scaler: edges move by less than a pixel of the
    // detector's input, all but those that the network itself is unsure of.
    const input = detector.shapeFor({ width, height });
    const pixel = Math.max(1, width / input.width, height / input.height);
    const moved = expected.box.map((where, side) => Math.abs((got.box[side] ?? Number.NaN) - where) / pixel);
    expect(Math.max(...moved), `pixels moved: ${moved}`).toBeLessThanOrEqual(most);
    expect(median(moved), `pixels moved: ${moved}`).toBeLessThanOrEqual(1);
    expect(iou(got.box, expected.box)).toBeGreaterThan(0.95);
    expect(Math.abs(got.score - expected.score)).toBeLessThan(0.05);
  }
});

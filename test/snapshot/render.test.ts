/** Pictures of events, made of a photograph with a person: the detector itself says whether he is in them. */
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Detection } from '../../src/detect/detection.js';
import { Detector } from '../../src/detect/detector.js';
import type { PixelFrame } from '../../src/frame/frame.js';
import { renderSnapshot, type SnapshotSettings } from '../../src/snapshot/render.js';
import { stillFile } from '../../src/still/file.js';
import { readStill } from '../../src/still/read.js';
import type { ObjectEvent } from '../../src/track/types.js';

const PHOTO = 'test/fixtures/photos/camera.png';
const PLAIN: SnapshotSettings = {
  snapshotCrop: false,
  snapshotDraw: [],
  snapshotMaxKb: 1000,
  zones: [{ name: 'lawn', dwell: 0, polygon: polygon([0.6, 0.6], [0.9, 0.6], [0.9, 0.9], [0.6, 0.9]) }],
  masks: [polygon([0, 0], [0.2, 0], [0.2, 0.2], [0, 0.2])],
};
/** 2026-11-25T13:03:12.482Z */
const AT = Date.UTC(2026, 10, 25, 13, 3, 12, 482);

let detector: Detector;
let photo: PixelFrame;
let person: Detection;
beforeAll(async () => {
  detector = await Detector.open({ model: 'yolov8n-ghostnetv2-320', provider: 'cpu', threads: 1 });
  photo = await readStill(stillFile(PHOTO));
  const { detections } = await detector.detect(photo);
  person = detections[0] as Detection;
  expect(person.label).toBe('person');
});
afterAll(() => detector?.close());

function polygon(...corners: [number, number][]) {
  return { unit: 'share' as const, corners: corners.map(([x, y]) => ({ x, y })) };
}

/** @param scale Of the camera's picture, compared with the photograph. */
function event(scale = 1): ObjectEvent {
  const { label, score } = person;
  const box = person.box.map((corner) => scale * corner) as unknown as Detection['box'];
  const size = { width: scale * photo.width, height: scale * photo.height };
  const state = { zones: [], enteredZones: [], path: [], startedAt: AT, stationary: false };
  return {
    id: 'k3-1',
    camera: 'front',
    label,
    score,
    box,
    size,
    topScore: score,
    best: { at: AT, score, box },
    ...state,
  };
}

/** The JPEG's pixels. */
async function pixelsOf(jpeg: Buffer): Promise<PixelFrame> {
  const { data, info } = await sharp(jpeg).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { data, format: 'rgb24', width: info.width, height: info.height };
}

function at({ data, width }: PixelFrame, x: number, y: number): number[] {
  const offset = 3 * (Math.round(y) * width + Math.round(x));
  return [...data.subarray(offset, offset + 3)];
}

const isRed = ([r = 0, g = 0, b = 0]: number[]) => r > g + 60 && r > b + 60;

test('the whole picture, nothing drawn: the detector finds the same as in the photograph', async () => {
  const picture = await pixelsOf(await renderSnapshot(photo, event(), PLAIN));
  expect([picture.width, picture.height]).toEqual([photo.width, photo.height]);
  const [found] = (await detector.detect(picture)).detections;
  expect(found).toMatchObject({ label: 'person' });
  for (const [corner, value] of person.box.entries()) {
    expect(Math.abs((found?.box[corner] ?? Number.NaN) - value)).toBeLessThan(8);
  }
});

test('cropped, it has all of the object and little else, also where frames are smaller than the picture', async () => {
  // The photograph in the middle of a wall.
  const [x, y] = [600, 400];
  const sides = { left: x, right: x, top: y, bottom: y, background: '#999' };
  const { data, info } = await sharp(PHOTO)
    .toColourspace('srgb')
    .extend(sides)
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const inWall = event(3);
  inWall.size = { width: 3 * info.width, height: 3 * info.height };
  inWall.best.box = person.box.map(
    (corner, index) => 3 * (corner + (index % 2 ? y : x)),
  ) as unknown as Detection['box'];
  const frame = { data, format: 'rgb24' as const, width: info.width, height: info.height };
  const picture = await pixelsOf(await renderSnapshot(frame, inWall, { ...PLAIN, snapshotCrop: true }));
  expect(picture.width * picture.height).toBeLessThan(0.4 * info.width * info.height);
  const [found] = (await detector.detect(picture)).detections;
  expect(found?.label).toBe('person');
  // As large as in the photograph: nothing of him is missing.
  const [x1, y1, x2, y2] = person.box;
  const [left, top, right, bottom] = found?.box ?? [0, 0, 0, 0];
  expect((right - left) / (x2 - x1)).toBeGreaterThan(0.9);
  expect((bottom - top) / (y2 - y1)).toBeGreaterThan(0.9);
});

test.each([
  ['in the middle', [200, 200, 220, 240]],
  ['in a corner', [0, 0, 10, 20]],
  ['in the last corner', [500, 490, 512, 512]],
  ['of the whole picture', [0, 0, 512, 512]],
  ['beyond the picture', [-10, -10, 530, 530]],
] as [string, Detection['box']][])('a crop around a box %s is inside the picture', async (_, box) => {
  const best = { at: AT, score: 0.5, box };
  const picture = await pixelsOf(
    await renderSnapshot(photo, { ...event(), best }, { ...PLAIN, snapshotCrop: true }),
  );
  const [x1, y1, x2, y2] = box.map((corner) =>
    Math.max(0, Math.min(corner, 512)),
  ) as unknown as Detection['box'];
  expect(picture.width).toBeGreaterThanOrEqual(Math.max(128, x2 - x1));
  expect(picture.height).toBeGreaterThanOrEqual(Math.max(128, y2 - y1));
});

describe('what is drawn', () => {
  const drawn = async (...draw: SnapshotSettings['snapshotDraw']) =>
    pixelsOf(await renderSnapshot(photo, event(2), { ...PLAIN, snapshotDraw: draw }));

  test('the box, where the object is, with its caption', async () => {
    const picture = await drawn('box');
    const [x1, y1, , y2] = person.box;
    expect(isRed(at(picture, x1, (y1 + y2) / 2))).toBe(true);
    expect(isRed(at(await drawn(), x1, (y1 + y2) / 2))).toBe(false);
    expect(isRed(at(picture, (x1 + person.box[2]) / 2, (y1 + y2) / 2))).toBe(false);
  });

  test('zones', async () => {
    const [x, y] = [0.9 * photo.width, 0.75 * photo.height];
    expect(isRed(at(await drawn('zones'), x, y))).toBe(true);
    expect(isRed(at(await drawn('box', 'masks', 'time'), x, y))).toBe(false);
  });

  test('masks', async () => {
    const brightness = async (picture: Promise<PixelFrame>) => at(await picture, 50, 50)[0] ?? Number.NaN;
    expect(await brightness(drawn('masks'))).toBeLessThan(0.6 * (await brightness(drawn())));
  });

  test('the time', async () => {
    const white: PixelFrame = { ...photo, data: new Uint8Array(photo.data.length).fill(255) };
    const corner = async (...draw: SnapshotSettings['snapshotDraw']) =>
      at(
        await pixelsOf(await renderSnapshot(white, event(), { ...PLAIN, snapshotDraw: draw })),
        3,
        photo.height - 3,
      );
    expect(Math.max(...(await corner('time')))).toBeLessThan(30);
    expect(Math.min(...(await corner()))).toBeGreaterThan(225);
  });
});

test('the EXIF says when, to the millisecond and with the zone, which camera and which event', async () => {
  const jpeg = await renderSnapshot(photo, event(), PLAIN);
  const { exif } = await sharp(jpeg).metadata();
  const text = exif?.toString('latin1') ?? '';
  const [, date = '', time = ''] = /(\d{4}:\d\d:\d\d) (\d\d:\d\d:\d\d)\0/.exec(text) ?? [];
  const [, offset = ''] = /([+-]\d\d:\d\d)\0/.exec(text) ?? [];
  expect(new Date(`${date.replaceAll(':', '-')}T${time}.482${offset}`).getTime()).toBe(AT);
  expect(text).toContain('482\0');
  expect(text).toContain(`person ${person.score.toFixed(2)}, camera front, event k3-1`);
});

test.each([200, 40, 10])('no picture is above %i kB', async (snapshotMaxKb) => {
  const maxBytes = 1000 * snapshotMaxKb;
  const jpeg = await renderSnapshot(await noise(), event(), {
    ...PLAIN,
    snapshotDraw: ['box', 'time'],
    snapshotMaxKb,
  });
  expect(jpeg.length).toBeLessThanOrEqual(maxBytes);
  const { format, width, height } = await sharp(jpeg).metadata();
  expect(format).toBe('jpeg');
  expect(width / height).toBeCloseTo(1280 / 720, 1);
  // The limit is used.
  expect(jpeg.length).toBeGreaterThan(0.4 * maxBytes);
});

/** What compresses worst. */
async function noise(): Promise<PixelFrame> {
  const size = { width: 1280, height: 720 };
  const { data } = await sharp({
    create: { ...size, channels: 3, background: '#888', noise: { type: 'gaussian', mean: 128, sigma: 60 } },
  })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data, format: 'rgb24', ...size };
}

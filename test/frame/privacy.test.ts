import { expect, test } from 'vitest';
import type { PixelFrame } from '../../src/frame/frame.js';
import { PrivacyMask } from '../../src/frame/privacy.js';
import type { Polygon } from '../../src/geometry/zones.js';

const LEFT: Polygon = {
  unit: 'share',
  corners: [
    { x: 0, y: 0 },
    { x: 0.4, y: 0 },
    { x: 0.4, y: 1 },
    { x: 0, y: 1 },
  ],
};

function yuv(width: number, height: number, range?: 'full'): PixelFrame {
  const bytes = width * height + 2 * Math.ceil(width / 2) * Math.ceil(height / 2);
  return {
    data: new Uint8Array(bytes).fill(200),
    format: 'yuv420p',
    width,
    height,
    ...(range ? { range } : {}),
  };
}

const hide = (frame: PixelFrame, areas: readonly Polygon[] = [LEFT]): number[] => {
  const mask = new PrivacyMask();
  mask.cover(areas);
  mask.blacken(frame, frame);
  return [...frame.data];
};

test('yuv420p: luma is black, chroma without colour in every sample that shows a private pixel', () => {
  // 0.4 of 5 is 2, and one pixel beside it.
  expect(hide(yuv(5, 2))).toEqual([
    ...[16, 16, 16, 200, 200],
    ...[16, 16, 16, 200, 200],
    ...[128, 128, 200],
    ...[128, 128, 200],
  ]);
  expect(hide(yuv(5, 2, 'full')).slice(0, 5)).toEqual([0, 0, 0, 200, 200]);
});

test('rgb24', () => {
  const frame: PixelFrame = { data: new Uint8Array(15).fill(200), format: 'rgb24', width: 5, height: 1 };
  expect(hide(frame)).toEqual([...Array(9).fill(0), ...Array(6).fill(200)]);
});

test('without areas nothing is written; other areas and other sizes are drawn anew', () => {
  expect(hide(yuv(5, 2), [])).toEqual(Array(16).fill(200));
  const mask = new PrivacyMask();
  mask.cover([LEFT]);
  for (const [width, height] of [
    [10, 2],
    [20, 2],
    [10, 4],
  ] as const) {
    const frame = yuv(width, height);
    mask.blacken(frame, frame);
    expect(frame.data.indexOf(200)).toBe(0.4 * width + 1);
  }
  mask.cover([]);
  const frame = yuv(10, 2);
  mask.blacken(frame, frame);
  expect(frame.data.includes(16)).toBe(false);
});

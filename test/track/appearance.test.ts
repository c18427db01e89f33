/** What is seen in a box, and how alike two are. */
import { expect, test } from 'vitest';
import type { CapturedFrame } from '../../src/frame/frame.js';
import { appearanceIn, learn, similarity } from '../../src/track/appearance.js';

interface Colour {
  y: number;
  u: number;
  v: number;
}

const STREET: Colour = { y: 120, u: 128, v: 128 };
const BLUE: Colour = { y: 70, u: 150, v: 118 };
const RED: Colour = { y: 70, u: 116, v: 152 };
const DARK: Colour = { y: 40, u: 128, v: 128 };

/** A frame of a picture twice as large, with boxes in colours; boxes in pixels of the picture. */
function painted(
  things: readonly { box: readonly [number, number, number, number]; colour: Colour }[],
  { width, height } = { width: 161, height: 91 },
): CapturedFrame {
  const chroma = { width: (width + 1) >> 1, height: (height + 1) >> 1 };
  const planes = [
    new Uint8Array(width * height),
    ...[0, 1].map(() => new Uint8Array(chroma.width * chroma.height)),
  ];
  const fill = (x1: number, y1: number, x2: number, y2: number, { y, u, v }: Colour) => {
    for (const [index, value] of [y, u, v].entries()) {
      const [step, row] = index === 0 ? [1, width] : [2, chroma.width];
      for (let top = Math.floor(y1 / step); top < Math.ceil(y2 / step); top++) {
        planes[index]?.fill(value, top * row + Math.floor(x1 / step), top * row + Math.ceil(x2 / step));
      }
    }
  };
  fill(0, 0, width, height, STREET);
  for (const { box, colour } of things) {
    const [x1, y1, x2, y2] = box.map((side) => side / 2) as [number, number, number, number];
    fill(x1, y1, x2, y2, colour);
  }
  const data = Uint8Array.from(planes.flatMap((plane) => [...plane]));
  const times = { capturedAt: 0, capturedAtMonotonic: 0, sequence: 1 };
  return {
    data,
    format: 'yuv420p',
    width,
    height,
    sourceWidth: 2 * width,
    sourceHeight: 2 * height,
    ...times,
  };
}

/** Somebody of 40 x 100 pixels whose upper left corner is there. */
const dressed = (x: number, y: number, upper: Colour, lower: Colour) => [
  { box: [x, y, x + 40, y + 50] as const, colour: upper },
  { box: [x, y + 50, x + 40, y + 100] as const, colour: lower },
];
const boxAt = (x: number, y: number) => [x, y, x + 40, y + 100] as const;
const seen = (frame: CapturedFrame, box: readonly [number, number, number, number]) => {
  const appearance = appearanceIn(frame, box);
  if (appearance === undefined) throw new Error('nothing is seen');
  return appearance;
};

test('the same person elsewhere and a little beside his box looks alike; other colours do not, nor the same ones upside down', () => {
  const frame = painted([
    ...dressed(20, 20, BLUE, DARK),
    ...dressed(100, 60, BLUE, DARK),
    ...dressed(180, 40, RED, DARK),
    ...dressed(260, 40, DARK, BLUE),
  ]);
  const first = seen(frame, boxAt(20, 20));
  expect(similarity(first, first)).toBeCloseTo(1, 5);
  expect(similarity(first, seen(frame, boxAt(100, 60)))).toBeGreaterThan(0.95);
  expect(similarity(first, seen(frame, [103, 56, 145, 158]))).toBeGreaterThan(0.75);
  expect(similarity(first, seen(frame, boxAt(180, 40)))).toBeLessThan(0.3);
  expect(similarity(first, seen(frame, boxAt(260, 40)))).toBeLessThan(0.3);
});

test('all of it is shares of the pixels, for a box of any size, at the edge and beyond it', () => {
  const frame = painted(dressed(20, 20, BLUE, DARK));
  for (const box of [boxAt(20, 20), [5, 5, 6, 6], [-30, -20, 400, 300], [318, 178, 330, 190]] as const) {
    const appearance = seen(frame, box);
    for (let start = 0; start < appearance.length; start += 8) {
      const sum = appearance.slice(start, start + 8).reduce((total, share) => total + share, 0);
      expect(sum).toBeCloseTo(1, 4);
    }
  }
});

test('brightness that changes a little changes little', () => {
  const brighter = { ...DARK, y: DARK.y + 6 };
  const before = seen(painted(dressed(20, 20, DARK, DARK)), boxAt(20, 20));
  const after = seen(painted(dressed(20, 20, brighter, brighter)), boxAt(20, 20));
  expect(similarity(before, after)).toBeGreaterThan(0.9);
});

test('what is known follows what is seen, slowly', () => {
  const frame = painted([...dressed(20, 20, BLUE, DARK), ...dressed(180, 40, RED, DARK)]);
  const blue = seen(frame, boxAt(20, 20));
  const red = seen(frame, boxAt(180, 40));
  const known = blue.slice();
  learn(known, red);
  expect(similarity(known, blue)).toBeGreaterThan(similarity(known, red));
  for (let times = 0; times < 60; times++) learn(known, red);
  expect(similarity(known, red)).toBeGreaterThan(0.95);
});

test('of a frame that is not in yuv420p nothing is known', () => {
  const frame = painted([]);
  expect(
    appearanceIn({ ...frame, data: new Uint8Array(3 * 161 * 91), format: 'rgb24' }, boxAt(0, 0)),
  ).toBeUndefined();
});

/** Captions: inside the picture, beside what they name, never over each other. */
import { expect, test } from 'vitest';
import { placeCaption, type Rectangle } from '../../src/snapshot/captions.js';
import { seededRandom } from '../support/random.js';

const PICTURE = { width: 640, height: 360 };
const CAPTION = { width: 70, height: 13 };

const place = (named: Rectangle, taken: Rectangle[] = []) => placeCaption(CAPTION, named, taken, PICTURE);
const overlap = (a: Rectangle, b: Rectangle) =>
  a.left < b.left + b.width &&
  b.left < a.left + a.width &&
  a.top < b.top + b.height &&
  b.top < a.top + a.height;

test.each([
  ['above it', { left: 100, top: 100, width: 50, height: 80 }, { left: 100, top: 87 }],
  [
    'below it, where the picture begins with it',
    { left: 100, top: 5, width: 50, height: 80 },
    { left: 100, top: 85 },
  ],
  [
    'within it, where it fills the picture',
    { left: 0, top: 0, width: 640, height: 360 },
    { left: 0, top: 0 },
  ],
  ['not beyond the right side', { left: 620, top: 100, width: 15, height: 80 }, { left: 570, top: 87 }],
  ['not beyond the left side', { left: -20, top: 100, width: 15, height: 80 }, { left: 0, top: 87 }],
  ['above the last row', { left: 0, top: 360, width: 0, height: 0 }, { left: 0, top: 347 }],
])('a caption stands %s', (_, named, expected) => {
  expect(place(named)).toEqual({ ...CAPTION, ...expected });
});

test('two cars side by side: the second caption evades the first', () => {
  const first = place({ left: 100, top: 100, width: 40, height: 80 });
  const second = place({ left: 145, top: 100, width: 40, height: 80 }, [first]);
  expect(overlap(first, second)).toBe(false);
  expect(second.top === 180 || second.left >= 170).toBe(true);
});

test('captions of a crowd do not overlap, and are inside', () => {
  for (let seed = 1; seed <= 50; seed++) {
    const random = seededRandom(seed);
    const taken: Rectangle[] = [];
    for (let count = 0; count < 25; count++) {
      const [left, top] = [random() * 600, random() * 320].map(Math.round) as [number, number];
      const named = { left, top, width: Math.round(random() * 100), height: Math.round(random() * 100) };
      const caption = place(named, taken);
      expect(taken.filter((other) => overlap(caption, other))).toEqual([]);
      expect(caption.left).toBeGreaterThanOrEqual(0);
      expect(caption.top).toBeGreaterThanOrEqual(0);
      expect(caption.left + caption.width).toBeLessThanOrEqual(PICTURE.width);
      expect(caption.top + caption.height).toBeLessThanOrEqual(PICTURE.height);
      taken.push(caption);
    }
  }
});

test('where nothing is free, the caption stands where it belongs', () => {
  const whole = { left: 0, top: 0, ...PICTURE };
  expect(place({ left: 100, top: 100, width: 50, height: 80 }, [whole])).toEqual({
    ...CAPTION,
    left: 100,
    top: 87,
  });
});

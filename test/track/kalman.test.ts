import { expect, test } from 'vitest';
import type { Box } from '../../src/geometry/box.js';
import { BoxFilter } from '../../src/track/kalman.js';
import { seededRandom } from '../support/random.js';

/** 40 x 80 pixels, walking 60 pixels a second to the right. */
const walker = (at: number): Box => [0.06 * at, 100, 0.06 * at + 40, 180];
const centre = ([x1, , x2]: Box) => (x1 + x2) / 2;

test('an unseen walker is where his velocity takes him, whatever the frame rate was', () => {
  for (const step of [40, 100, 200, 500]) {
    const filter = new BoxFilter(walker(0), 0);
    for (let at = step; at <= 3000; at += step) filter.correct(walker(at), at);
    const { box } = filter.predict(4000);
    expect(Math.abs(centre(box) - centre(walker(4000)))).toBeLessThan(6);
  }
});

test('uneven intervals are no different', () => {
  const next = seededRandom(1);
  const filter = new BoxFilter(walker(0), 0);
  for (let at = 0; at <= 3000; at += 40 + Math.round(400 * next())) filter.correct(walker(at), at);
  expect(Math.abs(centre(filter.predict(4000).box) - centre(walker(4000)))).toBeLessThan(6);
});

test('noise is smoothed: the filtered box is nearer to the truth than the measured one', () => {
  const next = seededRandom(2);
  const noise = () => (next() - 0.5) * 12;
  const filter = new BoxFilter(walker(0), 0);
  let measured = 0;
  let filtered = 0;
  for (let at = 40; at <= 20_000; at += 40) {
    const seen = walker(at).map((value) => value + noise()) as unknown as Box;
    filter.correct(seen, at);
    if (at < 2000) continue;
    measured += (centre(seen) - centre(walker(at))) ** 2;
    filtered += (centre(filter.predict(at).box) - centre(walker(at))) ** 2;
  }
  expect(filtered).toBeLessThan(measured / 2);
});

test('the uncertainty grows with time and shrinks with every sighting', () => {
  const filter = new BoxFilter(walker(0), 0);
  const first = filter.predict(500).sigmaX;
  expect(filter.predict(1000).sigmaX).toBeGreaterThan(first);
  filter.correct(walker(500), 500);
  expect(filter.predict(500).sigmaX).toBeLessThan(first);
  filter.correct(walker(1000), 1000);
  expect(filter.predict(1500).sigmaX).toBeLessThan(first);
});

test('a box of two, or of half of one, says little: the walker stays where he was to be expected', () => {
  const followed = () => {
    const filter = new BoxFilter(walker(0), 0);
    for (let at = 200; at <= 2000; at += 200) filter.correct(walker(at), at);
    return filter;
  };
  const [x1, y1, x2, y2] = walker(2200);
  for (const wrong of [
    [x1, y1, x2 + 45, y2],
    [x1, y1 - 50, x2, y2],
    [x1, y1, x2, y2 - 40],
  ] satisfies Box[]) {
    const filter = followed();
    expect(filter.correct(wrong, 2200)).toBe(false);
    const { box, sigmaX } = filter.predict(2200);
    for (const [side, value] of box.entries())
      expect(Math.abs(value - (walker(2200)[side] as number))).toBeLessThan(12);
    // He is to be looked at again sooner than who was found as he should be.
    const usual = followed();
    expect(usual.correct(walker(2200), 2200)).toBe(true);
    expect(sigmaX).toBeGreaterThan(usual.predict(2200).sigmaX);
  }
});

test('who comes nearer fast, or is of another size for good, is believed', () => {
  const growing = (at: number): Box => [0, 0, 40 + 0.012 * at, 80 + 0.024 * at];
  const filter = new BoxFilter(growing(0), 0);
  for (let at = 200; at <= 4000; at += 200) expect(filter.correct(growing(at), at)).toBe(true);
  for (let at = 4200; at <= 7000; at += 200) filter.correct([0, 0, 40, 80], at);
  expect(filter.correct([0, 0, 40, 80], 7200)).toBe(true);
  expect(filter.predict(7200).box[3] - filter.predict(7200).box[1]).toBeLessThan(95);
});

test('a box keeps its size however long it is unseen', () => {
  const filter = new BoxFilter([0, 0, 16, 36], 0);
  filter.correct([0, 0, 14, 35], 200);
  filter.correct([0, 0, 12, 34], 400);
  const [x1, y1, x2, y2] = filter.predict(400).box;
  const later = filter.predict(2400).box;
  expect(later[2] - later[0]).toBeCloseTo(x2 - x1);
  expect(later[3] - later[1]).toBeCloseTo(y2 - y1);
});

test('a box never turns inside out', () => {
  const filter = new BoxFilter([0, 0, 100, 100], 0);
  filter.correct([20, 20, 80, 80], 100);
  filter.correct([40, 40, 60, 60], 200);
  const [x1, y1, x2, y2] = filter.predict(60_000).box;
  expect(x2).toBeGreaterThan(x1);
  expect(y2).toBeGreaterThan(y1);
});

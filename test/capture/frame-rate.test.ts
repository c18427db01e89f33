import { expect, test } from 'vitest';
import { FrameRate } from '../../src/capture/frame-rate.js';

function rateAfter(times: number[], now: number): number {
  let time = 0;
  const rate = new FrameRate({ monotonic: () => time, wallTime: () => 0, sleep: async () => {} });
  for (time of times) rate.tick();
  time = now;
  return rate.perSecond();
}

const every = (ms: number, count: number) => Array.from({ length: count }, (_, index) => index * ms);

test.each([
  ['before the first frame', [], 5_000, 0],
  ['of a steady camera', every(200, 51), 10_000, 5],
  [
    'long after the start, of the last ten seconds only',
    [...every(10, 500), ...every(200, 51).map((t) => t + 50_000)],
    60_000,
    5,
  ],
  ['slows down while no frame comes', every(200, 26), 10_000, 2.5],
  ['ten seconds after the last frame', every(200, 26), 15_001, 0],
])('%s', (_, times, now, expected) => {
  expect(rateAfter(times, now)).toBeCloseTo(expected, 1);
});

test('frames that were counted together came one after the other', () => {
  let time = 0;
  const rate = new FrameRate({ monotonic: () => time, wallTime: () => 0, sleep: async () => {} });
  rate.tick();
  for (time = 2000; time <= 20_000; time += 2000) rate.tick(10);
  // The first of the last ten seconds came at 10.2 s.
  for (const now of [20_100, 20_900, 21_500]) {
    time = now;
    expect(rate.perSecond()).toBeGreaterThan(4.2);
    expect(rate.perSecond()).toBeLessThan(5.1);
  }
});

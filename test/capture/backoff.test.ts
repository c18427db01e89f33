import { expect, test } from 'vitest';
import { Backoff } from '../../src/capture/backoff.js';

/** The delays after runs whose frames came for so many milliseconds; undefined: none came. */
const delays = (backoff: Backoff, runs: readonly (number | undefined)[]) =>
  runs.map((framesCameFor) => backoff.next(framesCameFor));
const never = (count: number) => new Array<undefined>(count).fill(undefined);

test('without a picture, delays double from one second to thirty and stay there', () => {
  const backoff = new Backoff(() => 0);
  expect(delays(backoff, never(8))).toEqual([1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000]);
  delays(backoff, never(5000));
  expect(backoff.next(undefined)).toBe(30000);
});

test('jitter takes off up to a quarter', () => {
  expect(delays(new Backoff(() => 1), [...never(6), 20_000])).toEqual([
    750, 1500, 3000, 6000, 12000, 22500, 150,
  ]);
});

test.each([5_000, 8_000, 20_000, 3_600_000])('after each good run of %d ms it is tried at once', (good) => {
  const backoff = new Backoff(() => 0);
  expect(delays(backoff, new Array(20).fill(good))).toEqual(new Array(20).fill(200));
  expect(delays(backoff, never(3))).toEqual([1000, 2000, 4000]);
  expect(delays(backoff, [good, undefined])).toEqual([200, 1000]);
});

test.each([0, 40, 1_000, 4_999])('runs of %d ms are tried at once the first time only', (short) => {
  expect(delays(new Backoff(() => 0), new Array(8).fill(short))).toEqual([
    200, 1000, 2000, 4000, 8000, 16000, 30000, 30000,
  ]);
});

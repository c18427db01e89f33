import { expect, test } from 'vitest';
import { Backoff } from '../../src/capture/backoff.js';

const delays = (backoff: Backoff, count: number) => Array.from({ length: count }, () => backoff.next());

test('delays double from one second to thirty and stay there', () => {
  expect(delays(new Backoff(() => 0), 8)).toEqual([1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000]);
});

test('jitter takes off up to a quarter', () => {
  expect(delays(new Backoff(() => 1), 7)).toEqual([750, 1500, 3000, 6000, 12000, 22500, 22500]);
});

test('after a reset it begins again', () => {
  const backoff = new Backoff(() => 0);
  delays(backoff, 5);
  backoff.reset();
  expect(delays(backoff, 2)).toEqual([1000, 2000]);
});

test('it stays at the longest delay for good', () => {
  const backoff = new Backoff(() => 0);
  delays(backoff, 5000);
  expect(backoff.next()).toBe(30000);
});

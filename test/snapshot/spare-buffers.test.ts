import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { SpareBuffers } from '../../src/snapshot/spare-buffers.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const MINUTE = 60_000;

/** So many at a time, given back in the order in which they were taken. */
function use(spare: SpareBuffers, count: number, bytes = 100): Uint8Array[] {
  const taken = Array.from({ length: count }, () => spare.take(bytes));
  for (const buffer of taken) spare.giveBack(buffer);
  return taken;
}

/** How many of these are still there. */
function left(spare: SpareBuffers, made: readonly Uint8Array[]): number {
  return use(spare, made.length).filter((buffer) => made.includes(buffer)).length;
}

test('what was given back is taken again, by who needs as many bytes', () => {
  const spare = new SpareBuffers();
  const made = use(spare, 20);
  expect(new Set(made).size).toBe(20);
  expect(use(spare, 1, 99)[0]).toHaveLength(99);
  expect(left(spare, made)).toBe(20);
});

test('as many are kept as were needed at a time within the last minute, and four in any case', () => {
  const spare = new SpareBuffers();
  const made = use(spare, 20);
  for (let second = 0; second < 150; second++) {
    use(spare, 12);
    vi.advanceTimersByTime(1000);
  }
  expect(left(spare, made)).toBe(12);
  const newest = use(spare, 20);
  vi.advanceTimersByTime(3 * MINUTE);
  expect(vi.getTimerCount()).toBe(0);
  expect(left(spare, newest)).toBe(4);
});

test('buffers of a size that nobody needs any more go first', () => {
  const spare = new SpareBuffers();
  const old = use(spare, 6, 50);
  for (let second = 0; second < 150; second++) {
    use(spare, 6);
    vi.advanceTimersByTime(1000);
  }
  expect(use(spare, 6, 50).filter((buffer) => old.includes(buffer))).toHaveLength(0);
});

/** Lines that strangers can cause: few of them in a time, and a count that says what it counts. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { systemClock } from '../../src/clock.js';
import { LimitedLog } from '../../src/observe/limited-log.js';
import { memoryLog } from '../support/log.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test.each(['info', 'warn', 'error'] as const)('%s: lines and their count are of this level', (level) => {
  const { log, lines } = memoryLog();
  const clock = { ...systemClock, monotonic: () => Date.now() };
  const limited = new LimitedLog(log, clock, { level, what: 'replies', intervalMs: 1000, most: 2 });
  const written = () => lines.splice(0).map((line) => line.replace(/^\[.*?\] /, '').trimEnd());
  const LEVEL = level.toUpperCase();
  for (const name of ['a', 'b', 'c', 'd', 'e']) limited.write(`reply ${name}`);
  expect(written()).toEqual([`${LEVEL}: reply a`, `${LEVEL}: reply b`]);
  vi.advanceTimersByTime(1000);
  expect(written()).toEqual([`${LEVEL}: 3 more replies in the last 1 s; the last: reply e`]);
  limited.write('reply f');
  limited.stop();
  expect(written()).toEqual([`${LEVEL}: 1 more replies in the last 1 s; the last: reply f`]);
});

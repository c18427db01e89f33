/** Errors that every frame may meet: the log says what they are and how many they were, and does not fill the card that it is written to. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { systemClock } from '../../src/clock.js';
import { GhostcamError } from '../../src/errors.js';
import { FrequentErrors } from '../../src/observe/frequent-errors.js';
import { memoryLog } from '../support/log.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('an hour of them, 25 a second', () => {
  const { log, lines } = memoryLog();
  const errors = new FrequentErrors(log, { ...systemClock, monotonic: () => Date.now() });
  for (let index = 0; index < 25 * 3600; index++) {
    errors.log('a frame could not be inferred', new GhostcamError('FRAME', 'no'), { camera: 'front' });
    vi.advanceTimersByTime(40);
  }
  const text = lines.join('');
  expect(text.match(/ERROR: a frame could not be inferred: no/g)?.length).toBe(5);
  const counts = [...text.matchAll(/ERROR: (\d+) more errors like these in the last 60 s/g)];
  expect(counts.length).toBe(60);
  expect(5 + counts.reduce((sum, [, count]) => sum + Number(count), 0)).toBe(25 * 3600);
});

test('a bug has its stack, as elsewhere', () => {
  const { log, lines } = memoryLog();
  new FrequentErrors(log, systemClock).log(
    'a request could not be answered',
    new TypeError('x is undefined'),
  );
  expect(lines.join('')).toMatch(
    /a request could not be answered, because of a bug in ghostcam[\s\S]*TypeError: x is undefined\s[\s\S]*frequent-errors\.test\.ts:\d+/,
  );
});

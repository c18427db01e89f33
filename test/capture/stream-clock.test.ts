/** A camera's clock as it is seen in its frames, five a second. */
import { expect, test } from 'vitest';
import { StreamClock } from '../../src/capture/stream-clock.js';

/** What is said of the clock after so many seconds of frames. */
function problemAfter(
  seconds: number,
  streamTime: (second: number) => number,
  jitter = 0,
): string | undefined {
  return clockAfter(seconds, streamTime, jitter).problem;
}

function clockAfter(seconds: number, streamTime: (second: number) => number, jitter = 0): StreamClock {
  const clock = new StreamClock();
  for (let second = 0; second <= seconds; second += 0.2) {
    clock.observe(streamTime(second), 1000 * (second + jitter * Math.sin(second * 17)));
  }
  return clock;
}

test.each([
  ['stands still', () => 7, 'stands still'],
  ['has no times', () => Number.NaN, 'shows no time'],
  ['is ten times too slow', (s: number) => s / 10, 'runs 0.1 times as fast as time'],
  ['is ten times too fast', (s: number) => s * 10, 'runs 10 times as fast as time'],
  ['runs backwards', (s: number) => 1000 - s, 'runs backwards'],
  ['jumps ahead again and again', (s: number) => s + 40_000 * Math.floor(s), 'jumps'],
])('a clock that %s', (_, streamTime, problem) => {
  expect(problemAfter(12, streamTime)).toBe(problem);
});

test.each([
  ['is right', (s: number) => s],
  ['drifts', (s: number) => s * 1.01],
  ['begins with four seconds that were kept', (s: number) => s + Math.min(4, 20 * s)],
  ['jumped by two hours once', (s: number) => (s > 6 ? s + 7200 : s)],
  ['went back once, as after a restart', (s: number) => (s > 6 ? s - 6 : s)],
])('nothing is said of a clock that %s', (_, streamTime) => {
  expect(problemAfter(12, streamTime, 0.1)).toBeUndefined();
});

test('a clock that was wrong and is right again', () => {
  expect(problemAfter(30, (second) => Math.max(second, 15))).toBeUndefined();
});

test.each([
  ['is right', (s: number) => s, true],
  ['is right, in pieces of two seconds', (s: number) => 2 * Math.floor(s / 2), true],
  ['is slow', (s: number) => 0.6 * s, true],
  ['is half as fast again', (s: number) => 1.5 * s, false],
  ['is ten times too fast', (s: number) => 10 * s, false],
  ['stands still', () => 7, false],
])('whether a stream whose clock %s can be played at its pace', (_, streamTime, isRight) => {
  expect(clockAfter(4, streamTime).isRight).toBe(false);
  expect(clockAfter(12, streamTime).isRight).toBe(isRight);
});

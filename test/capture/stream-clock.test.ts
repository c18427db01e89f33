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

test.each([
  ['a clock that is half as fast again', (s: number) => 1.5 * s, 'runs 1.5 times as fast as time'],
  ['a clock that is nearly twice as fast', (s: number) => 1.9 * s, 'runs 1.9 times as fast as time'],
  // As where the machine cannot decode all of it.
  ['a stream that comes slowly', (s: number) => 0.7 * s, undefined],
  ['pieces of four seconds', (s: number) => 4 * Math.floor(s / 4), undefined],
])('%s, for 40 s', (_, streamTime, problem) => {
  expect(problemAfter(40, streamTime)).toBe(problem);
});

test.each([
  ['begins anew every three seconds', (s: number) => s % 3],
  ['goes back by 20 s every five', (s: number) => s - 20 * Math.floor(s / 5)],
  ['is random', (s: number) => (1e4 * Math.abs(Math.sin(1e4 * s))) % 1e4],
])('of a clock that %s one thing is said, and not another each time', (_, streamTime) => {
  const clock = new StreamClock();
  const said = new Set<string | undefined>();
  for (let second = 0; second <= 120; second += 0.2) {
    clock.observe(streamTime(second), 1000 * second);
    if (second > 20) said.add(clock.problem);
  }
  expect(said.size).toBe(1);
  expect([...said]).toEqual([expect.stringMatching(/^(?:jumps|runs backwards)$/)]);
});

test.each([
  ['fast, once slow, and fast again', [1.3, 1.3, 1.3, 1.3, 1.3, 0.4, 1.3], undefined],
  ['fast, once backwards, and fast again', [1.3, 1.3, 1.3, 1.3, 1.3, -1, 1.3], undefined],
  [
    'twice as fast, sometimes a little more',
    [1.9, 2.1, 1.9, 2.1, 1.9, 2.1, 1.9],
    'runs 2 times as fast as time',
  ],
  ['slow and fast by turns', [0.4, 3, 0.4, 3], 'jumps'],
  ['fast and slow by turns', [3, 0.4], 'jumps'],
  ['fast and faster by turns', [3, 4, 3, 4], 'runs 3 times as fast as time'],
])('of a clock that is %s, window by window', (_, ratios, problem) => {
  const clock = new StreamClock();
  let stream = 0;
  clock.observe(stream, 0);
  for (const [index, ratio] of ratios.entries()) {
    stream += 5 * ratio;
    clock.observe(stream, 5_000 * (index + 1));
  }
  expect(clock.problem).toBe(problem);
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

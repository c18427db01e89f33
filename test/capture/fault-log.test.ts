import { expect, test } from 'vitest';
import { FaultLog } from '../../src/capture/fault-log.js';

function faultLog() {
  const clock = { now: 0, monotonic: () => clock.now };
  return { clock, log: new FaultLog(clock) };
}

test.each([
  ['one reason', ['refused']],
  ['two in turn', ['refused', 'no route']],
  ['sixteen in turn', Array.from({ length: 16 }, (_, index) => `reason ${index}`)],
])('a day of retries every 30 s is some lines, whose counts add up: %s', (_, reasons) => {
  const { clock, log } = faultLog();
  const logged: number[] = [];
  for (let retry = 0; retry < 2880; retry += 1) {
    const count = log.seen(reasons[retry % reasons.length] as string);
    if (count !== undefined) logged.push(count);
    clock.now += 30_000;
  }
  expect(logged.slice(0, reasons.length)).toEqual(reasons.map(() => 1));
  expect(logged.length).toBeLessThanOrEqual(reasons.length * 30);
  expect(logged.length).toBeGreaterThan(reasons.length * 4);
  const total = logged.reduce((sum, count) => sum + count, 0);
  expect(total).toBeGreaterThan(2880 - 121 * reasons.length);
  expect(total).toBeLessThanOrEqual(2880);
});

test('after it was over, it is logged again at once', () => {
  const { log } = faultLog();
  expect([log.seen('refused'), log.seen('refused')]).toEqual([1, undefined]);
  log.clear();
  expect(log.seen('refused')).toBe(1);
});

test('reasons that are new each time, as a camera can make them up, are some lines all the same', () => {
  const { clock, log } = faultLog();
  const logged: number[] = [];
  for (let retry = 0; retry < 2880; retry += 1) {
    const count = log.seen(`reason ${retry}`);
    if (count !== undefined) logged.push(count);
    clock.now += 30_000;
  }
  expect(logged.slice(0, 17)).toEqual(Array.from({ length: 17 }, () => 1));
  expect(logged.length).toBeGreaterThan(17);
  expect(logged.length).toBeLessThan(17 + 30);
  // What was among the first is told apart from them.
  expect(log.seen('reason 3')).toBe(1);
});

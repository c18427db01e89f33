import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { systemClock } from '../../src/clock.js';
import { DeliveryErrors } from '../../src/mqtt/delivery/delivery-errors.js';
import { isRefusal } from '../../src/mqtt/reason-sentences.js';
import { memoryLog } from '../support/log.js';

const error = Object.assign(new Error('Not authorized'), { code: 0x87 });

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function deliveryErrors() {
  const { log, lines } = memoryLog();
  return { lines, errors: new DeliveryErrors(log, { ...systemClock, monotonic: () => Date.now() }) };
}

test('each denied topic is logged once, with the right that is missing', () => {
  const { errors, lines } = deliveryErrors();
  for (let attempt = 0; attempt < 3; attempt++) {
    errors.failed('a', error);
    errors.access.denied('subscribe', 'a', error);
    errors.failed('b', error);
  }
  expect(lines).toHaveLength(3);
  expect(lines[0]).toMatch(/refused to publish a: Not authorized.*write the topic/s);
  expect(lines[1]).toMatch(/refused the subscription to a: Not authorized.*read the topic/s);
  expect(lines[2]).toMatch(/refused to publish b/);
});

test('and again when it was allowed in between', () => {
  const { errors, lines } = deliveryErrors();
  errors.failed('a', error);
  errors.succeeded('a');
  errors.failed('a', error);
  expect(lines).toHaveLength(2);
});

test('a refusal has a reason code, the end of a connection has none', () => {
  expect(isRefusal(Object.assign(new Error('Not authorized'), { code: 0x87 }))).toBe(true);
  expect(isRefusal(new Error('connection closed'))).toBe(false);
  expect(isRefusal(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }))).toBe(false);
});

test('a broker that refuses and takes in turn does not fill the log', () => {
  const { errors, lines } = deliveryErrors();
  const tooLarge = Object.assign(new Error('Packet too large'), { code: 0x95 });
  for (let attempt = 0; attempt < 1000; attempt++) {
    for (const problem of [error, tooLarge]) {
      errors.failed('a', problem);
      errors.succeeded('a');
    }
  }
  vi.advanceTimersByTime(60_000);
  expect(lines).toHaveLength(21);
  expect(lines.at(-1)).toMatch(
    /1980 more messages .* that the broker does not take .* a message on a is too large/,
  );
});

test('of topics that others make up no more than a few thousand are remembered', () => {
  const { errors, lines } = deliveryErrors();
  for (let number = 0; number < 5000; number++) {
    errors.failed(`made-up-${number}`, error);
    vi.advanceTimersByTime(60_000);
  }
  lines.length = 0;
  errors.failed('made-up-4999', error);
  expect(lines).toEqual([]);
  errors.failed('made-up-0', error);
  expect(lines).toHaveLength(1);
});

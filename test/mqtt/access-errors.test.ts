import { expect, test } from 'vitest';
import { AccessErrors } from '../../src/mqtt/delivery/access-errors.js';
import { isRefusal } from '../../src/mqtt/reason-sentences.js';
import { memoryLog } from '../support/log.js';

const error = new Error('Not authorized');

test('each denied topic is logged once, with the right that is missing', () => {
  const { log, lines } = memoryLog();
  const errors = new AccessErrors(log);
  for (let attempt = 0; attempt < 3; attempt++) {
    errors.denied('publish', 'a', error);
    errors.denied('subscribe', 'a', error);
    errors.denied('publish', 'b', error);
  }
  expect(lines).toHaveLength(3);
  expect(lines[0]).toMatch(/refused to publish a: Not authorized.*write the topic/s);
  expect(lines[1]).toMatch(/refused the subscription to a: Not authorized.*read the topic/s);
  expect(lines[2]).toMatch(/refused to publish b/);
});

test('and again when it was allowed in between', () => {
  const { log, lines } = memoryLog();
  const errors = new AccessErrors(log);
  errors.denied('publish', 'a', error);
  errors.allowed('publish', 'a');
  errors.denied('publish', 'a', error);
  expect(lines).toHaveLength(2);
});

test('a refusal has a reason code, the end of a connection has none', () => {
  expect(isRefusal(Object.assign(new Error('Not authorized'), { code: 0x87 }))).toBe(true);
  expect(isRefusal(new Error('connection closed'))).toBe(false);
  expect(isRefusal(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }))).toBe(false);
});

/** How long an answer to a connection is waited for. */
import { expect, test } from 'vitest';
import { parseBrokerAddresses } from '../../src/address/broker.js';
import { ConnectionTerms } from '../../src/mqtt/connection-terms.js';

const WILL = { topic: 'ghostcam/board/state', payload: 'offline' };
const SILENCE = { accepted: false, lastedMs: 0, error: new Error('connack timeout') };

/** Seconds that each of ten attempts waits. */
function patience(url: string, end = SILENCE): number[] {
  const { servers } = parseBrokerAddresses(url);
  const terms = new ConnectionTerms({ version: 'auto', servers }, WILL);
  return Array.from({ length: 10 }, () => {
    const seconds = terms.options.connectTimeout / 1000;
    terms.failed(end, terms.version);
    return seconds;
  });
}

test('a broker that does not answer in time is given more of it, in both versions of MQTT', () => {
  expect(patience('mqtt://a')).toEqual([10, 10, 20, 20, 30, 30, 40, 40, 40, 40]);
});

test('servers of a cluster are all tried before', () => {
  expect(patience('mqtt://a,mqtt://b')).toEqual([10, 10, 10, 10, 20, 20, 20, 20, 30, 30]);
});

test('one that answers is not waited for any longer', () => {
  const refused = { accepted: false, lastedMs: 0, error: new Error('connect ECONNREFUSED') };
  expect(new Set(patience('mqtt://a', refused))).toEqual(new Set([10]));
});

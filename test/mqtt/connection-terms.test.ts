/** How long an answer to a connection is waited for. */
import { expect, test } from 'vitest';
import { parseBrokerAddresses } from '../../src/address/broker.js';
import { ConnectionTerms } from '../../src/mqtt/connection-terms.js';

const WILL = { topic: 'ghostcam/board/state', payload: 'offline' };
const SILENCE = { accepted: false, lastedMs: 0, error: new Error('connack timeout') };

/**
 * Seconds that each of the attempts waits, at one server of the cluster after the other.
 * @param accepts Whether a server accepts a connection in so many seconds.
 */
function patience(
  url: string,
  end = SILENCE,
  attempts = 10,
  accepts = (_server: number, _seconds: number) => false,
) {
  const { servers } = parseBrokerAddresses(url);
  const terms = new ConnectionTerms({ version: 'auto', servers }, WILL);
  return Array.from({ length: attempts }, (_, index) => {
    const attempt = { version: terms.version, server: index % servers.length };
    const seconds = terms.optionsFor(attempt.server).connectTimeout / 1000;
    if (accepts(attempt.server, seconds)) terms.accepted(attempt);
    else terms.failed(end, attempt);
    return seconds;
  });
}

test('a broker that does not answer in time is given more of it, in both versions of MQTT', () => {
  expect(patience('mqtt://a')).toEqual([10, 10, 20, 20, 30, 30, 40, 40, 40, 40]);
});

test('servers of a cluster are all tried before', () => {
  expect(patience('mqtt://a,mqtt://b')).toEqual([10, 10, 10, 10, 20, 20, 20, 20, 30, 30]);
});

test('one server that is gone costs no more each time, while another accepts connections', () => {
  const waits = patience('mqtt://a,mqtt://b', SILENCE, 40, (server) => server === 1);
  expect(new Set(waits)).toEqual(new Set([10]));
});

test('after an outage of all servers too, once one has accepted a connection', () => {
  let visits = 0;
  const waits = patience('mqtt://a,mqtt://b', SILENCE, 40, (server) => server === 1 && ++visits > 10);
  expect(waits.slice(18, 26)).toEqual([40, 40, 40, 40, 10, 40, 10, 40]);
});

test('a slow server that was reached is given as much time on the next connection, beside one that is gone too', () => {
  const slow = (server: number, seconds: number) => server === 0 && seconds >= 25;
  expect(patience('mqtt://a', SILENCE, 8, slow)).toEqual([10, 10, 20, 20, 30, 30, 30, 30]);
  expect(patience('mqtt://a,mqtt://b', SILENCE, 14, slow).slice(8)).toEqual([30, 10, 30, 10, 30, 10]);
});

test('one that answers is not waited for any longer', () => {
  const refused = { accepted: false, lastedMs: 0, error: new Error('connect ECONNREFUSED') };
  expect(new Set(patience('mqtt://a', refused))).toEqual(new Set([10]));
});

/** Events against a real broker that dies, hangs and comes back while they happen. */

import { setTimeout as sleep } from 'node:timers/promises';
import { connectAsync } from 'mqtt';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { systemClock } from '../../src/clock.js';
import { defaultMqttConfig, type MqttConfig } from '../../src/config/types.js';
import { Broker } from '../../src/mqtt/broker.js';
import { memoryLog } from '../support/log.js';
import { Mosquitto } from '../support/mosquitto.js';

interface NumberedMessage {
  number: number;
  late?: true;
  /** By performance.now(). */
  receivedAt: number;
}

const patience = { timeout: 100_000, interval: 20 };
let server: Mosquitto;
let broker: Broker;
let lines: string[];
let received: NumberedMessage[];
let cleanUp: (() => Promise<unknown>)[];

beforeEach(async () => {
  cleanUp = [];
  await begin();
});

afterEach(async () => {
  for (const step of cleanUp.reverse()) await step();
});

async function begin(options: Parameters<typeof Mosquitto.start>[0] = {}, login: Partial<MqttConfig> = {}) {
  const mosquitto = await Mosquitto.start(options);
  cleanUp.push(() => mosquitto.dispose());
  server = mosquitto;
  received = [];
  // It is back before the publisher is: this broker keeps nothing for those who are away.
  const { username = '', password = '' } = login;
  const subscriber = await connectAsync(server.url, { reconnectPeriod: 20, username, password });
  cleanUp.push(() => subscriber.endAsync(true));
  subscriber.on('message', (_topic, payload) =>
    received.push({ ...JSON.parse(payload.toString()), receivedAt: performance.now() }),
  );
  await subscriber.subscribeAsync('events', { qos: 1 });

  const config = defaultMqttConfig({ url: server.url, clientId: 'events-test', ...login });
  const memory = memoryLog();
  lines = memory.lines;
  const publisher = new Broker(config, { topic: 'state', payload: 'offline' }, memory.log, systemClock);
  cleanUp.push(() => publisher.stop(500));
  broker = publisher;
  await broker.start();
  await vi.waitFor(() => expect(broker.connected).toBe(true), patience);
}

const numbers = () => received.map(({ number }) => number);
const upTo = (count: number) => Array.from({ length: count }, (_, number) => number);

test('the broker is killed during activity: every event is published once, in order, late ones marked', async () => {
  const givenAt: number[] = [];
  const give = () => broker.event('events', { number: givenAt.push(performance.now()) - 1 });
  const activity = setInterval(give, 5);
  cleanUp.push(async () => clearInterval(activity));
  await vi.waitFor(() => expect(received.length).toBeGreaterThan(20), patience);
  await server.kill();
  await vi.waitFor(() => expect(broker.connected).toBe(false), patience);
  const away = givenAt.length;
  await sleep(1500);
  await server.start();
  await vi.waitFor(() => expect(broker.connected).toBe(true), patience);
  await sleep(200);
  clearInterval(activity);
  await vi.waitFor(() => expect(received.length).toBeGreaterThanOrEqual(givenAt.length), patience);
  give();
  await vi.waitFor(() => expect(received.length).toBeGreaterThanOrEqual(givenAt.length), patience);
  await sleep(200);

  expect(numbers()).toEqual(upTo(givenAt.length));
  expect(received[away]?.late).toBe(true);
  for (const { number, late, receivedAt } of received) {
    const age = receivedAt - (givenAt[number] as number);
    // A second passes before an event is late.
    if (late) expect(age, `${number}`).toBeGreaterThan(1000);
  }
  expect(received[0]?.late).toBeUndefined();
  expect(received.at(-1)?.late).toBeUndefined();
});

test('a broker that hangs and is then killed with an event in flight', async () => {
  broker.event('events', { number: 0 });
  await vi.waitFor(() => expect(numbers()).toEqual([0]), patience);
  server.freeze();
  broker.event('events', { number: 1 });
  broker.event('events', { number: 2 });
  await sleep(1200);
  await server.kill();
  await server.start();
  await vi.waitFor(() => expect(received.length).toBeGreaterThanOrEqual(3), patience);
  await sleep(200);
  expect(received).toMatchObject([{ number: 0 }, { number: 1, late: true }, { number: 2, late: true }]);
  expect(received[0]?.late).toBeUndefined();
});

test('what waits is bounded: the oldest are given up, counted, and said once', async () => {
  await server.stop();
  await vi.waitFor(() => expect(broker.connected).toBe(false), patience);
  for (const number of upTo(1500)) broker.event('events', { number });
  expect(broker.dropped).toBe(500);
  expect(lines.filter((line) => line.includes('the oldest are given up'))).toHaveLength(1);
  await server.start();
  await vi.waitFor(() => expect(received.length).toBeGreaterThanOrEqual(1000), patience);
  expect(numbers()).toEqual(upTo(1500).slice(500));
});

test('an orderly stop publishes what is waiting', async () => {
  for (const number of upTo(50)) broker.event('events', { number });
  await broker.stop(5000);
  await vi.waitFor(() => expect(numbers()).toEqual(upTo(50)), patience);
});

test('a refused event is named once and does not hold up the next ones', async () => {
  const users = { camera: 'correct horse' };
  await begin(
    { users, acl: ['user camera', 'topic readwrite events'] },
    { username: 'camera', password: 'correct horse' },
  );
  broker.event('elsewhere', { number: 0 });
  broker.event('elsewhere', { number: 0 });
  broker.event('events', { number: 1 });
  await vi.waitFor(() => expect(numbers()).toEqual([1]), patience);
  expect(lines.join('').match(/refused to publish elsewhere.*access list/g)).toHaveLength(1);
  // Events that were refused before are no reason not to say that others are given up.
  await server.stop();
  await vi.waitFor(() => expect(broker.connected).toBe(false), patience);
  for (const number of upTo(1001)) broker.event('events', { number });
  expect(lines.filter((line) => line.includes('the oldest are given up'))).toHaveLength(1);
});

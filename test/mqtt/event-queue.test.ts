/** Events against a real broker that dies, hangs and comes back while they happen. */

import { setTimeout as sleep } from 'node:timers/promises';
import { connectAsync } from 'mqtt';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { systemClock } from '../../src/clock.js';
import { defaultMqttConfig, type MqttConfig } from '../../src/config/types.js';
import { Broker } from '../../src/mqtt/broker.js';
import { memoryLog } from '../support/log.js';
import { Mosquitto } from '../support/mosquitto.js';

interface Told {
  number: number;
  late?: true;
}

const patience = { timeout: 100_000, interval: 20 };
let server: Mosquitto;
let broker: Broker;
let lines: string[];
let told: Told[];
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
  told = [];
  // It is back before the publisher is: this broker keeps nothing for those who are away.
  const { username = '', password = '' } = login;
  const subscriber = await connectAsync(server.url, { reconnectPeriod: 20, username, password });
  cleanUp.push(() => subscriber.endAsync(true));
  subscriber.on('message', (_topic, payload) => told.push(JSON.parse(payload.toString())));
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

const numbers = () => told.map(({ number }) => number);
const upTo = (count: number) => Array.from({ length: count }, (_, number) => number);

test('the broker is killed during activity: every event is told once, in order, late ones marked', async () => {
  let count = 0;
  const activity = setInterval(() => broker.event('events', { number: count++ }), 5);
  cleanUp.push(async () => clearInterval(activity));
  await vi.waitFor(() => expect(told.length).toBeGreaterThan(20), patience);
  await server.kill();
  await vi.waitFor(() => expect(broker.connected).toBe(false), patience);
  const away = count;
  await sleep(1500);
  await server.start();
  await vi.waitFor(() => expect(broker.connected).toBe(true), patience);
  await sleep(200);
  clearInterval(activity);

  await vi.waitFor(() => expect(told.length).toBeGreaterThanOrEqual(count), patience);
  await sleep(200);
  expect(numbers()).toEqual(upTo(count));
  const late = told.filter((event) => event.late).map(({ number }) => number);
  expect(late).toContain(away);
  // From the kill on, without a hole, and not for ever.
  expect(late).toEqual(upTo(late.length).map((index) => (late[0] as number) + index));
  expect(told.at(-1)?.late).toBeUndefined();
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
  await vi.waitFor(() => expect(told.length).toBeGreaterThanOrEqual(3), patience);
  await sleep(200);
  expect(told).toEqual([{ number: 0 }, { number: 1, late: true }, { number: 2, late: true }]);
});

test('what waits is bounded: the oldest are given up, counted, and said once', async () => {
  await server.stop();
  await vi.waitFor(() => expect(broker.connected).toBe(false), patience);
  for (const number of upTo(1500)) broker.event('events', { number });
  expect(broker.dropped).toBe(500);
  expect(lines.filter((line) => line.includes('the oldest are given up'))).toHaveLength(1);
  await server.start();
  await vi.waitFor(() => expect(told.length).toBeGreaterThanOrEqual(1000), patience);
  expect(numbers()).toEqual(upTo(1500).slice(500));
});

test('an orderly stop tells what is waiting', async () => {
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
});

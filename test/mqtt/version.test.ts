/** Brokers that do not know MQTT 5: Debian 12's rabbitmq-server closes the connection, amqtt falls silent, others refuse. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ProtocolVersion } from '../../src/mqtt/protocol-version.js';
import { Mosquitto } from '../support/mosquitto.js';
import { publisher, subscriber } from '../support/publisher.js';
import { type Behaviour, connack, forward, ScriptedBroker } from '../support/scripted-broker.js';

const PATIENCE = { timeout: 60_000, interval: 50 };
const MQTT_5 = 5;
const MQTT_3_1_1 = 4;

const cleanUp: (() => PromiseLike<unknown>)[] = [];
let behind: Mosquitto;
beforeEach(async () => {
  behind = await Mosquitto.start();
  cleanUp.push(() => behind.dispose());
});
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});

const ON_5: Record<string, Behaviour> = {
  'closes the connection': (socket) => socket.end(),
  'resets the connection': (socket) => socket.resetAndDestroy(),
  'falls silent': () => {},
  'refuses in the words of 3.1.1': (socket) => socket.end(connack(1, MQTT_3_1_1)),
  'refuses in the words of 5': (socket) => socket.end(connack(132, MQTT_5)),
};

async function old(on5: Behaviour) {
  const broker = await ScriptedBroker.start((socket, level, packet) => {
    if (level === MQTT_5) on5(socket, level, packet);
    else forward(socket, packet, behind.port);
  });
  cleanUp.push(() => broker.dispose());
  return broker;
}

async function start(url: string, version: 'auto' | '5' | '3.1.1') {
  const own = await publisher(url, { version });
  cleanUp.push(() => own[Symbol.asyncDispose]());
  return own;
}

test.each(Object.keys(ON_5))(
  'a broker that %s on MQTT 5 is spoken to in 3.1.1, without a warning',
  async (what) => {
    const server = await old(ON_5[what] as Behaviour);
    const seen = await subscriber(behind.url);
    cleanUp.push(() => seen[Symbol.asyncDispose]());
    const { broker, logged } = await start(server.url, 'auto');
    broker.retain('state', 'online');
    await vi.waitFor(() => expect(seen.newest.get('state')?.toString()).toBe('online'), PATIENCE);
    expect(server.levels).toEqual([MQTT_5, MQTT_3_1_1]);
    expect(logged(/connected to the broker.*3\.1\.1/)).toHaveLength(1);
    expect(logged(/WARN|ERROR/)).toEqual([]);
  },
);

test('MQTT_VERSION=3.1.1 speaks it from the start; 5 never leaves it, and says what to do', async () => {
  const server = await old(ON_5['refuses in the words of 5'] as Behaviour);
  const three = await start(server.url, '3.1.1');
  await vi.waitFor(() => expect(three.broker.connected).toBe(true), PATIENCE);
  expect(server.levels).toEqual([MQTT_3_1_1]);
  const five = await start(server.url, '5');
  await vi.waitFor(() => expect(five.logged(/MQTT_VERSION/)).toHaveLength(1), PATIENCE);
  await vi.waitFor(() => expect(server.levels.length).toBeGreaterThan(3), PATIENCE);
  expect(server.levels.slice(1).every((level) => level === MQTT_5)).toBe(true);
  expect(five.logged(/WARN/)).toHaveLength(1);
});

test('of two servers that close on 5 each is tried with 3.1.1', async () => {
  const first = await ScriptedBroker.start((socket) => socket.end());
  cleanUp.push(() => first.dispose());
  const second = await old(ON_5['closes the connection'] as Behaviour);
  const { broker } = await start(`${first.url},${second.url}`, 'auto');
  await vi.waitFor(() => expect(broker.connected).toBe(true), PATIENCE);
  expect(first.levels).toEqual([MQTT_5, MQTT_3_1_1]);
  expect(second.levels).toEqual([MQTT_5, MQTT_3_1_1]);
});

test('a broker that answers on neither is reported, once, and both are tried again', async () => {
  const server = await ScriptedBroker.start((socket) => socket.end());
  cleanUp.push(() => server.dispose());
  const { logged } = await start(server.url, 'auto');
  await vi.waitFor(() => expect(server.levels).toHaveLength(4), PATIENCE);
  expect(server.levels).toEqual([MQTT_5, MQTT_3_1_1, MQTT_5, MQTT_3_1_1]);
  expect(logged(/closed the connection without an answer/)).toHaveLength(1);
});

test('one failure on 5 does not bind for ever, two do; a refusal does at once', () => {
  const version = new ProtocolVersion('auto', 1);
  version.unanswered();
  expect(version.next).toBe('3.1.1');
  version.connected('3.1.1');
  // The broker may just have been restarting.
  expect(version.next).toBe('5');
  version.unanswered();
  version.connected('3.1.1');
  expect(version.next).toBe('3.1.1');
  const refused = new ProtocolVersion('auto', 1);
  refused.refused();
  expect(refused.next).toBe('3.1.1');
  refused.unanswered();
  expect(refused.next).toBe('3.1.1');
});

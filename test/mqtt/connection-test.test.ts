/** `ghostcam doctor` at real brokers: it meets what the daemon would meet, and leaves no trace. */
import { afterEach, expect, test, vi } from 'vitest';
import { systemClock } from '../../src/clock.js';
import { defaultMqttConfig, type MqttConfig } from '../../src/config/types.js';
import { testConnection } from '../../src/mqtt/connection-test.js';
import { Topics } from '../../src/mqtt/topics.js';
import { Mosquitto } from '../support/mosquitto.js';
import { freeTcpPort } from '../support/ports.js';
import { publisher, subscriber } from '../support/publisher.js';
import { connack, forward, halfBroker, ScriptedBroker } from '../support/scripted-broker.js';

const TOPICS = new Topics('ghostcam', 'board');
const USERS = { camera: 'correct horse' };

const cleanUp: (() => PromiseLike<unknown>)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});

async function mosquitto(options: Parameters<typeof Mosquitto.start>[0] = {}) {
  const server = await Mosquitto.start(options);
  cleanUp.push(() => server.dispose());
  return server;
}

function run(url: string, settings: Partial<MqttConfig> = {}) {
  const config = defaultMqttConfig({ url, clientId: 'ghostcam-board', ...settings });
  return testConnection({ config, topics: TOPICS, largestMessage: 200_000, clock: systemClock });
}

test.each(['auto', '5', '3.1.1'] as const)(
  'MQTT %s: all is well, nothing is left behind, and a running daemon stays online',
  async (version) => {
    const server = await mosquitto();
    const daemon = await publisher(server.url, { clientId: 'ghostcam-board' });
    cleanUp.push(() => daemon[Symbol.asyncDispose]());
    daemon.broker.retain(TOPICS.nodeState, 'online');
    await vi.waitFor(() => expect(daemon.broker.connected).toBe(true), 10_000);
    expect(await run(server.url, { version })).toEqual({ lacking: [] });
    expect(daemon.broker.connected).toBe(true);
    const seen = await subscriber(server.url);
    cleanUp.push(() => seen[Symbol.asyncDispose]());
    await vi.waitFor(() => expect(seen.newest.get(TOPICS.nodeState)?.toString()).toBe('online'), 5000);
    expect([...seen.newest.keys()]).toEqual([TOPICS.nodeState]);
  },
);

test.each<[string, readonly string[], 'auto' | '3.1.1', RegExp]>([
  [
    'a limit that CONNACK says',
    ['max_packet_size 60000'],
    'auto',
    /a picture of 200 kB does not get through.*60000/,
  ],
  [
    'a limit that is found',
    ['max_packet_size 60000'],
    '3.1.1',
    /a picture of 200 kB does not get through.*closed/,
  ],
  ['no retained messages', ['retain_available false'], 'auto', /keeps no retained messages/],
  ['QoS 0 alone', ['max_qos 0'], 'auto', /quality of service 1/],
])('%s', async (_, settings, version, lacking) => {
  const server = await mosquitto({ settings });
  const found = await run(server.url, { version });
  expect(found).toMatchObject({ lacking: [expect.stringMatching(lacking)] });
  expect(found.connection ?? found.access ?? found.exchange).toBeUndefined();
});

test.each<[string, readonly string[], keyof Awaited<ReturnType<typeof run>>, RegExp]>([
  [
    'an access list that lets nothing be published',
    ['user camera', 'topic read #'],
    'access',
    /publish ghostcam\/board\/doctor/,
  ],
  [
    'one that forbids the topic alone',
    ['user camera', 'topic readwrite ghostcam/board/state'],
    'access',
    /publish/,
  ],
])('%s', async (_, acl, where, reason) => {
  const server = await mosquitto({ users: USERS, acl });
  const login = { username: 'camera', password: USERS.camera };
  expect((await run(server.url, login))[where]).toMatch(reason);
});

test('a wrong password, and a broker that closes on MQTT 5', async () => {
  const server = await mosquitto({ users: USERS });
  expect(await run(server.url, { username: 'camera', password: 'wrong' })).toMatchObject({
    connection: expect.stringMatching(/MQTT_PASSWORD/),
  });
  const behind = await mosquitto();
  const old = await ScriptedBroker.start((socket, level, packet) => {
    if (level === 5) socket.end();
    else forward(socket, packet, behind.port);
  });
  cleanUp.push(() => old.dispose());
  expect(await run(old.url)).toEqual({ lacking: [] });
  const busy = await ScriptedBroker.start((socket, level) => socket.end(connack(137, level)));
  cleanUp.push(() => busy.dispose());
  expect(await run(busy.url)).toEqual({ connection: 'it is busy', lacking: [] });
});

test.each([
  ['a subscription', {}],
  ['a message at QoS 1', { subscribes: true }],
])('a broker that never answers %s is connected to, and that is what is said', async (what, answers) => {
  const broker = await ScriptedBroker.start(halfBroker(answers));
  cleanUp.push(() => broker.dispose());
  const found = await run(broker.url);
  expect(found).toEqual({
    exchange: expect.stringMatching(`^it does not answer ${what} within 10 s; see its log`),
    lacking: [],
  });
});

test.each([
  ['a subscription', { ends: 'subscription' as const }],
  ['a message', { subscribes: true, ends: 'publication' as const }],
])('a broker that closes the connection at %s has refused nothing', async (_, answers) => {
  const broker = await ScriptedBroker.start(halfBroker(answers));
  cleanUp.push(() => broker.dispose());
  expect(await run(broker.url)).toEqual({ exchange: 'the connection was closed', lacking: [] });
});

test('the servers of a cluster are tried in turn, each once in each version of MQTT', async () => {
  const closing = await ScriptedBroker.start((socket) => socket.end());
  cleanUp.push(() => closing.dispose());
  const nobody = `mqtt://127.0.0.1:${await freeTcpPort()}`;
  const { connection } = await run(`${closing.url},${nobody}`);
  expect(connection).toMatch(
    new RegExp(`^${closing.url}: .*(closed|without an answer).*; ${nobody}: nothing listens`),
  );
  expect(closing.levels).toEqual([5, 4]);
  const server = await mosquitto();
  expect(await run(`${nobody},${closing.url},${server.url}`)).toEqual({ lacking: [] });
});

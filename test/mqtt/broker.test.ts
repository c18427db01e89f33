import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Aedes } from 'aedes';
import { connectAsync, type MqttClient } from 'mqtt';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../src/clock.js';
import { defaultMqttConfig, type MqttConfig } from '../../src/config/types.js';
import { Broker } from '../../src/mqtt/broker.js';
import { createLog } from '../../src/observe/log.js';
import { memoryLog, memoryOutput } from '../support/log.js';
import { Mosquitto } from '../support/mosquitto.js';

const WILL = { topic: 'ghostcam/test/state', payload: 'offline' };
const PASSWORD = 'correct horse';

let cleanUp: (() => Promise<unknown>)[] = [];
let lines: string[] = [];
beforeEach(() => {
  cleanUp = [];
  lines = [];
});
afterEach(async () => {
  for (const step of cleanUp.reverse()) await step();
});

async function mosquitto(options: Parameters<typeof Mosquitto.start>[0] = {}) {
  const server = await Mosquitto.start(options);
  cleanUp.push(() => server.dispose());
  return server;
}

function config(url: string, more: Partial<MqttConfig> = {}): MqttConfig {
  return defaultMqttConfig({ url, clientId: `test-${Math.random()}`, ...more });
}

async function start(settings: MqttConfig) {
  const secrets = [settings.password ?? '', settings.username ?? ''];
  const broker = new Broker(
    settings,
    WILL,
    createLog({ level: 'debug', secrets, output: memoryOutput(lines) }),
    systemClock,
  );
  cleanUp.push(() => broker.stop(500));
  await broker.start();
  return broker;
}

/** Subscribes to everything and remembers the messages in order of arrival. */
async function subscriber(url: string, options: Parameters<typeof connectAsync>[1] = {}) {
  const client: MqttClient = await connectAsync(url, options);
  cleanUp.push(() => client.endAsync(true));
  const messages: { topic: string; payload: string; retain: boolean }[] = [];
  client.on('message', (topic, payload, { retain }) =>
    messages.push({ topic, payload: payload.toString(), retain }),
  );
  await client.subscribeAsync('#', { qos: 1 });
  return messages;
}

const logged = (pattern: RegExp) => vi.waitFor(() => expect(lines.join('')).toMatch(pattern), 10_000);

describe('while the broker is away', () => {
  test('frames are dropped, of each state only the newest is published, and every state again on each connect', async () => {
    const server = await mosquitto();
    const broker = await start(config(server.url));
    await vi.waitFor(() => expect(broker.connected).toBe(true), 10_000);
    broker.retain('a', '1');
    broker.retain('b', '1');
    await server.kill();
    await vi.waitFor(() => expect(broker.connected).toBe(false), 10_000);

    expect(broker.send('frames', 'lost')).toBe(false);
    broker.retain('a', '2');
    broker.retain('a', '3');
    await server.start();
    await vi.waitFor(() => expect(broker.connected).toBe(true), 15_000);

    const messages = await subscriber(server.url);
    expect(broker.send('frames', 'published')).toBe(true);
    await vi.waitFor(() => expect(messages.length).toBe(3), 5000);
    // mosquitto forgot all it retained: what is there came from the second connect.
    expect(messages).toEqual(
      expect.arrayContaining([
        { topic: 'a', payload: '3', retain: true },
        { topic: 'b', payload: '1', retain: true },
        { topic: 'frames', payload: 'published', retain: false },
      ]),
    );
    expect(broker.dropped).toBe(1);
  });

  test('a broker that hangs does not let frames pile up', async () => {
    const server = await mosquitto();
    const broker = await start(config(server.url));
    await vi.waitFor(() => expect(broker.connected).toBe(true), 10_000);
    server.freeze();
    const payload = 'x'.repeat(10_000);
    for (let sent = 0; sent < 2000; sent++) {
      broker.send('frames', payload);
      await new Promise((resolve) => setImmediate(resolve));
    }
    server.resume();
    // 20 MB were offered; the kernel's buffers and 1 MiB of ours took what they could.
    expect(broker.dropped).toBeGreaterThan(500);
  });

  test('one line says why, however many attempts fail', async () => {
    const server = await mosquitto();
    await server.stop();
    await start(config(server.url));
    await logged(/nothing listens there; .*MQTT_URL/);
    await new Promise((resolve) => setTimeout(resolve, 4000));
    expect(lines.filter((line) => line.includes('no connection to the broker'))).toHaveLength(1);
  });
});

describe('subscriptions', () => {
  test('live and retained messages reach the handlers that match, also after the broker was away', async () => {
    const server = await mosquitto();
    const other = await connectAsync(server.url);
    cleanUp.push(() => other.endAsync(true));
    await other.publishAsync('base/front/fps/set', '3', { retain: true });
    const broker = await start(config(server.url));
    const heard: string[] = [];
    broker.subscribe('base/+/+/set', (topic, payload, retained) => {
      heard.push(`${topic} ${payload} ${retained}`);
    });
    broker.subscribe('elsewhere', (topic) => heard.push(topic));
    await vi.waitFor(() => expect(heard).toEqual(['base/front/fps/set 3 true']), 10_000);
    for (const topic of [
      'base/front/fps/set',
      'base/front/fps/state',
      'base/set',
      'base/a/b/c/set',
      'elsewhere',
    ]) {
      await other.publishAsync(topic, '4');
    }
    await vi.waitFor(() => expect(heard.slice(1)).toEqual(['base/front/fps/set 4 false', 'elsewhere']), 5000);

    await server.kill();
    await vi.waitFor(() => expect(broker.connected).toBe(false), 10_000);
    await server.start();
    await vi.waitFor(() => expect(broker.connected).toBe(true), 15_000);
    await vi.waitFor(() => expect(other.connected).toBe(true), 15_000);
    await vi.waitFor(async () => {
      await other.publishAsync('elsewhere', 'again');
      expect(heard.length).toBeGreaterThan(3);
    }, 5000);
  });

  test('a state is repeated on request, and forgotten by the broker when it is ours no more', async () => {
    const server = await mosquitto();
    const broker = await start(config(server.url));
    await vi.waitFor(() => expect(broker.connected).toBe(true), 10_000);
    broker.retain('picture', Buffer.from([0xff, 0xd8]), 0);
    const messages = await subscriber(server.url);
    await vi.waitFor(() => expect(messages).toHaveLength(1), 5000);
    broker.repeat('picture');
    broker.repeat('nothing');
    broker.clear('picture');
    await vi.waitFor(() => expect(messages).toHaveLength(3), 5000);
    expect(messages[2]).toMatchObject({ topic: 'picture', payload: '' });
    expect(await subscriber(server.url)).toEqual([]);
  });

  test('what is forgotten while the broker is away is removed when it is back, once', async () => {
    const server = await mosquitto();
    const earlier = await connectAsync(server.url);
    await earlier.publishAsync('left', 'behind', { retain: true });
    await earlier.endAsync();
    const broker = new Broker(config(server.url), WILL, memoryLog().log, systemClock);
    cleanUp.push(() => broker.stop(500));
    broker.clear('left');
    const messages = await subscriber(server.url, { reconnectPeriod: 20 });
    await vi.waitFor(() => expect(messages).toMatchObject([{ topic: 'left', payload: 'behind' }]), 5000);
    await broker.start();
    await vi.waitFor(() => expect(messages).toHaveLength(2), 10_000);
    expect(messages[1]).toMatchObject({ topic: 'left', payload: '' });
    expect(await subscriber(server.url)).toEqual([]);

    broker.retain('mark', '1');
    await vi.waitFor(() => expect(messages.at(-1)?.topic).toBe('mark'), 5000);
    await server.kill();
    await vi.waitFor(() => expect(broker.connected).toBe(false), 10_000);
    await server.start();
    const after = await subscriber(server.url);
    await vi.waitFor(() => expect(after.at(-1)?.topic).toBe('mark'), 15_000);
    expect(after.map(({ topic }) => topic)).not.toContain('left');
  });

  test('on a line that is stuck only the newest pictures wait, and all topics are published before the stop', async () => {
    const server = await mosquitto();
    const broker = await start(config(server.url));
    await vi.waitFor(() => expect(broker.connected).toBe(true), 10_000);
    const seen = await connectAsync(server.url);
    cleanUp.push(() => seen.endAsync(true));
    const last = new Map<string, number>();
    let count = 0;
    seen.on('message', (topic, payload) => {
      count++;
      last.set(topic, payload[0] ?? 0);
    });
    await seen.subscribeAsync('pictures/#');
    server.freeze();
    // 40 MB, far above what the sockets of both sides hold.
    for (let number = 1; number <= 200; number++) {
      broker.retain(`pictures/${number % 4}`, Buffer.alloc(200_000, number), 0);
      broker.retain('pictures/small', Buffer.from([number]));
      await new Promise(setImmediate);
    }
    const stopped = broker.stop(20_000);
    server.resume();
    await stopped;
    const newest = { 'pictures/0': 200, 'pictures/1': 197, 'pictures/2': 198, 'pictures/3': 199 };
    await vi.waitFor(() => {
      expect(Object.fromEntries(last)).toEqual({ ...newest, 'pictures/small': 200 });
    }, 10_000);
    expect(count).toBeLessThan(200);
  });

  test('a subscription that is refused is named', async () => {
    // mosquitto accepts every subscription and withholds the messages; Aedes, a broker as well, can refuse.
    const aedes = await Aedes.createBroker({
      authorizeSubscribe: (_client, _filter, done) => done(null, null),
    });
    const server = createServer(aedes.handle).listen(0, '127.0.0.1');
    cleanUp.push(
      async () => server.close(),
      () => new Promise<void>((resolve) => aedes.close(resolve)),
    );
    await once(server, 'listening');
    const broker = await start(config(`mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`));
    broker.subscribe('homeassistant/status', () => {});
    await logged(/refused the subscription to homeassistant\/status.*access list/s);
  });
});

describe('a broker that refuses', () => {
  const users = { camera: PASSWORD };

  test('wrong password: named, not shown, and mended when the broker lets it in', async () => {
    const server = await mosquitto({ users });
    await start(config(server.url, { username: 'camera', password: 'wrong-secret' }));
    await logged(/see MQTT_USERNAME and MQTT_PASSWORD/);
    expect(lines.join('')).not.toContain('wrong-secret');
    expect(lines.join('')).not.toContain('camera');
  });

  test('an access list that forbids a topic is named with the topic, once', async () => {
    const server = await mosquitto({ users, acl: ['user camera', 'topic readwrite ghostcam/#'] });
    const broker = await start(config(server.url, { username: 'camera', password: PASSWORD }));
    await vi.waitFor(() => expect(broker.connected).toBe(true), 10_000);
    broker.retain('elsewhere/state', 'online');
    await logged(/refused to publish elsewhere\/state.*access list/s);
    await server.kill();
    await vi.waitFor(() => expect(broker.connected).toBe(false), 10_000);
    await server.start();
    broker.retain('ghostcam/state', 'online');
    const seen = await connectAsync(server.url, { username: 'camera', password: PASSWORD });
    cleanUp.push(() => seen.endAsync(true));
    const heard = new Promise((resolve) => seen.once('message', resolve));
    await seen.subscribeAsync('ghostcam/state');
    await heard;
    expect(lines.join('').match(/refused to publish/g)).toHaveLength(1);
  });
});

describe('TLS', () => {
  test('an unknown authority is named with its remedy; with MQTT_CA it connects', async () => {
    const server = await mosquitto({ tls: true });
    await start(config(server.url));
    await logged(/MQTT_CA/);
    const broker = await start(config(server.url, { ca: server.certificates.ca }));
    await vi.waitFor(() => expect(broker.connected).toBe(true), 10_000);
  });

  test('a client certificate', async () => {
    const server = await mosquitto({ tls: true, requireClientCertificate: true });
    const { ca, clientCert: cert, clientKey: key } = server.certificates;
    const broker = await start(config(server.url, { ca, cert, key }));
    await vi.waitFor(() => expect(broker.connected).toBe(true), 10_000);
  });

  test('mqtt:// to a TLS port is explained', async () => {
    const server = await mosquitto({ tls: true });
    await start(config(server.url.replace('mqtts:', 'mqtt:')));
    await logged(/mqtts:\/\//);
  });

  test('a file that is no PEM file is one clear error', async () => {
    const server = await mosquitto({ tls: true });
    const file = fileURLToPath(import.meta.url);
    const broker = new Broker(
      config(server.url, { cert: file, key: file }),
      WILL,
      createLog({ level: 'error' }),
      systemClock,
    );
    await expect(broker.start()).rejects.toMatchObject({
      code: 'MQTT',
      remedy: expect.stringContaining('PEM'),
    });
  });
});

describe('WebSockets', () => {
  test('ws:// and wss://, with all that a connection may need', async () => {
    const plain = await mosquitto({ webSockets: true, users: { me: PASSWORD } });
    const named = await start(config(plain.url, { username: 'me', password: PASSWORD }));
    await vi.waitFor(() => expect(named.connected).toBe(true), 10_000);

    const safe = await mosquitto({ webSockets: true, tls: true, requireClientCertificate: true });
    const { ca, clientCert: cert, clientKey: key } = safe.certificates;
    const certified = await start(config(safe.url, { ca, cert, key }));
    await vi.waitFor(() => expect(certified.connected).toBe(true), 10_000);
    await start(config(safe.url));
    await logged(/MQTT_CA/);
  });
});

test('the last will says what an orderly stop could not; an orderly stop says it itself', async () => {
  const server = await mosquitto();
  const messages = await subscriber(server.url);
  const broker = await start(config(server.url));
  await vi.waitFor(() => expect(broker.connected).toBe(true), 10_000);
  broker.retain(WILL.topic, 'online');
  broker.retain(WILL.topic, 'offline');
  await broker.stop(2000);
  await vi.waitFor(() => expect(messages.map(({ payload }) => payload)).toEqual(['online', 'offline']), 5000);
});

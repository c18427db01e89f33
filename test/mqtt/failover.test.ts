/** MQTT_URL with several addresses: the servers of one broker. */

import { connectAsync } from 'mqtt';
import { afterEach, expect, test, vi } from 'vitest';
import { systemClock } from '../../src/clock.js';
import { loadConfig } from '../../src/config/load.js';
import { Broker } from '../../src/mqtt/broker.js';
import { fastClock } from '../support/clock.js';
import { memoryLog } from '../support/log.js';
import { Mosquitto } from '../support/mosquitto.js';
import { freeTcpPort } from '../support/ports.js';
import { connack, ScriptedBroker } from '../support/scripted-broker.js';

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});

function mqtt(url: string) {
  const { config, mistakes } = loadConfig(undefined, {
    MQTT_URL: url,
    CAMERAS: 'a',
    CAMERA_A_URL: 'test:',
    NODE_ID: 'n',
  });
  return { config: config.mqtt, mistakes };
}

test('when a server dies, the next one gets the states and carries on', async () => {
  const [first, second] = [await Mosquitto.start(), await Mosquitto.start()];
  cleanUp.push(() => first.dispose());
  cleanUp.push(() => second.dispose());
  const { config } = mqtt(`${first.url},${second.url}`);
  const { log, lines } = memoryLog();
  const broker = new Broker(config, { topic: 'n/state', payload: 'offline' }, log, systemClock);
  cleanUp.push(() => broker.stop(1000));
  broker.retain('n/state', 'online');
  await broker.start();
  if (!broker.connected) await new Promise<void>((resolve) => broker.once('connected', () => resolve()));

  const began = performance.now();
  const again = new Promise<void>((resolve) => broker.once('connected', () => resolve()));
  await first.stop();
  await again;
  expect(performance.now() - began).toBeLessThan(10_000);

  const listener = await connectAsync(second.url);
  cleanUp.push(() => listener.endAsync(true));
  const heard = new Promise<string>((resolve) =>
    listener.on('message', (_topic, payload) => resolve(`${payload}`)),
  );
  await listener.subscribeAsync('n/state');
  expect(await heard).toBe('online');
  const accepted = lines.filter((line) => line.includes('connected to the broker'));
  expect(accepted).toEqual(
    [first, second].map(({ url }) => expect.stringContaining(`broker ${url}, MQTT 5`)),
  );
});

test('what is wrong with each server is said once, with its name', async () => {
  const closing = await ScriptedBroker.start((socket, level) => socket.end(connack(137, level)));
  cleanUp.push(() => closing.dispose());
  const nobody = `mqtt://127.0.0.1:${await freeTcpPort()}`;
  const { log, lines } = memoryLog();
  const will = { topic: 'n/state', payload: 'offline' };
  const broker = new Broker(mqtt(`${closing.url},${nobody}`).config, will, log, fastClock(20));
  cleanUp.push(() => broker.stop(0));
  await broker.start();
  await vi.waitFor(() => expect(closing.levels.length).toBeGreaterThan(4), 10_000);
  const said = lines.filter((line) => line.includes('no connection to the broker'));
  expect(said).toEqual([
    expect.stringMatching(new RegExp(`busy.*${closing.url}`)),
    expect.stringMatching(new RegExp(`nothing listens.*${nobody}`)),
  ]);
});

test('addresses differ from commas in a password, and must be of one scheme', () => {
  expect(mqtt('mqtt://u:a,b@one, mqtt://two:1884').config).toMatchObject({
    servers: [{ host: 'one' }, { host: 'two', port: 1884 }],
    username: 'u',
    password: 'a,b',
  });
  expect(mqtt('mqtt://one,mqtts://two').mistakes[0]).toMatchObject({
    variable: 'MQTT_URL',
    problem: 'received different schemes',
  });
  expect(mqtt('mqtt://one,http://two').mistakes[0]?.problem).toMatch(/scheme http/);
});

/** MQTT_URL with several addresses: the servers of one broker. */

import { connectAsync } from 'mqtt';
import { afterEach, expect, test } from 'vitest';
import { systemClock } from '../../src/clock.js';
import { loadConfig } from '../../src/config/load.js';
import { Broker } from '../../src/mqtt/broker.js';
import { createLog } from '../../src/observe/log.js';
import { memoryOutput } from '../support/log.js';
import { Mosquitto } from '../support/mosquitto.js';

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
  const broker = new Broker(
    config,
    { topic: 'n/state', payload: 'offline' },
    createLog({ level: 'error', output: memoryOutput([]) }),
    systemClock,
  );
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

/** Logins as they are written in MQTT_URL, and beside it, at a real broker that demands them. */

import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../src/clock.js';
import { loadConfig } from '../../src/config/load.js';
import { Broker } from '../../src/mqtt/broker.js';
import { memoryLog } from '../support/log.js';
import { Mosquitto } from '../support/mosquitto.js';

const PASSWORDS = ['pa:ss', '100%', 'a#b/c?d@e', 'pä ss', '12#34', 'x,y'];

let plain: Mosquitto;
let sockets: Mosquitto;

beforeAll(async () => {
  const users = Object.fromEntries(PASSWORDS.map((password, index) => [`u${index}`, password]));
  plain = await Mosquitto.start({ users });
  sockets = await Mosquitto.start({ users, webSockets: true });
});

afterAll(async () => {
  await plain?.dispose();
  await sockets?.dispose();
});

async function connects(environment: Record<string, string>): Promise<void> {
  const { config, mistakes } = loadConfig(undefined, { CAMERAS: 'a', CAMERA_URL: 'test:', ...environment });
  expect(mistakes).toEqual([]);
  const { log, lines } = memoryLog();
  const broker = new Broker(config.mqtt, { topic: 'state', payload: 'offline' }, log, systemClock);
  const connected = once(broker, 'connected', { signal: AbortSignal.timeout(20_000) });
  try {
    await broker.start();
    await connected;
  } catch (error) {
    throw new Error(lines.join(''), { cause: error });
  } finally {
    await broker.stop(500);
  }
}

test.each(PASSWORDS.map((password, index) => [password, `u${index}`]))('%j', async (password, user) => {
  for (const { url } of [plain, sockets]) {
    const [scheme, rest] = url.split('://');
    await connects({ MQTT_URL: `${scheme}://${user}:${password}@${rest}` });
    await connects({ MQTT_URL: `${scheme}://${user}:${encodeURIComponent(password)}@${rest}` });
    await connects({ MQTT_URL: url, MQTT_USERNAME: user, MQTT_PASSWORD: password });
  }
});

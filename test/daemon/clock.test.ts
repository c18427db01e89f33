/** The whole daemon while the wall clock of its board is set: footage, a real broker, and a clock in the test's hands. */
import { setTimeout as sleep } from 'node:timers/promises';
import { connectAsync } from 'mqtt';
import { expect, test, vi } from 'vitest';
import { type Clock, systemClock } from '../../src/clock.js';
import { loadConfig } from '../../src/config/load.js';
import { Daemon } from '../../src/daemon/daemon.js';
import { findPrerequisites } from '../../src/daemon/prerequisites.js';
import type { DetectionsPayload, HealthPayload } from '../../src/mqtt/payloads.js';
import { pedestrians } from '../support/footage.js';
import { memoryLog } from '../support/log.js';
import { Mosquitto } from '../support/mosquitto.js';
import { begun, brokenLives, listenForEvents } from '../support/published-events.js';

const SOON = { timeout: 60_000, interval: 100 };
const HOUR = 3_600_000;

test('steps of an hour and to 1970 and back: parked cars stay one event, no frame is stale, messages follow the clock', async () => {
  const broker = await Mosquitto.start();
  const listener = await listenForEvents(broker.url);
  const client = await connectAsync(broker.url);
  const captured: number[] = [];
  let health: HealthPayload | undefined;
  client.on('message', (topic, payload) => {
    const message = JSON.parse(payload.toString());
    if (topic.endsWith('/health')) health = message;
    else captured.push(Date.parse((message as DetectionsPayload).capturedAt));
  });
  await client.subscribeAsync(['ghostcam/board/front/detections', 'ghostcam/board/health']);
  let offset = 0;
  const clock: Clock = { ...systemClock, wallTime: () => systemClock.wallTime() + offset };
  const { config, mistakes } = loadConfig(undefined, {
    CAMERAS: 'front',
    CAMERA_FRONT_URL: await pedestrians(),
    CAMERA_FRONT_LABELS: 'car',
    CAMERA_FRONT_MOTION: 'false',
    NODE_ID: 'board',
    MQTT_URL: broker.url,
    HOMEASSISTANT: 'false',
  });
  expect(mistakes).toEqual([]);
  const { log } = memoryLog();
  const daemon = new Daemon(config, findPrerequisites(config, log), log, clock);
  try {
    await daemon.start();
    await vi.waitFor(() => expect(begun(listener.events, 'car')).toBe(2), SOON);
    for (const step of [HOUR, -HOUR, -Date.now(), 0]) {
      offset = step;
      captured.length = 0;
      // Longer than an object that was out of sight for the length of the step would be remembered.
      await sleep(1500);
      await vi.waitFor(() => expect(captured.length).toBeGreaterThan(2), SOON);
      expect(Math.abs((captured.at(-1) ?? Number.NaN) - clock.wallTime())).toBeLessThan(30_000);
    }
    await vi.waitFor(() => expect(health).toBeDefined(), SOON);
    expect(health?.cameras.front?.dropped).toMatchObject({ stale: 0, failed: 0 });
    expect(listener.events.filter(({ type }) => type === 'end')).toEqual([]);
  } finally {
    await daemon.stop();
  }
  await vi.waitFor(() => expect(listener.events.at(-1)?.type).toBe('end'), SOON);
  expect(brokenLives(listener.events)).toEqual([]);
  expect(begun(listener.events, 'car')).toBe(2);
  await listener[Symbol.asyncDispose]();
  await client.endAsync(true);
  await broker.dispose();
}, 180_000);

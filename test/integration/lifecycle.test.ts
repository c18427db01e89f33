/** The daemon as a process: what its topics say from start to stop, and how it ends. */
import { execFileSync } from 'node:child_process';
import { connectAsync } from 'mqtt';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Daemon } from '../support/ghostcam.js';
import { Mosquitto } from '../support/mosquitto.js';

let broker: Mosquitto;
let cleanUp: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
  broker = await Mosquitto.start();
  cleanUp = [() => broker.dispose()];
});
afterEach(async () => {
  for (const step of cleanUp.reverse()) await step();
});

/** The newest payload of each topic. */
async function subscribe() {
  const client = await connectAsync(broker.url);
  cleanUp.push(() => client.endAsync(true));
  const newest = new Map<string, string>();
  client.on('message', (topic, payload) => newest.set(topic, payload.toString()));
  await client.subscribeAsync('ghostcam/#');
  return newest;
}

function start(more: Record<string, string> = {}) {
  const daemon = new Daemon({
    CAMERAS: 'front,off',
    CAMERA_URL: 'test:',
    CAMERA_OFF_ENABLED: 'false',
    NODE_ID: 'board',
    MQTT_URL: broker.url,
    ...more,
  });
  cleanUp.push(() => daemon.kill());
  return daemon;
}

const SOON = { timeout: 100_000, interval: 50 };

test('states from start to stop; SIGTERM ends it with code 0 and leaves no ffmpeg', async () => {
  const topics = await subscribe();
  const daemon = start();
  await vi.waitFor(() => expect(topics.get('ghostcam/board/front/detections')).toBeDefined(), SOON);
  expect(topics.get('ghostcam/board/state')).toBe('online');
  expect(JSON.parse(topics.get('ghostcam/board/front/state') ?? '')).toMatchObject({ state: 'online' });
  expect(JSON.parse(topics.get('ghostcam/board/off/state') ?? '')).toMatchObject({ state: 'disabled' });
  expect(JSON.parse(topics.get('ghostcam/board/info') ?? '')).toMatchObject({
    runtime: { provider: expect.any(String), version: expect.stringMatching(/^1\./) },
    model: { name: 'yolov8n-ghostnetv2-320', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    cameras: ['front', 'off'],
  });
  const { capturedAt, ages, width, height } = JSON.parse(topics.get('ghostcam/board/front/detections') ?? '');
  expect([width, height]).toEqual([1280, 720]);
  expect(Math.abs(Date.now() - Date.parse(capturedAt))).toBeLessThan(20_000);
  expect(ages.queueMs).toBeLessThanOrEqual(ages.inferenceMs);

  const children = execFileSync('pgrep', ['-P', String(daemon.pid)], { encoding: 'utf8' })
    .trim()
    .split('\n');
  expect(await daemon.stop('SIGTERM')).toEqual({ code: 0, signal: null });
  await vi.waitFor(() => expect(topics.get('ghostcam/board/state')).toBe('offline'), SOON);
  expect(JSON.parse(topics.get('ghostcam/board/front/state') ?? '')).toMatchObject({
    state: 'offline',
    reason: 'ghostcam was stopped',
  });
  for (const pid of children) expect(() => process.kill(Number(pid), 0)).toThrow();
});

test('killed, the last will says offline', async () => {
  const topics = await subscribe();
  const daemon = start();
  await vi.waitFor(() => expect(topics.get('ghostcam/board/state')).toBe('online'), SOON);
  await daemon.kill();
  await vi.waitFor(() => expect(topics.get('ghostcam/board/state')).toBe('offline'), SOON);
});

test('it starts without a broker, finds it later, and stops in time when it is gone again', async () => {
  await broker.stop();
  const daemon = start();
  await vi.waitFor(() => expect(daemon.output).toMatch(/nothing listens there/), SOON);
  await broker.start();
  const topics = await subscribe();
  await vi.waitFor(() => expect(topics.get('ghostcam/board/front/detections')).toBeDefined(), SOON);
  broker.freeze();
  expect(await daemon.stop('SIGINT')).toEqual({ code: 0, signal: null });
});

test('health tells rates, drops and stage times of each camera', async () => {
  const topics = await subscribe();
  start({ CAMERA_FPS: '10' });
  await vi.waitFor(() => expect(topics.get('ghostcam/board/health')).toBeDefined(), SOON);
  const health = JSON.parse(topics.get('ghostcam/board/health') ?? '');
  expect(health.cameras.front).toMatchObject({
    state: 'online',
    dropped: { replaced: expect.any(Number), stale: 0, failed: 0 },
    stages: { inferMs: { p50: expect.any(Number), p95: expect.any(Number) } },
  });
  expect(health.cameras.front.fpsInferred).toBeGreaterThan(0.5);
  expect(health.cameras.off).toMatchObject({ state: 'disabled', fpsIn: 0, fpsInferred: 0 });
});

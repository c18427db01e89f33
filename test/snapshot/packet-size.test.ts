/** Pictures at a real broker that limits the size of packets. */
import sharp from 'sharp';
import { afterEach, expect, test, vi } from 'vitest';
import { systemClock } from '../../src/clock.js';
import { defaultCameraConfig } from '../../src/config/types.js';
import type { CapturedFrame } from '../../src/frame/frame.js';
import { Topics } from '../../src/mqtt/topics.js';
import { Snapshots } from '../../src/snapshot/snapshots.js';
import type { EventChange } from '../../src/track/types.js';
import { memoryLog } from '../support/log.js';
import { Mosquitto } from '../support/mosquitto.js';
import { publisher, subscriber } from '../support/publisher.js';
import { seededRandom } from '../support/random.js';

const PATIENCE = { timeout: 60_000, interval: 50 };
const SIZE = { width: 640, height: 480 };
const PERSON = 'ghostcam/board/front/person/snapshot';

const cleanUp: (() => PromiseLike<unknown>)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});

/** Noise, which no encoder makes small. */
function noise(): CapturedFrame {
  const random = seededRandom(1);
  const data = Uint8Array.from({ length: SIZE.width * SIZE.height * 1.5 }, () => random() * 256);
  const source = { sourceWidth: SIZE.width, sourceHeight: SIZE.height };
  const times = { sequence: 1, capturedAt: Date.UTC(2026, 10, 25), capturedAtMonotonic: 0 };
  return { data, format: 'yuv420p', range: 'full', ...SIZE, ...times, ...source };
}

const at = Date.UTC(2026, 10, 25);
const box: [number, number, number, number] = [10, 10, 200, 300];
const CHANGE: EventChange = {
  type: 'new',
  event: {
    ...{ id: 'a', camera: 'front', label: 'person', score: 0.5, topScore: 0.5, box, size: SIZE },
    best: { at, score: 0.5, box },
    ...{ zones: [], enteredZones: [], path: [], startedAt: at, stationary: false },
  },
};

async function start(maximumPacketSize: number, version: 'auto' | '3.1.1') {
  const server = await Mosquitto.start({ settings: [`max_packet_size ${maximumPacketSize}`] });
  cleanUp.push(() => server.dispose());
  const seen = await subscriber(server.url);
  cleanUp.push(() => seen[Symbol.asyncDispose]());
  const { broker } = await publisher(server.url, { version });
  cleanUp.push(() => broker.stop(500));
  await vi.waitFor(() => expect(broker.connected).toBe(true), PATIENCE);
  const { log, lines } = memoryLog();
  const cameras = [defaultCameraConfig({ name: 'front', url: 'test:', snapshotMaxKb: 200 })];
  const snapshots = new Snapshots({
    broker,
    topics: new Topics('ghostcam', 'board'),
    cameras,
    clock: systemClock,
    log,
  });
  return { server, seen, broker, snapshots, lines };
}

test.each([60_000, 20_000, 6000])('a limit of %i bytes: the picture is made to fit', async (limit) => {
  const { server, seen, snapshots } = await start(limit, 'auto');
  snapshots.take(CHANGE, noise());
  await vi.waitFor(() => expect(seen.newest.has(PERSON)).toBe(true), PATIENCE);
  const picture = seen.newest.get(PERSON) as Buffer;
  expect(picture.length).toBeLessThan(limit);
  // As much of the limit as the steps of quality and size give.
  expect(picture.length).toBeGreaterThan(limit / 4);
  expect((await sharp(picture).metadata()).width).toBeGreaterThan(30);
  expect(server.log.match(/New client connected from .* as publisher/g)).toHaveLength(1);
});

test('a limit that allows no picture: none is published, which is logged once', async () => {
  const { seen, broker, snapshots, lines } = await start(2000, 'auto');
  for (let count = 0; count < 3; count++) snapshots.take(CHANGE, noise());
  await snapshots.settled();
  broker.event('events', { number: 1 });
  await vi.waitFor(() => expect(seen.newest.has('events')).toBe(true), PATIENCE);
  expect(seen.newest.has(PERSON)).toBe(false);
  snapshots.take(CHANGE, noise());
  await snapshots.settled();
  expect(lines.filter((line) => /no pictures are published.*maximum packet size/s.test(line))).toHaveLength(
    1,
  );
});

test('a limit without a number: after two closed connections pictures are made that pass', async () => {
  const { seen, snapshots } = await start(60_000, '3.1.1');
  await vi.waitFor(async () => {
    snapshots.take(CHANGE, noise());
    await snapshots.settled();
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(seen.newest.has(PERSON)).toBe(true);
  }, PATIENCE);
});

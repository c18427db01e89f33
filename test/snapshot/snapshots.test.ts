/** Which pictures are published when: the real encoder, a real broker, frames of one colour each. */

import { setTimeout as sleep } from 'node:timers/promises';
import { connectAsync } from 'mqtt';
import sharp from 'sharp';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { systemClock } from '../../src/clock.js';
import { defaultCameraConfig, defaultMqttConfig } from '../../src/config/types.js';
import type { CapturedFrame } from '../../src/frame/frame.js';
import { LeasedFrame } from '../../src/frame/leased-frame.js';
import { Broker } from '../../src/mqtt/broker.js';
import { Topics } from '../../src/mqtt/topics.js';
import { Snapshots } from '../../src/snapshot/snapshots.js';
import type { EventChange, ObjectEvent } from '../../src/track/types.js';
import { memoryLog } from '../support/log.js';
import { Mosquitto } from '../support/mosquitto.js';

interface Published {
  topic: string;
  /** Brightness of the middle, 0..255. */
  grey: number;
  retained: boolean;
  contentType: string | undefined;
  event: unknown;
  at: unknown;
}

const PERSON = 'ghostcam/board/front/person/snapshot';
const SIZE = { width: 64, height: 48 };
const AT = Date.UTC(2026, 10, 25, 13, 3, 12, 482);
const patience = { timeout: 20_000, interval: 20 };
let server: Mosquitto;
let broker: Broker;
let snapshots: Snapshots;
let lines: string[];
let cleanUp: (() => Promise<unknown>)[];

beforeEach(async () => {
  cleanUp = [];
  server = await Mosquitto.start();
  cleanUp.push(() => server.dispose());
  const config = defaultMqttConfig({ url: server.url, clientId: 'snapshots-test' });
  const memory = memoryLog();
  lines = memory.lines;
  broker = new Broker(config, { topic: 'state', payload: 'offline' }, memory.log, systemClock);
  cleanUp.push(() => broker.stop(500));
  await broker.start();
  await vi.waitFor(() => expect(broker.connected).toBe(true), patience);
  const cameras = [
    defaultCameraConfig({ name: 'front', url: 'test:', snapshotDraw: [], snapshotMaxKb: 100 }),
    defaultCameraConfig({ name: 'off', url: 'test:', snapshot: false }),
  ];
  const topics = new Topics('ghostcam', 'board');
  snapshots = new Snapshots({ broker, topics, cameras, clock: systemClock, log: memory.log });
});

afterEach(async () => {
  for (const step of cleanUp.reverse()) await step();
});

async function subscribe(): Promise<Published[]> {
  const subscriber = await connectAsync(server.url, { protocolVersion: 5 });
  cleanUp.push(() => subscriber.endAsync(true));
  const published: Published[] = [];
  subscriber.on('message', async (topic, payload, { retain, properties }) => {
    const { contentType, userProperties } = properties ?? {};
    const { event, at } = userProperties ?? {};
    const entry = { topic, grey: Number.NaN, retained: retain, contentType, event, at };
    published.push(entry);
    const { data } = await sharp(payload).raw().toBuffer({ resolveWithObject: true });
    entry.grey = data[3 * (24 * SIZE.width + 32)] ?? Number.NaN;
  });
  await subscriber.subscribeAsync('ghostcam/#');
  return published;
}

/** A frame of one grey, lent as a camera's are; full range, so that what goes in comes out. */
function frame(grey: number, sequence = grey, more: Partial<CapturedFrame> = {}): CapturedFrame {
  const data = new Uint8Array(SIZE.width * SIZE.height * 1.5).fill(128);
  data.fill(grey, 0, SIZE.width * SIZE.height);
  const { width: sourceWidth, height: sourceHeight } = SIZE;
  const captured: CapturedFrame = {
    data,
    format: 'yuv420p',
    range: 'full',
    ...SIZE,
    sequence,
    capturedAt: AT,
    capturedAtMonotonic: 0,
    sourceWidth,
    sourceHeight,
    ...more,
  };
  return new LeasedFrame(captured, () => {});
}

function change(
  type: EventChange['type'],
  id: string,
  more: Partial<EventChange & ObjectEvent> = {},
): EventChange {
  const { reason, ...rest } = more;
  const box: [number, number, number, number] = [10, 10, 20, 30];
  const event: ObjectEvent = {
    ...{ id, camera: 'front', label: 'person', score: 0.5, topScore: 0.5, box, size: SIZE },
    best: { at: AT, score: 0.5, box },
    ...{ zones: [], enteredZones: [], path: [], startedAt: AT, stationary: false },
    ...rest,
  };
  return { type, ...(reason === undefined ? {} : { reason }), event };
}

const near = (grey: number) => (value: number) => Math.abs(value - grey) <= 2;
const greys = (published: Published[]) => published.map(({ grey }) => grey);

test('a picture at the beginning of an event, retained, with its event, time and type in MQTT 5', async () => {
  const live = await subscribe();
  const captured = frame(200);
  snapshots.take(change('new', 'a'), captured);
  // The camera reads the next frame into the same memory.
  captured.data.fill(0);
  await vi.waitFor(() => expect(greys(live)).toEqual([expect.toSatisfy(near(200))]), patience);
  const late = await subscribe();
  await vi.waitFor(() => expect(greys(late)).toEqual([expect.toSatisfy(near(200))]), patience);
  const properties = { contentType: 'image/jpeg', event: 'a', at: '2026-11-25T13:03:12.482Z' };
  expect(live[0]).toMatchObject({ topic: PERSON, retained: false, ...properties });
  expect(late[0]).toMatchObject({ topic: PERSON, retained: true, ...properties });
});

test('nothing of a picture is kept for another one', async () => {
  const live = await subscribe();
  for (const [index, id] of ['a', 'b', 'c'].entries()) {
    snapshots.take(change('new', id), frame(100, index));
    await snapshots.settled();
  }
  await vi.waitFor(() => expect(live).toHaveLength(3), patience);
  // The last one is let go a moment after its picture is out.
  await vi.waitFor(() => expect(sharp.cache().items?.current).toBe(0), patience);
});

test('a better picture replaces it; other changes, and cameras without snapshots, publish none', async () => {
  const live = await subscribe();
  const next = async (what: EventChange, captured: CapturedFrame | undefined) => {
    snapshots.take(what, captured);
    await snapshots.settled();
  };
  await next(change('new', 'a'), frame(100));
  await next(change('update', 'a', { reason: 'zone' }), frame(110));
  await next(change('update', 'a', { reason: 'stationary' }), frame(120));
  await next(change('new', 'x', { camera: 'off' }), frame(130));
  await next(change('update', 'a', { reason: 'score' }), frame(140));
  await next(change('end', 'a'), undefined);
  await next(change('new', 'c', { label: 'car' }), frame(150));
  await vi.waitFor(() => expect(live).toHaveLength(3), patience);
  await sleep(100);
  expect(greys(live)).toEqual([100, 140, 150].map((grey) => expect.toSatisfy(near(grey))));
  expect(live.map(({ topic }) => topic)).toEqual([PERSON, PERSON, 'ghostcam/board/front/car/snapshot']);
});

test('a topic belongs to the newest object of its label', async () => {
  const live = await subscribe();
  snapshots.take(change('new', 'a'), frame(100));
  await snapshots.settled();
  snapshots.take(change('new', 'b'), frame(120));
  snapshots.take(change('update', 'a', { reason: 'score' }), frame(140));
  snapshots.take(change('update', 'b', { reason: 'score' }), frame(160));
  await snapshots.settled();
  snapshots.take(change('update', 'a', { reason: 'score' }), frame(180));
  await snapshots.settled();
  await vi.waitFor(() => expect(live.at(-1)?.grey).toSatisfy(near(160)), patience);
  expect(live.map(({ event }) => event)).toEqual(['a', 'b']);
});

test('two objects of one frame both get their picture', async () => {
  const live = await subscribe();
  const captured = frame(100);
  snapshots.take(change('new', 'a'), captured);
  snapshots.take(change('new', 'b'), captured);
  await snapshots.settled();
  await vi.waitFor(() => expect(live.map(({ event }) => event)).toEqual(['a', 'b']), patience);
});

test('of a burst of better pictures the newest is published; of too many events the newest eight', async () => {
  const live = await subscribe();
  snapshots.take(change('new', 'a'), frame(1));
  for (let grey = 2; grey <= 100; grey++)
    snapshots.take(change('update', 'a', { reason: 'score' }), frame(grey));
  await snapshots.settled();
  await vi.waitFor(() => expect(greys(live)).toEqual([expect.toSatisfy(near(100))]), patience);
  for (let number = 1; number <= 20; number++) snapshots.take(change('new', `b${number}`), frame(number));
  await snapshots.settled();
  await vi.waitFor(() => expect(live).toHaveLength(9), patience);
  expect(live.slice(1).map(({ event }) => event)).toEqual(
    [13, 14, 15, 16, 17, 18, 19, 20].map((n) => `b${n}`),
  );
});

test('an object gets a picture a second at most: the newest of those that came too early, when it is due', async () => {
  const live = await subscribe();
  const at = (capturedAtMonotonic: number, grey: number) => frame(grey, grey, { capturedAtMonotonic });
  const better = change('update', 'a', { reason: 'score' });
  snapshots.take(change('new', 'a'), at(0, 20));
  await vi.waitFor(() => expect(live).toHaveLength(1), patience);
  const before = performance.now();
  for (const early of [40, 60, 80]) snapshots.take(better, at(600 + early, early));
  // Another object of the frame waits for nobody.
  snapshots.take(change('new', 'c', { label: 'car' }), at(680, 80));
  await vi.waitFor(() => expect(live).toHaveLength(2), patience);
  await vi.waitFor(() => expect(live).toHaveLength(3), patience);
  expect(performance.now() - before).toBeGreaterThan(300);
  snapshots.take(better, at(1700, 100));
  await vi.waitFor(() => expect(live).toHaveLength(4), patience);
  await sleep(500);
  expect(live.map(({ event }) => event)).toEqual(['a', 'c', 'a', 'a']);
  expect(greys(live)).toEqual([20, 80, 80, 100].map((grey) => expect.toSatisfy(near(grey))));
});

test('what was put off is not published once its topic has a newer object', async () => {
  const live = await subscribe();
  snapshots.take(change('new', 'a'), frame(100));
  await vi.waitFor(() => expect(live).toHaveLength(1), patience);
  snapshots.take(change('update', 'a', { reason: 'score' }), frame(120));
  snapshots.take(change('new', 'b'), frame(140));
  await vi.waitFor(() => expect(live).toHaveLength(2), patience);
  await sleep(1200);
  expect(live.map(({ event }) => event)).toEqual(['a', 'b']);
});

test('a picture that cannot be made is named in the log; the next one is made', async () => {
  const live = await subscribe();
  snapshots.take(change('new', 'a'), frame(100, 100, { height: 47 }));
  snapshots.take(change('new', 'b'), frame(120));
  await vi.waitFor(() => expect(live.map(({ event }) => event)).toEqual(['b']), patience);
  expect(lines.join('')).toMatch(/a snapshot could not be made: .*does not fit its size.*front/);
});

test('what is made while the broker is away is there when it is back', async () => {
  await server.kill();
  await vi.waitFor(() => expect(broker.connected).toBe(false), patience);
  snapshots.take(change('new', 'a'), frame(100));
  snapshots.take(change('new', 'b'), frame(120));
  await snapshots.settled();
  await server.start();
  const live = await subscribe();
  await vi.waitFor(() => expect(greys(live)).toEqual([expect.toSatisfy(near(120))]), patience);
  expect(live[0]).toMatchObject({ event: 'b', contentType: 'image/jpeg' });
});

test('pictures of a camera that wait or are being made are given up', async () => {
  const published = await subscribe();
  snapshots.take(change('new', 'a'), frame(60));
  // The first is being made when the second waits.
  await Promise.resolve();
  snapshots.take(change('new', 'b'), frame(90));
  snapshots.discard('front');
  await snapshots.settled();
  snapshots.take(change('new', 'c'), frame(120));
  await snapshots.settled();
  await vi.waitFor(() => expect(published.map(({ event }) => event)).toEqual(['c']), patience);
});

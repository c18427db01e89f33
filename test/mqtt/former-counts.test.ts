/** Counts that an earlier run has left on a real broker. */
import { afterEach, expect, test, vi } from 'vitest';
import { FormerCounts } from '../../src/mqtt/former-counts.js';
import { Topics } from '../../src/mqtt/topics.js';
import { Mosquitto } from '../support/mosquitto.js';
import { publisher, subscriber } from '../support/publisher.js';

const PATIENCE = { timeout: 20_000, interval: 20 };
const cleanUp: (() => unknown)[] = [];

afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

test('counts of labels and zones that are gone are cleared at the next start, and no others', async () => {
  const server = await Mosquitto.start();
  cleanUp.push(() => server.dispose());
  const watcher = await subscriber(server.url);
  cleanUp.push(() => watcher[Symbol.asyncDispose]());
  const topics = new Topics('ghostcam', 'board');
  const stale = [
    ...[topics.count('front', 'cow'), topics.moving('front', 'cow')],
    ...[topics.zoneCount('front', 'gone', 'person'), topics.zoneMoving('front', 'door', 'cow')],
  ];
  const published = [topics.moving('front', 'person'), topics.zoneCount('front', 'door', 'all')];
  const kept = [
    ...published,
    ...[topics.cameraState('front'), topics.snapshot('front', 'cow'), topics.count('other', 'person')],
    'ghostcam/board2/front/cow/count',
  ];
  const earlier = await publisher(server.url, { clientId: 'earlier' });
  for (const topic of [...stale, ...kept]) earlier.broker.retain(topic, '1');
  await vi.waitFor(() => expect(watcher.newest.size).toBe(stale.length + kept.length), PATIENCE);
  await earlier.broker.stop(1000);

  const now = await publisher(server.url);
  const { broker } = now;
  cleanUp.push(() => now[Symbol.asyncDispose]());
  for (const topic of published) broker.retain(topic, '1');
  const former = new FormerCounts({ broker, topics, isConfigured: (camera) => camera === 'front' });
  former.start();
  cleanUp.push(() => former.stop());
  const cleared = () =>
    [...watcher.newest].filter(([, payload]) => payload.length === 0).map(([topic]) => topic);
  await vi.waitFor(() => expect(cleared().sort()).toEqual([...stale].sort()), PATIENCE);
  broker.event('events', {});
  await vi.waitFor(() => expect(watcher.newest.has('events')).toBe(true), PATIENCE);
  expect(cleared()).toHaveLength(stale.length);
});

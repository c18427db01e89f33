/** The state of a camera whose board has died, or that has left the env file, does not stay `online` for ever. */
import { connectAsync } from 'mqtt';
import { afterEach, expect, test, vi } from 'vitest';
import { systemClock } from '../../src/clock.js';
import type { MessageHandler } from '../../src/mqtt/broker.js';
import { DeliveryErrors } from '../../src/mqtt/delivery/delivery-errors.js';
import { StateStore } from '../../src/mqtt/delivery/state-store.js';
import { FormerCameras } from '../../src/mqtt/former-cameras.js';
import type { Session } from '../../src/mqtt/session.js';
import { Topics } from '../../src/mqtt/topics.js';
import { memoryLog } from '../support/log.js';
import { Mosquitto } from '../support/mosquitto.js';
import { type Publisher, publisher, subscriber } from '../support/publisher.js';

const PATIENCE = { timeout: 40_000, interval: 100 };

/** Looks for cameras that are gone, until the function that is returned is called. */
function watchFormer({ broker, log }: Publisher, topics: Topics, graceMs = 1e9): () => void {
  const isConfigured = (camera: string) => camera === 'front';
  const former = new FormerCameras({ broker, topics, isConfigured, clock: systemClock, log, graceMs });
  former.start();
  return () => former.stop();
}

const cleanUp: (() => PromiseLike<unknown>)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});

test('a state that is not renewed is gone, others stay', async () => {
  const server = await Mosquitto.start();
  cleanUp.push(() => server.dispose());
  const { broker } = await publisher(server.url);
  cleanUp.push(() => broker.stop(500));
  broker.retain('front/state', 'online', 1, { messageExpiryInterval: 1 });
  broker.retain('front/fps/state', '5');
  await vi.waitFor(async () => {
    await using seen = await subscriber(server.url);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect([...seen.newest.keys()]).toEqual(['front/fps/state']);
  }, PATIENCE);
});

test('what expires is renewed, and nothing else', async () => {
  const published: string[] = [];
  const session = {
    holdsBack: false,
    publish: async (topic: string) => void published.push(topic),
  } as unknown as Session;
  const states = new StateStore(new DeliveryErrors(memoryLog().log, systemClock));
  states.set('front/state', { payload: 'online', qos: 1, properties: { messageExpiryInterval: 900 } });
  states.set('front/fps/state', { payload: '5', qos: 1, properties: {} });
  states.connected(session);
  await states.settled();
  states.repeatExpiring();
  await states.settled();
  expect(published).toEqual(['front/state', 'front/fps/state', 'front/state']);
});

test.each(['auto', '3.1.1'] as const)(
  'MQTT %s: states of cameras that are gone say so at the next start, and are cleared at the second, and no others',
  async (version) => {
    const server = await Mosquitto.start();
    cleanUp.push(() => server.dispose());
    const earlier = await subscriber(server.url);
    cleanUp.push(() => earlier[Symbol.asyncDispose]());
    const topics = new Topics('ghostcam', 'board');
    const stale = ['gone', 'back_yard-2'].map((camera) => topics.cameraState(camera));
    const kept = [
      topics.cameraState('front'),
      topics.nodeState,
      topics.settingState('gone', 'fps'),
      'ghostcam/board2/gone/state',
      'ghostcam/board/no camera/state',
    ];
    const { broker } = await publisher(server.url, { clientId: 'earlier' });
    for (const topic of [...stale, ...kept]) broker.retain(topic, '{"state":"online"}');
    await vi.waitFor(() => expect(earlier.newest.size).toBe(stale.length + kept.length), PATIENCE);
    await broker.stop(1000);

    const now = await publisher(server.url, { version });
    const stopFirst = watchFormer(now, topics);
    await vi.waitFor(() => {
      const states = stale.map((topic) => JSON.parse(earlier.newest.get(topic)?.toString() ?? '{}'));
      for (const state of states) {
        expect(state).toMatchObject({ state: 'offline', removedAt: expect.any(String) });
      }
    }, PATIENCE);
    stopFirst();
    await now[Symbol.asyncDispose]();

    const second = await publisher(server.url, { version });
    cleanUp.push(() => second[Symbol.asyncDispose]());
    const stopSecond = watchFormer(second, topics);
    cleanUp.push(async () => stopSecond());
    await vi.waitFor(() => {
      const cleared = [...earlier.newest]
        .filter(([, payload]) => payload.length === 0)
        .map(([topic]) => topic);
      expect(cleared.sort()).toEqual([...stale].sort());
    }, PATIENCE);
    second.broker.event('events', {});
    await vi.waitFor(() => expect(earlier.newest.has('events')).toBe(true), PATIENCE);
    for (const topic of kept) expect(earlier.newest.get(topic)?.toString()).toBe('{"state":"online"}');
  },
);

test('after a day, and at once when somebody else clears it, nothing is left of a camera that is gone', async () => {
  const server = await Mosquitto.start();
  cleanUp.push(() => server.dispose());
  const seen = await subscriber(server.url);
  cleanUp.push(() => seen[Symbol.asyncDispose]());
  const topics = new Topics('ghostcam', 'board');
  const own = await publisher(server.url);
  cleanUp.push(() => own[Symbol.asyncDispose]());
  const [soon, later] = [topics.cameraState('soon'), topics.cameraState('later')];
  const stopLong = watchFormer(own, topics);
  cleanUp.push(async () => stopLong());
  const stranger = await publisher(server.url, { clientId: 'forget' });
  cleanUp.push(() => stranger[Symbol.asyncDispose]());
  stranger.broker.retain(later, '{"state":"online"}');
  // What is published while it is subscribed to was not left by an earlier run.
  await vi.waitFor(() => expect(seen.newest.get(later)?.toString()).toMatch(/online/), PATIENCE);
  own.broker.renew(topics.cameraStates);
  await vi.waitFor(() => expect(seen.newest.get(later)?.toString()).toMatch(/removedAt/), PATIENCE);
  stranger.broker.clear(later);
  await vi.waitFor(() => expect(own.logged(/camera later is no longer there/)).toHaveLength(1), PATIENCE);
  stopLong();

  stranger.broker.retain(soon, '{"state":"online"}');
  await vi.waitFor(() => expect(seen.newest.get(soon)?.toString()).toMatch(/online/), PATIENCE);
  const stopShort = watchFormer(own, topics, 500);
  cleanUp.push(async () => stopShort());
  await vi.waitFor(() => expect(seen.newest.get(soon)?.toString()).toMatch(/removedAt/), PATIENCE);
  await vi.waitFor(() => expect(seen.newest.get(soon)?.toString()).toBe(''), PATIENCE);
});

/** Retained states of 500 cameras that nobody has. */
const MADE_UP = Array.from({ length: 500 }, (_, index) => `c${index}`);

test('500 cameras that a stranger makes up are a few lines and a count', () => {
  vi.useFakeTimers();
  cleanUp.push(async () => vi.useRealTimers());
  const { log, lines } = memoryLog();
  const topics = new Topics('ghostcam', 'board');
  let handler: MessageHandler = () => {};
  const broker = {
    subscribe: (_filter: string, onMessage: MessageHandler) => {
      handler = onMessage;
    },
    retain: () => {},
    clear: () => {},
    clearBelow: () => {},
  };
  const clock = { ...systemClock, monotonic: () => 0 };
  const former = new FormerCameras({ broker, topics, isConfigured: () => false, clock, log });
  former.start();
  for (const camera of MADE_UP) handler(topics.cameraState(camera), Buffer.from('{"state":"online"}'), true);
  vi.advanceTimersByTime(59_999);
  expect(lines).toHaveLength(40);
  vi.advanceTimersByTime(1);
  former.stop();
  expect(lines).toHaveLength(41);
  expect(lines.at(-1)).toMatch(
    /INFO: 460 more lines about cameras that are not in the settings in the last 60 s/,
  );
});

test('what this run has published is looked through for its own cameras, not for those that a stranger makes up', () => {
  vi.useFakeTimers();
  cleanUp.push(async () => vi.useRealTimers());
  const topics = new Topics('ghostcam', 'board');
  let handler: MessageHandler = () => {};
  const cleared: string[] = [];
  const broker = {
    subscribe: (_filter: string, onMessage: MessageHandler) => {
      handler = onMessage;
    },
    retain: () => {},
    clear: (topic: string) => void cleared.push(topic),
    clearBelow: (prefix: string) => void cleared.push(`${prefix}#`),
  };
  const { log } = memoryLog();
  const parts = { broker, topics, isConfigured: () => false, clock: systemClock, log, graceMs: 1000 };
  const former = new FormerCameras(parts);
  cleanUp.push(async () => former.stop());
  former.start();
  former.left('garden');
  handler(topics.cameraState('stranger'), Buffer.from('{"state":"offline","removedAt":"2026"}'), true);
  vi.advanceTimersByTime(59_999);
  expect(cleared.sort()).toEqual(
    [
      topics.cameraState('stranger'),
      topics.cameraState('garden'),
      `${topics.cameraPrefix('garden')}#`,
    ].sort(),
  );
});

test('of 500 cameras that a stranger makes up a hundred are kept for a day', async () => {
  const server = await Mosquitto.start({ settings: ['max_queued_messages 0'] });
  cleanUp.push(() => server.dispose());
  const topics = new Topics('ghostcam', 'board');
  const stranger = await connectAsync(server.url);
  const send = (camera: string) =>
    stranger.publishAsync(topics.cameraState(camera), '{"state":"online"}', { qos: 1, retain: true });
  await Promise.all(MADE_UP.map(send));
  await stranger.endAsync();
  const own = await publisher(server.url);
  cleanUp.push(() => own.broker.stop(500));
  const stop = watchFormer(own, topics);
  cleanUp.push(async () => stop());
  await vi.waitFor(async () => {
    await using seen = await subscriber(server.url);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(seen.newest.size).toBe(100);
  }, PATIENCE);
}, 100_000);

/** What strangers on a real broker may send: commands of any length and number, and retained messages below the discovery prefix. */

import { connectAsync, type MqttClient } from 'mqtt';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { systemClock } from '../../src/clock.js';
import { defaultCameraConfig } from '../../src/config/types.js';
import { HomeAssistant } from '../../src/homeassistant/home-assistant.js';
import {
  type CameraChoices,
  type CameraControls,
  type CameraSettings,
  Commands,
} from '../../src/mqtt/commands.js';
import { FormerCameras } from '../../src/mqtt/former-cameras.js';
import { Topics } from '../../src/mqtt/topics.js';
import { Mosquitto } from '../support/mosquitto.js';
import { type Publisher, publisher, type Subscriber, subscriber } from '../support/publisher.js';

const PATIENCE = { timeout: 60_000, interval: 50 };
const TOPICS = new Topics('ghostcam', 'board');

const cleanUp: (() => PromiseLike<unknown> | undefined)[] = [];
let server: Mosquitto;
let stranger: MqttClient;
let own: Publisher;
let seen: Subscriber;
/** Every value that a setting was given. */
let given: unknown[];

beforeEach(async () => {
  server = await Mosquitto.start({ settings: ['max_queued_messages 0'] });
  cleanUp.push(() => server.dispose());
  stranger = await connectAsync(server.url);
  cleanUp.push(() => stranger.endAsync(true));
  seen = await subscriber(server.url);
  cleanUp.push(() => seen[Symbol.asyncDispose]());
});
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});

/** Remembers instead of doing. */
class Settings implements CameraControls {
  readonly #values: CameraChoices = { enabled: true, detect: true, threshold: 0.3, fps: 5 };

  get<S extends keyof CameraSettings>(setting: S): CameraSettings[S] {
    const settings: CameraSettings = { ...this.#values, threshold: this.#values.threshold ?? 0.3 };
    return settings[setting];
  }

  chosen<S extends keyof CameraSettings>(setting: S): CameraChoices[S] {
    return this.#values[setting];
  }

  configured<S extends keyof CameraSettings>(setting: S): CameraChoices[S] {
    return this.#values[setting];
  }

  set<S extends keyof CameraSettings>(setting: S, value: CameraChoices[S]): void {
    this.#values[setting] = value;
    given.push(value);
  }
}

async function start(): Promise<void> {
  given = [];
  own = await publisher(server.url);
  cleanUp.push(() => own[Symbol.asyncDispose]());
  const { broker, log } = own;
  const controls = new Map([['front', new Settings()]]);
  const cameras = () => [...controls.keys()];
  const commands = new Commands({ broker, topics: TOPICS, controls, cameras, clock: systemClock, log });
  commands.start();
  cleanUp.push(async () => commands.stop());
  await vi.waitFor(() => expect(seen.newest.has(TOPICS.settingState('front', 'fps'))).toBe(true), PATIENCE);
}

const state = (setting: string) => seen.newest.get(TOPICS.settingState('front', setting))?.toString();
const longest = (lines: readonly string[]) => Math.max(0, ...lines.map((line) => line.length));

test.each<[string, (index: number) => string]>([
  ['a camera of 60,000 letters', (index) => `ghostcam/board/${String(index).repeat(60_000)}/fps/set`],
  ['a setting of 60,000 letters', (index) => `ghostcam/board/front/${String(index).repeat(60_000)}/set`],
  ['a camera of 30,000 blanks', (index) => `ghostcam/board/${' '.repeat(30_000)}${index}/fps/set`],
  ['a camera of 20,000 addresses', (index) => `ghostcam/board/${'a:b@'.repeat(10_000)}${index}/fps/set`],
  [
    'a setting that looks like a credential',
    (index) => `ghostcam/board/front/${'password='.repeat(6000)}${index}/set`,
  ],
])('commands on topics with %s: one short line, and the next command is obeyed', async (_, topic) => {
  await start();
  for (let index = 0; index < 10; index++) await stranger.publishAsync(topic(index), '3', { qos: 1 });
  await stranger.publishAsync(TOPICS.settingCommand('front', 'fps'), '7', { qos: 1 });
  await vi.waitFor(() => expect(state('fps')).toBe('7'), PATIENCE);
  expect(own.logged(/command refused/)).toHaveLength(1);
  expect(longest(own.lines)).toBeLessThan(1000);
  expect(given).toEqual([7]);
});

test('a setting that is changed to and fro is changed twice a second at most, and has the newest value in the end', async () => {
  await start();
  const began = performance.now();
  for (let count = 0; performance.now() - began < 3000; count++) {
    await stranger.publishAsync('ghostcam/board/front/fps/set', String(3 + (count % 2)), { qos: 1 });
    await new Promise((resolve) => setTimeout(resolve, 60));
  }
  await stranger.publishAsync('ghostcam/board/front/fps/set', '9', { qos: 1 });
  await vi.waitFor(() => expect(given.at(-1)).toBe(9), PATIENCE);
  const seconds = (performance.now() - began) / 1000;
  expect(given.length).toBeLessThanOrEqual(2 * seconds + 2);
});

test.each(['auto', '3.1.1'] as const)(
  'MQTT %s: a message that nobody reads, larger than any that is wanted, does not get into the memory',
  async (version) => {
    own = await publisher(server.url, { version });
    cleanUp.push(() => own.broker.stop(500));
    const lengths: number[] = [];
    own.broker.subscribe('big', (_, payload) => void lengths.push(payload.length));
    await vi.waitFor(() => expect(server.log).toMatch(/Received SUBSCRIBE from publisher/), PATIENCE);
    await stranger.publishAsync('big', Buffer.alloc(2 ** 25), { qos: 1 });
    await vi.waitFor(async () => {
      await stranger.publishAsync('big', 'after', { qos: 1 });
      expect(lengths).toContain(5);
    }, PATIENCE);
    expect(lengths.filter((length) => length > 5)).toEqual([]);
    const said = own.logged(/no connection.*it sends a message of more than 16 MB/);
    expect(said).toHaveLength(version === 'auto' ? 0 : 1);
  },
);

test('20,000 valid commands: the newest value holds, and few were ever set', async () => {
  await start();
  const topic = TOPICS.settingCommand('front', 'threshold');
  for (let index = 1; index <= 20_000; index++) stranger.publish(topic, String((index % 90) / 100 + 0.05));
  await stranger.publishAsync(topic, '0.99', { qos: 1 });
  await vi.waitFor(() => expect(state('threshold')).toBe('0.99'), PATIENCE);
  expect(given.at(-1)).toBe(0.99);
  expect(given.length).toBeLessThan(1000);
  expect(
    seen.messages.filter((message) => message.topic === TOPICS.settingState('front', 'threshold')).length,
  ).toBeLessThan(1000);
});

test.each<[string, (index: number) => [topic: string, payload: string]]>([
  ['values', (index) => [TOPICS.settingCommand('front', 'fps'), `nonsense ${index}`]],
  ['cameras', (index) => [TOPICS.settingCommand(`camera${index}`, 'fps'), '3']],
  ['settings', (index) => [TOPICS.settingCommand('front', `setting${index}`), '3']],
  ['lengths', (index) => [TOPICS.settingCommand('front', 'fps'), '9'.repeat(33 + index)]],
])('5,000 commands with wrong %s are at most a line in ten seconds', async (_, command) => {
  await start();
  const since = performance.now();
  for (let index = 0; index < 5000; index++) stranger.publish(...command(index));
  await stranger.publishAsync(TOPICS.settingCommand('front', 'detect'), 'OFF', { qos: 1 });
  await vi.waitFor(() => expect(state('detect')).toBe('OFF'), PATIENCE);
  const allowed = 1 + Math.ceil((performance.now() - since) / 10_000);
  expect(own.logged(/WARN/).length).toBeLessThanOrEqual(allowed);
});

test.each<[string, string]>([
  ['a control character', 'ghostcam/board/gone/per\u0007son/count'],
  ['NUL', 'ghostcam/board/gone/per\u0000son/count'],
  ['a C1 control character', 'ghostcam/board/gone/per\u0085son/count'],
  ['a noncharacter', 'ghostcam/board/gone/\ufffe/count'],
  ['half a surrogate pair', 'ghostcam/board/gone/\ud800/count'],
  ['70,000 letters', `ghostcam/board/gone/${'x'.repeat(70_000)}/count`],
  ['a wildcard', 'ghostcam/board/gone/+/count'],
  ['a topic of another node', 'ghostcam/other/gone/person/count'],
  ['a command', 'ghostcam/board/gone/fps/set'],
])(
  'a retained discovery message whose state topic is or has %s: nothing is published there, and the connection stays',
  async (_, topic) => {
    const component = { p: 'sensor', unique_id: 'x', state_topic: topic };
    const entities = Object.fromEntries(
      [
        ['front', 'front'],
        ['gone', 'gone'],
      ].map(([name]) => [name, component]),
    );
    for (const camera of ['front', 'gone']) {
      const discovery = `homeassistant/device/ghostcam_board_${camera}/config`;
      await stranger.publishAsync(discovery, JSON.stringify({ cmps: entities }), { retain: true, qos: 1 });
    }
    const missing = '{"state":"offline","removedAt":"2026-11-25T14:03:12.669Z"}';
    await stranger.publishAsync(TOPICS.cameraState('gone'), missing, { retain: true, qos: 1 });
    await start();
    seen.messages.length = 0;
    const cameras = [
      {
        config: defaultCameraConfig({ name: 'front', url: 'test:' }),
        reportableLabels: ['person'],
        measuresMotion: true,
      },
    ];
    const { broker, log } = own;
    const isConfigured = (camera: string) => camera === 'front';
    const former = new FormerCameras({ broker, topics: TOPICS, isConfigured, clock: systemClock, log });
    former.start();
    const home = new HomeAssistant({
      broker,
      topics: TOPICS,
      nodeId: 'board',
      prefix: 'homeassistant',
      cameras,
      former,
      clock: systemClock,
      log,
    });
    home.start();
    cleanUp.push(async () => home.stop());
    await vi.waitFor(() => {
      expect(seen.newest.get('homeassistant/device/ghostcam_board_gone/config')?.toString()).toBe('');
      expect(seen.newest.get(TOPICS.cameraState('gone'))?.toString()).toBe('');
    }, PATIENCE);
    broker.event('ghostcam/board/front/events', { number: 1 });
    await vi.waitFor(() => expect(seen.newest.has('ghostcam/board/front/events')).toBe(true), PATIENCE);
    const published = seen.messages.map((message) => message.topic);
    expect(published.filter((name) => name.includes('/gone/'))).toEqual([TOPICS.cameraState('gone')]);
    expect(published).not.toContain(topic);
    expect(server.log.match(/New client connected from .* as publisher/g)).toHaveLength(1);
  },
);

test.each<[string, (broker: Publisher['broker']) => void]>([
  ['a state', (broker) => broker.retain('ghostcam/board/front/per\u0007son/count', '1')],
  ['an event', (broker) => broker.event('ghostcam/board/\ufdd0/events', { number: 0 })],
  ['a frame', (broker) => broker.send('x'.repeat(70_000), '{}')],
  ['what is cleared', (broker) => broker.clear('ghostcam/board/+/motion')],
  ['a property', (broker) => broker.retain('a', '1', 0, { userProperties: { event: '\ud800' } })],
  [
    'a property of 70,000 letters',
    (broker) => broker.retain('a', '1', 0, { contentType: 'x'.repeat(70_000) }),
  ],
])('%s that MQTT forbids does not reach the broker, and what follows does', async (_, publish) => {
  await start();
  publish(own.broker);
  own.broker.event('events', { number: 1 });
  await vi.waitFor(() => expect(seen.newest.has('events')).toBe(true), PATIENCE);
  expect(server.log.match(/New client connected from .* as publisher/g)).toHaveLength(1);
  expect(own.logged(/MQTT forbids/)).toHaveLength(1);
  expect(longest(own.lines)).toBeLessThan(1000);
});

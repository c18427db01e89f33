/** What is announced to Home Assistant and taken back, on a real broker that may hold what earlier runs have left there. */

import { setTimeout as sleep } from 'node:timers/promises';
import { connectAsync, type MqttClient } from 'mqtt';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { systemClock } from '../../src/clock.js';
import { defaultCameraConfig, defaultMqttConfig, type MqttConfig } from '../../src/config/types.js';
import { HomeAssistant } from '../../src/homeassistant/home-assistant.js';
import { Broker } from '../../src/mqtt/broker.js';
import { FormerCameras } from '../../src/mqtt/former-cameras.js';
import { Topics } from '../../src/mqtt/topics.js';
import { memoryLog } from '../support/log.js';
import { Mosquitto } from '../support/mosquitto.js';
import { discoveryMistakes } from './schema.js';

const SOON = { timeout: 20_000, interval: 20 };
const discovery = (device: string) => `homeassistant/device/${device}/config`;

/** What an earlier start without the camera has left. */
const MISSING = '{"state":"offline","removedAt":"2026-11-25T14:03:12.669Z"}';

let server: Mosquitto;
let user: MqttClient;
/** Every message since the start of the test, as the user sees it. */
let messages: { topic: string; payload: string; retain: boolean }[];
let cleanUp: (() => Promise<unknown> | undefined)[];

beforeEach(async () => {
  cleanUp = [];
  await begin();
});
afterEach(async () => {
  for (const step of cleanUp.reverse()) await step();
});

async function begin(options: Parameters<typeof Mosquitto.start>[0] = {}, login = {}) {
  const mosquitto = await Mosquitto.start(options);
  cleanUp.push(() => mosquitto.dispose());
  server = mosquitto;
  const client = await connectAsync(server.url, { reconnectPeriod: 20, ...login });
  cleanUp.push(() => client.endAsync(true));
  user = client;
  messages = [];
  user.on('message', (topic, payload, { retain }) =>
    messages.push({ topic, payload: payload.toString(), retain }),
  );
  await user.subscribeAsync('#', { qos: 1 });
}

/** A run of the daemon as far as it concerns Home Assistant: its states, then its announcements. */
async function run(
  cameras: Record<string, string[]>,
  { prefix = 'homeassistant', ...login }: Partial<MqttConfig> & { prefix?: string } = {},
) {
  const { log, lines } = memoryLog();
  const topics = new Topics('ghostcam', 'board');
  const broker = new Broker(
    defaultMqttConfig({ url: server.url, clientId: 'board', ...login }),
    { topic: topics.nodeState, payload: 'offline' },
    log,
    systemClock,
  );
  broker.retain(topics.nodeState, 'online');
  for (const [name, labels] of Object.entries(cameras)) {
    broker.retain(topics.cameraState(name), '{"state":"online"}');
    broker.retain(topics.motion(name), 'OFF', 0);
    for (const label of labels) {
      broker.retain(topics.count(name, label), '0', 0);
      broker.retain(topics.snapshot(name, label), 'a picture', 0);
    }
  }
  const announced = Object.entries(cameras).map(([name, labels]) => ({
    config: defaultCameraConfig({ name, url: 'test:' }),
    reportableLabels: labels,
    measuresMotion: true,
  }));
  const isConfigured = (camera: string) => camera in cameras;
  const former = new FormerCameras({ broker, topics, isConfigured, clock: systemClock, log });
  former.start();
  const home = new HomeAssistant({
    broker,
    topics,
    nodeId: 'board',
    prefix,
    cameras: announced,
    former,
    clock: systemClock,
    log,
  });
  home.start();
  const stop = async () => {
    home.stop();
    former.stop();
    await broker.stop(2000);
  };
  cleanUp.push(stop);
  await broker.start();
  await vi.waitFor(() => expect(broker.connected).toBe(true), SOON);
  const message = (camera: string) => {
    const topic = discovery(`ghostcam_board_${camera}`);
    return messages.find((one) => one.topic === topic)?.payload ?? '';
  };
  return { broker, home, lines, message, stop };
}

/** What a new subscriber finds on the broker. */
async function retained(): Promise<Map<string, string>> {
  const client = await connectAsync(server.url);
  const found = new Map<string, string>();
  client.on('message', (topic, payload) => found.set(topic, payload.toString()));
  await client.subscribeAsync('#', { qos: 1 });
  // The broker sends what it has retained before it answers what comes later.
  await client.publishAsync('end', '', { qos: 1 });
  await vi.waitFor(() => expect(found.has('end')).toBe(true), SOON);
  await client.endAsync();
  found.delete('end');
  return found;
}

const keys = async () => [...(await retained()).keys()];

test('one retained message for the node and each camera, which Home Assistant’s schema allows', async () => {
  await run({ front: ['person'], back_yard: ['cat', 'dog'] });
  const devices = ['ghostcam_board', 'ghostcam_board_front', 'ghostcam_board_back_yard'];
  await vi.waitFor(async () => {
    const found = await retained();
    for (const device of devices) {
      expect(discoveryMistakes(JSON.parse(found.get(discovery(device)) ?? '{}'))).toEqual([]);
    }
  }, SOON);
  const all = (await keys()).filter((topic) => topic.startsWith('homeassistant/'));
  expect(all.sort()).toEqual(devices.map(discovery).sort());
});

test('when Home Assistant is started, devices and states are announced again; a retained birth message is old', async () => {
  await user.publishAsync('homeassistant/status', 'online', { retain: true });
  const { lines } = await run({ front: ['person'] });
  const answers = () => lines.filter((line) => line.includes('Home Assistant was started')).length;
  await vi.waitFor(async () => expect(await keys()).toContain(discovery('ghostcam_board_front')), SOON);
  // Longer than the daemon waits before it answers.
  await sleep(2500);
  expect(answers()).toBe(0);
  messages.length = 0;

  await user.publishAsync('homeassistant/status', 'offline');
  await user.publishAsync('homeassistant/status', 'online');
  const topics = () => messages.map(({ topic }) => topic);
  await vi.waitFor(
    () =>
      expect(topics()).toEqual(
        expect.arrayContaining([
          discovery('ghostcam_board'),
          discovery('ghostcam_board_front'),
          'ghostcam/board/state',
          'ghostcam/board/front/state',
          'ghostcam/board/front/motion',
          'ghostcam/board/front/person/count',
          'ghostcam/board/front/person/snapshot',
        ]),
      ),
    SOON,
  );
  expect(answers()).toBe(1);
  // Anybody may say it: the next answer is half a minute away.
  for (let count = 0; count < 5; count++) await user.publishAsync('homeassistant/status', 'online');
  await sleep(2500);
  expect(answers()).toBe(1);
});

test('another prefix: announced there, and Home Assistant’s birth is heard on both topics', async () => {
  const topic = 'home/discovery/device/ghostcam_board_front/config';
  for (const birth of ['home/discovery/status', 'homeassistant/status']) {
    const { stop } = await run({ front: ['person'] }, { prefix: 'home/discovery' });
    await vi.waitFor(async () => expect(await keys()).toContain(topic), SOON);
    messages.length = 0;
    await user.publishAsync(birth, 'online');
    await vi.waitFor(() => expect(messages.map((message) => message.topic)).toContain(topic), SOON);
    await stop();
  }
});

test('a camera that is missing stays for a start, and says that it is offline; all of it goes at the second', async () => {
  const first = await run({ garden: ['person', 'cat'], front: ['person'] });
  await vi.waitFor(async () => expect(await keys()).toContain(discovery('ghostcam_board_garden')), SOON);
  await first.stop();
  const before = await keys();
  const ofGarden = before.filter((topic) => topic.includes('garden'));
  expect(ofGarden).toHaveLength(7);

  const trial = await run({ front: ['person'] });
  await vi.waitFor(async () => {
    const state = JSON.parse((await retained()).get('ghostcam/board/garden/state') ?? '{}');
    expect(state).toMatchObject({ state: 'offline', removedAt: expect.any(String) });
  }, SOON);
  expect(await keys()).toEqual(expect.arrayContaining(ofGarden));
  expect(trial.lines.join('')).toMatch(/camera garden is not in the settings.*ghostcam forget garden/);
  // A connection is no start: what this run has marked itself is not taken for an earlier run's.
  await server.kill();
  await server.start();
  await vi.waitFor(() => expect(trial.broker.connected).toBe(true), SOON);
  await vi.waitFor(async () => expect(await keys()).toContain('ghostcam/board/garden/state'), SOON);
  await trial.stop();
  for (const topic of ofGarden.filter((name) => !name.endsWith('garden/state'))) {
    const payload = topic.startsWith('homeassistant/') ? first.message('garden') : '0';
    await user.publishAsync(topic, payload, { retain: true, qos: 1 });
  }

  messages.length = 0;
  const { lines } = await run({ yard: ['person', 'cat'], front: ['person'] });
  await vi.waitFor(async () => {
    const now = await keys();
    expect(now.filter((topic) => topic.includes('garden'))).toEqual([]);
    expect(now).toEqual(expect.arrayContaining(before.filter((topic) => topic.includes('front'))));
    expect(now).toContain(discovery('ghostcam_board_yard'));
  }, SOON);
  expect(lines.join('')).toMatch(/camera garden is no longer there/);
  // Home Assistant objects to an empty state of an entity that it still has.
  const cleared = messages.filter(({ topic, payload }) => topic.includes('garden') && payload === '');
  expect(cleared.at(0)?.topic).toBe(discovery('ghostcam_board_garden'));
});

test('a camera that is back at the next start was never away: its announcement is not touched', async () => {
  const first = await run({ garden: ['person'], front: ['person'] });
  await vi.waitFor(async () => expect(await keys()).toContain(discovery('ghostcam_board_garden')), SOON);
  await first.stop();
  const trial = await run({ front: ['person'] });
  await vi.waitFor(async () => {
    expect((await retained()).get('ghostcam/board/garden/state')).toMatch(/removedAt/);
  }, SOON);
  await trial.stop();
  messages.length = 0;
  await run({ garden: ['person'], front: ['person'] });
  await vi.waitFor(async () => {
    expect((await retained()).get('ghostcam/board/garden/state')).toBe('{"state":"online"}');
  }, SOON);
  const announcements = messages.filter(({ topic }) => topic === discovery('ghostcam_board_garden'));
  expect(announcements.filter(({ payload }) => payload === '')).toEqual([]);
});

test('what is not ours stays: other nodes, other programs, and topics that a forged message names', async () => {
  const others = {
    [discovery('ghostcam_board2_front')]: '{"cmps":{}}',
    [discovery('0x00158d0001')]: '{"cmps":{}}',
    'homeassistant/light/ghostcam_board_old/config': '{}',
    'ghostcam/board2/old/state': 'kept',
    'zigbee2mqtt/bridge/state': 'kept',
  };
  const forged = {
    cmps: {
      a: { unique_id: 'a', state_topic: 'zigbee2mqtt/bridge/state' },
      b: { unique_id: 'b', state_topic: 'ghostcam/board2/old/state' },
      c: { unique_id: 'c', state_topic: 'ghostcam/board/old/#' },
      d: { unique_id: 'd', state_topic: 'ghostcam/board/old/person/count' },
    },
  };
  for (const [topic, payload] of Object.entries({
    ...others,
    [discovery('ghostcam_board_old')]: JSON.stringify(forged),
    [discovery('ghostcam_board_broken')]: 'not JSON',
    'ghostcam/board/old/person/count': '1',
    'ghostcam/board/old/state': MISSING,
    'ghostcam/board/broken/state': MISSING,
  })) {
    await user.publishAsync(topic, payload, { retain: true, qos: 1 });
  }
  await run({ front: ['person'] });
  await vi.waitFor(async () => {
    const now = await keys();
    expect(now).not.toContain(discovery('ghostcam_board_old'));
    expect(now).not.toContain(discovery('ghostcam_board_broken'));
    expect(now).not.toContain('ghostcam/board/old/person/count');
  }, SOON);
  expect(Object.fromEntries(await retained())).toMatchObject(others);
});

test('fewer labels than in an earlier run: Home Assistant learns which entities go, and their states go', async () => {
  const first = await run({ front: ['person', 'cat'] });
  await vi.waitFor(async () => expect(await keys()).toContain('ghostcam/board/front/cat/count'), SOON);
  await first.stop();
  messages.length = 0;
  await run({ front: ['person'] });
  await vi.waitFor(async () => {
    expect((await keys()).filter((topic) => topic.includes('cat'))).toEqual([]);
  }, SOON);
  const announced = messages
    .filter(({ topic }) => topic === discovery('ghostcam_board_front'))
    .map(({ payload }) => JSON.parse(payload).cmps);
  expect(announced).toHaveLength(3);
  const [, removing, last] = announced;
  expect(Object.entries(removing).slice(0, 6)).toEqual([
    ['cat_occupancy', { p: 'binary_sensor' }],
    ['cat_count', { p: 'sensor' }],
    ['cat_moving', { p: 'binary_sensor' }],
    ['cat_image', { p: 'image' }],
    ['trigger_cat_came', { p: 'device_automation' }],
    ['trigger_cat_left', { p: 'device_automation' }],
  ]);
  expect(Object.keys(last)).toEqual(Object.keys(announced[0]));
  expect(Object.keys(last).join()).not.toMatch(/cat_/);
  const now = await retained();
  expect(JSON.parse(now.get(discovery('ghostcam_board_front')) ?? '{}').cmps).toEqual(last);
  expect(now.get('ghostcam/board/front/person/count')).toBe('0');
});

test('numbers that have lost their entities and are published all the same stay', async () => {
  const first = await run({ front: ['person', 'cat'] });
  const count = 'ghostcam/board/front/cat/count';
  await vi.waitFor(async () => expect(await keys()).toContain(count), SOON);
  // As of a zone that is for fewer labels: what it counts has an entity for some of them only.
  first.home.announce({
    config: defaultCameraConfig({ name: 'front', url: 'test:' }),
    reportableLabels: ['person'],
    measuresMotion: true,
  });
  await vi.waitFor(async () => expect(await keys()).not.toContain('ghostcam/board/front/cat/snapshot'), SOON);
  expect((await retained()).get(count)).toBe('0');
  expect(first.broker.retains(count)).toBe(true);
});

test('a broker that allows none of it: what is refused is named, and the daemon’s own topics work on', async () => {
  const users = { camera: 'correct horse', viewer: 'viewer' };
  const acl = ['user camera', 'topic readwrite ghostcam/#', 'user viewer', 'topic read #'];
  await begin({ users, acl }, { username: 'viewer', password: 'viewer' });
  const { lines } = await run({ front: ['person'] }, { username: 'camera', password: 'correct horse' });
  await vi.waitFor(
    () =>
      expect(lines.join('')).toMatch(
        /refused to publish homeassistant\/device\/ghostcam_board.*access list/s,
      ),
    SOON,
  );
  await vi.waitFor(
    () => expect(messages.map(({ topic }) => topic)).toContain('ghostcam/board/front/person/count'),
    SOON,
  );
});

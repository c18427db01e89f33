/** Commands as a subscriber gives them, through a real broker to a real camera. */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectAsync, type MqttClient } from 'mqtt';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { Camera } from '../../src/capture/camera.js';
import { type Ffmpeg, findFfmpeg } from '../../src/capture/ffmpeg.js';
import { systemClock } from '../../src/clock.js';
import { defaultCameraConfig, defaultMqttConfig } from '../../src/config/types.js';
import { CameraPipeline } from '../../src/daemon/camera-pipeline.js';
import type { DetectOptions, Detector } from '../../src/detect/detector.js';
import { LeasedFrame } from '../../src/frame/leased-frame.js';
import { Broker } from '../../src/mqtt/broker.js';
import { Commands } from '../../src/mqtt/commands.js';
import { Topics } from '../../src/mqtt/topics.js';
import { TrackIds } from '../../src/track/ids.js';
import { weakThresholds } from '../../src/track/scene.js';
import { memoryLog } from '../support/log.js';
import { Mosquitto } from '../support/mosquitto.js';

const LABELS = ['person', 'bird', 'cat'];
const MODEL = { score: 0.3, perLabel: { cat: 0.5 } };
const SOON = { timeout: 100_000, interval: 20 };

let ffmpeg: Ffmpeg;
let server: Mosquitto;
let user: MqttClient;
let cleanUp: (() => Promise<unknown> | undefined)[] = [];
/** The newest payload of each topic, as the user sees it. */
let seen: Map<string, string>;

beforeAll(async () => {
  ffmpeg = await findFfmpeg();
});
beforeEach(async () => {
  server = await Mosquitto.start();
  user = await connectAsync(server.url);
  cleanUp = [() => server.dispose(), () => user.endAsync(true)];
  seen = new Map();
  user.on('message', (topic, payload) => seen.set(topic, payload.toString()));
  await user.subscribeAsync('ghostcam/#');
});
afterEach(async () => {
  for (const step of cleanUp.reverse()) await step();
});

async function start({ recall = false } = {}) {
  const { log, lines } = memoryLog();
  const config = defaultMqttConfig({ url: server.url, clientId: 'node' });
  const topics = new Topics('ghostcam', 'board');
  const broker = new Broker(config, { topic: topics.nodeState, payload: 'offline' }, log, systemClock);
  const settings = defaultCameraConfig({
    name: 'front',
    url: 'test:',
    motion: false,
    labels: ['person', 'cat'],
  });
  const camera = new Camera(settings, { ffmpeg, inputSize: { width: 64, height: 64 }, log });
  // Nothing is inferred here: of the detector its model, and with which thresholds it is asked.
  const asked: DetectOptions[] = [];
  const detector = {
    info: { model: { labels: LABELS, thresholds: MODEL } },
    shapeFor: () => ({ width: 64, height: 64 }),
    detect: (_frame: unknown, options: DetectOptions) => {
      asked.push(options);
      return Promise.reject(new Error('nothing is inferred here'));
    },
  } as unknown as Detector;
  const shared = {
    broker,
    topics,
    detector,
    ids: new TrackIds(0),
    maxFrameAge: 2000,
    clock: systemClock,
    log,
  };
  const pipeline = new CameraPipeline({ camera, ...shared });
  const commands = new Commands({
    broker,
    topics,
    controls: new Map([['front', pipeline]]),
    cameras: () => ['front'],
    clock: systemClock,
    log,
  });
  const begin = () => {
    pipeline.start();
    commands.start();
  };
  if (!recall) begin();
  const connected = once(broker, 'connected');
  await broker.start();
  await connected;
  if (recall) {
    // The broker, which runs beside the test, has answered by then.
    await commands.recall(sleep(50));
    commands.obeyRecalled();
    begin();
  }
  await vi.waitFor(() => expect(server.log).toMatch(/Received SUBSCRIBE from node/), SOON);
  cleanUp.push(
    () => broker.stop(500),
    () => camera.stop(),
  );
  /** What the detector is asked for in the next frame. */
  const detectorThresholds = async () => {
    await pipeline.process(blankFrame(), () => {});
    return asked.at(-1)?.thresholds;
  };
  return { camera, pipeline, commands, lines, detectorThresholds };
}

/** What the detector is asked for where each of {@link LABELS} is reported from these scores on; 2: never. */
const reportedFrom = (...scores: number[]) => weakThresholds(Float32Array.from(scores));

function blankFrame(): LeasedFrame {
  const size = { width: 64, height: 64, sourceWidth: 64, sourceHeight: 64 };
  const pixels = { data: new Uint8Array(6144), format: 'yuv420p' as const, ...size };
  const times = { capturedAt: systemClock.wallTime(), capturedAtMonotonic: systemClock.monotonic() };
  return new LeasedFrame({ ...pixels, ...times, sequence: 1 }, () => {});
}

const state = (setting: string) => seen.get(`ghostcam/board/front/${setting}/state`);
const command = (setting: string, payload: string | Buffer, options = {}) =>
  user.publishAsync(`ghostcam/board/front/${setting}/set`, payload, { qos: 1, ...options });

test('the states are published, retained, before any command', async () => {
  await start();
  await vi.waitFor(
    () => expect(['enabled', 'detect', 'threshold', 'fps'].map(state)).toEqual(['ON', 'ON', '0.3', '5']),
    SOON,
  );
  const late = new Map<string, boolean>();
  const other = await connectAsync(server.url);
  cleanUp.push(() => other.endAsync(true));
  other.on('message', (topic, _payload, { retain }) => late.set(topic, retain));
  await other.subscribeAsync('ghostcam/board/front/+/state');
  await vi.waitFor(() => expect([...late.values()]).toEqual([true, true, true, true]), SOON);
});

test('threshold, at once', async () => {
  const { pipeline } = await start();
  await command('threshold', '0.45');
  await vi.waitFor(() => expect(state('threshold')).toBe('0.45'), SOON);
  expect(pipeline.get('threshold')).toBe(0.45);
});

test('fps: more frames come soon, without a word of trouble', async () => {
  const { camera, lines } = await start();
  await vi.waitFor(() => expect(camera.state.status).toBe('online'), SOON);
  await command('fps', ' 20 ');
  await vi.waitFor(() => expect(state('fps')).toBe('20'), SOON);
  await vi.waitFor(() => expect(camera.stats().fps).toBeGreaterThan(12), SOON);
  expect(camera.state.status).toBe('online');
  expect(camera.stats().restarts).toEqual({ ended: 0, stalled: 0, resized: 0 });
  expect(lines.filter((line) => line.includes('WARN'))).toEqual([]);
});

test('enabled: OFF ends ffmpeg, ON begins again', async () => {
  const { camera } = await start();
  await vi.waitFor(() => expect(camera.state.status).toBe('online'), SOON);
  await command('enabled', 'OFF');
  await vi.waitFor(() => expect([state('enabled'), camera.state.status]).toEqual(['OFF', 'disabled']), SOON);
  const { frames } = camera.stats();
  await command('enabled', 'ON');
  await vi.waitFor(() => expect(state('enabled')).toBe('ON'), SOON);
  await vi.waitFor(() => expect(camera.stats().frames).toBeGreaterThan(frames), SOON);
});

test('detect: OFF keeps the camera', async () => {
  const { camera, pipeline } = await start();
  await vi.waitFor(() => expect(camera.state.status).toBe('online'), SOON);
  await command('detect', 'OFF');
  await vi.waitFor(() => expect(state('detect')).toBe('OFF'), SOON);
  expect([pipeline.get('detect'), camera.state.status]).toEqual([false, 'online']);
});

test('a retained command holds beyond a restart', async () => {
  await command('threshold', '0.6', { retain: true });
  await start();
  await vi.waitFor(() => expect(state('threshold')).toBe('0.6'), SOON);
});

test('what the broker has kept is taken in before a state is published and a camera runs: nothing flickers', async () => {
  const states: string[] = [];
  user.on('message', (topic, payload) => {
    if (/\/state$/.test(topic)) states.push(`${topic.split('/').at(-2)} ${payload}`);
  });
  await command('enabled', 'OFF', { retain: true });
  await command('threshold', '0.6', { retain: true });
  const { camera, pipeline, lines } = await start({ recall: true });
  await vi.waitFor(() => expect([state('enabled'), state('threshold')]).toEqual(['OFF', '0.6']), SOON);
  expect([camera.state.status, pipeline.get('enabled')]).toEqual(['disabled', false]);
  const relevant = states.filter((line) => /^(enabled|threshold|front) /.test(line));
  expect(relevant.filter((line) => !line.startsWith('front'))).toEqual(['enabled OFF', 'threshold 0.6']);
  expect(relevant.join()).not.toMatch(/online|connecting/);
  expect(lines.join('')).toMatch(
    /threshold of camera front is 0\.6 by a command that the broker has kept, not the model’s own of each label; an empty retained message on ghostcam\/board\/front\/threshold\/set takes it back/,
  );
});

test('an empty command takes the one before back: the env file holds again', async () => {
  const { pipeline, lines } = await start();
  await command('fps', '9', { retain: true });
  await vi.waitFor(() => expect(state('fps')).toBe('9'), SOON);
  await command('fps', '', { retain: true });
  await vi.waitFor(() => expect(state('fps')).toBe('5'), SOON);
  expect(pipeline.get('fps')).toBe(5);
  expect(lines.join('')).toMatch(
    /fps of camera front is 5, the 5 of CAMERA_FRONT_FPS: its command was taken back/,
  );
});

test('an empty command takes a threshold back: each label has its own again', async () => {
  const { lines, detectorThresholds } = await start();
  expect(await detectorThresholds()).toEqual(reportedFrom(0.3, 2, 0.5));
  await command('threshold', '0.45', { retain: true });
  await vi.waitFor(() => expect(state('threshold')).toBe('0.45'), SOON);
  expect(await detectorThresholds()).toEqual(reportedFrom(0.45, 2, 0.45));
  await command('threshold', '', { retain: true });
  await vi.waitFor(() => expect(state('threshold')).toBe('0.3'), SOON);
  expect(await detectorThresholds()).toEqual(reportedFrom(0.3, 2, 0.5));
  expect(lines.join('')).toMatch(
    /threshold of camera front is the model’s own of each label: its command was taken back/,
  );
});

test('a threshold as its state says while none is chosen is of all labels from then on', async () => {
  const { lines, detectorThresholds } = await start();
  await command('threshold', '0.3');
  await vi.waitFor(
    () => expect(lines.join('')).toMatch(/threshold of camera front is 0\.3 by command/),
    SOON,
  );
  expect(await detectorThresholds()).toEqual(reportedFrom(0.3, 2, 0.3));
});

test.each<[string, string | Buffer, RegExp]>([
  ['threshold', '  ', /blank/],
  ['threshold', 'NaN', /received "NaN"; expected a number from 0.01 to 1/],
  ['threshold', '0', /a number from 0.01 to 1/],
  ['threshold', '-1', /a number from 0.01 to 1/],
  ['threshold', '1e999', /a number from 0.01 to 1/],
  ['threshold', '0.5; rm -rf /', /a number from 0.01 to 1/],
  ['threshold', '{"value":0.5}', /a number from 0.01 to 1/],
  ['threshold', Buffer.from([0xff, 0x00, 0x1b, 0x0a]), /a number from 0.01 to 1/],
  ['threshold', Buffer.alloc(1_000_000, '9'), /received 1000000 bytes; expected at most 32 bytes/],
  ['fps', 'Infinity', /a number from 0.1 to 60/],
  ['fps', '1000000', /a number from 0.1 to 60/],
  ['detect', 'maybe', /received "maybe"; expected ON or OFF/],
  ['enabled', '2', /ON or OFF/],
  ['constructor', '1', /there is no such setting; expected one of enabled, detect, threshold, fps/],
])('hostile: %s, case %# is refused with one line and changes nothing', async (setting, payload, reason) => {
  const { pipeline, lines } = await start();
  await command(setting, payload);
  const warnings = () => lines.filter((line) => line.includes('command refused'));
  await vi.waitFor(() => expect(warnings()).toEqual([expect.stringMatching(reason)]), SOON);
  expect(warnings()[0]?.trimEnd()).not.toContain('\n');
  // The next valid command works, so everything before it has been dealt with.
  await command('fps', '7');
  await vi.waitFor(() => expect(state('fps')).toBe('7'), SOON);
  expect([state('detect'), state('threshold')]).toEqual(['ON', '0.3']);
  expect(pipeline.get('threshold')).toBe(0.3);
  expect(warnings()).toHaveLength(1);
});

test('a command for a camera that is not there is refused', async () => {
  const { lines } = await start();
  await user.publishAsync('ghostcam/board/__proto__/fps/set', '3');
  await vi.waitFor(
    () => expect(lines.join('')).toMatch(/there is no such camera; expected one of front/),
    SOON,
  );
});

test('after stop() a command starts nothing', async () => {
  const { camera, commands } = await start();
  commands.stop();
  await camera.stop();
  await command('enabled', 'OFF');
  await command('enabled', 'ON');
  await command('fps', '9');
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect([camera.state.status, camera.config.fps]).toEqual(['disabled', 5]);
});

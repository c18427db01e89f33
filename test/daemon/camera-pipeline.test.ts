/** One camera's pipeline with parts that fail on demand, which the real ones do not. */
import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Camera } from '../../src/capture/camera.js';
import type { CameraStatus } from '../../src/capture/state.js';
import { systemClock } from '../../src/clock.js';
import { type CameraConfig, defaultCameraConfig } from '../../src/config/types.js';
import { CameraPipeline, type CameraPipelineParts } from '../../src/daemon/camera-pipeline.js';
import type { Detection } from '../../src/detect/detection.js';
import type { DetectOptions } from '../../src/detect/detector.js';
import type { ModelThresholds } from '../../src/detect/thresholds.js';
import { GhostcamError } from '../../src/errors.js';
import { LeasedFrame } from '../../src/frame/leased-frame.js';
import { Topics } from '../../src/mqtt/topics.js';
import { TrackIds } from '../../src/track/ids.js';
import type { CameraListener, FrameOutcome } from '../../src/web/camera-listener.js';
import { personAt } from '../support/detections.js';
import { memoryLog } from '../support/log.js';

const LABELS = ['person', 'bird', 'cat'];
const NOW = Date.UTC(2026, 10, 25, 14);
const EVERYWHERE = [
  { x: 0, y: 0 },
  { x: 1, y: 0 },
  { x: 1, y: 1 },
  { x: 0, y: 1 },
];
const TIMINGS = { queueMs: 0, preMs: 0, inferMs: 0, postMs: 0 };

/** A pipeline whose camera, detector and broker are in the test's hands, with a clock that stands still. */
function pipelineOf(
  parts: Partial<CameraPipelineParts> = {},
  settings: Partial<CameraConfig> = {},
  thresholds: ModelThresholds = { score: 0.3, perLabel: { cat: 0.5 } },
) {
  const { log, lines } = memoryLog();
  const clock = { ...systemClock, wall: NOW, now: 0, wallTime: () => clock.wall, monotonic: () => clock.now };
  const camera = Object.assign(new EventEmitter(), {
    config: defaultCameraConfig({
      name: 'front',
      url: 'test:',
      motion: false,
      snapshot: false,
      labels: ['person', 'cat'],
      zones: [{ name: 'door', dwell: 0, polygon: { unit: 'share', corners: EVERYWHERE } }],
      ...settings,
    }),
    state: { status: 'online' as CameraStatus, since: 0 },
    running: true,
    unread: undefined as LeasedFrame | undefined,
    take: () => camera.unread,
    stats: () => ({ frames: 0, fps: 0, replaced: 0, skipped: 0, restarts: {}, ffmpegCpuSeconds: 0 }),
    setFps: () => {},
    recalls: 0,
    recall: () => void Object.assign(camera, { recalls: camera.recalls + 1 }),
    configure: (config: CameraConfig) => void Object.assign(camera, { config }),
    restart: (config: CameraConfig) => void Object.assign(camera, { config, restarts: camera.restarts + 1 }),
    restarts: 0,
    start: () => void Object.assign(camera, { running: true }),
    stop: () => Promise.resolve(void Object.assign(camera, { running: false })),
  });
  const asked: DetectOptions[] = [];
  const found: Detection[] = [];
  const detector = {
    shapeFor: () => ({ width: 320, height: 192 }),
    info: { model: { labels: LABELS, thresholds } },
    detect: (_frame: unknown, options: DetectOptions) => {
      asked.push(options);
      return Promise.resolve({ detections: found, timings: TIMINGS });
    },
  };
  const events: { type: string }[] = [];
  const sent: string[] = [];
  const retained = new Map<string, unknown>();
  const broker = {
    send: (_topic: string, payload: string) => sent.push(payload) > 0,
    event: (_topic: string, message: object) => void events.push(message as { type: string }),
    retain: (topic: string, payload: string | Buffer) => void retained.set(topic, payload),
    clear: (topic: string) => void retained.set(topic, ''),
  };
  const topics = new Topics('ghostcam', 'board');
  const pipeline = new CameraPipeline({
    ...{
      camera: camera as unknown as Camera,
      detector: detector as unknown as CameraPipelineParts['detector'],
    },
    ...{ broker, topics, ids: new TrackIds(0), maxFrameAge: 2000, clock, log, ...parts },
  });
  return { pipeline, camera, asked, found, events, sent, retained, clock, lines, text: () => lines.join('') };
}

/** A frame that says when its pixels are looked at. */
class WatchedFrame extends LeasedFrame {
  onLook = () => {};

  override get data(): Uint8Array {
    this.onLook();
    return super.data;
  }
}

/** @param value Of all its bytes. */
function frameAt(at: number, released = () => {}, value = 0): LeasedFrame {
  const size = { width: 8, height: 8, sourceWidth: 640, sourceHeight: 360 };
  const pixels = { data: new Uint8Array(96).fill(value), format: 'yuv420p' as const, ...size };
  const times = { capturedAt: NOW + at, capturedAtMonotonic: at };
  return new LeasedFrame({ ...pixels, ...times, sequence: 1 }, released);
}

const nothing = () => {};

test.each([
  ['the inference thread goes on before objects are followed', false, ['handed over', 'followed']],
  ['… unless they decide which region is inferred next', true, ['followed', 'handed over']],
])('%s', async (_, regions, expected) => {
  const { pipeline, found } = pipelineOf({}, { motion: true, regions });
  found.push({ label: 'person', classId: 0, score: 0.9, box: [100, 100, 140, 200] });
  await pipeline.process(frameAt(0), nothing);
  const second = new WatchedFrame(frameAt(200), nothing);
  const order: string[] = [];
  const note = (what: string) => () => void (order.includes(what) || order.push(what));
  // Who is known is compared with what is seen.
  second.onLook = note('followed');
  await pipeline.process(second, note('handed over'));
  expect(order).toEqual(expected);
});

test('threshold: of all labels that are wanted, from the next frame on', async () => {
  const { pipeline, asked } = pipelineOf();
  await pipeline.process(frameAt(0), nothing);
  pipeline.set('threshold', 0.45);
  await pipeline.process(frameAt(0), nothing);
  const weak = (...thresholds: number[]) =>
    thresholds.map((threshold) => (threshold > 1 ? 2 : expect.closeTo(threshold * 0.4, 6)));
  expect(asked.map(({ thresholds = [] }) => [...thresholds])).toEqual([
    weak(0.3, 2, 0.5),
    weak(0.45, 2, 0.45),
  ]);
  expect(pipeline.get('threshold')).toBe(0.45);
});

/** What a page gets of a pipeline's frames. */
function recorder() {
  const outcomes: FrameOutcome[] = [];
  const listener: CameraListener = {
    onFrame: (_camera, _frame, outcome) => void outcomes.push(outcome),
    wantsFrames: () => false,
    wantsMotion: () => false,
    onEvent: nothing,
    onPrivacyChange: nothing,
    onSnapshot: nothing,
  };
  return { listener, outcomes };
}

describe('regions', () => {
  /** A frame in which something moves from the second one on. */
  const bigFrame = (at: number) => {
    const size = { width: 1280, height: 720, sourceWidth: 1280, sourceHeight: 720 };
    const data = new Uint8Array((size.width * size.height * 3) / 2).fill(100);
    for (let y = 400; y < 480; y++) data.fill(at === 0 ? 100 : 200, 1280 * y + 600, 1280 * y + 648);
    const times = { capturedAt: NOW + at, capturedAtMonotonic: at };
    return new LeasedFrame({ data, format: 'yuv420p', ...size, ...times, sequence: 1 }, () => {});
  };
  const settings = { motion: true, labels: undefined };
  async function show({ pipeline, camera }: ReturnType<typeof pipelineOf>, at: number, isIdle = () => false) {
    camera.unread = bigFrame(at);
    camera.emit('frame');
    await pipeline.process(camera.unread, nothing, isIdle);
  }

  test('the whole picture, then a region of what moves, which its message names', async () => {
    const parts = pipelineOf({}, settings);
    parts.pipeline.start();
    parts.pipeline.onFrame(nothing);
    await show(parts, 0);
    await show(parts, 200);
    const [whole, region] = parts.asked.map((options) => options.region);
    expect(whole).toBeUndefined();
    expect(region).toMatchObject({ width: 320, height: 192 });
    const [first, second] = parts.sent.map((message) => JSON.parse(message));
    expect(first).not.toHaveProperty('region');
    const { left = 0, top = 0 } = region ?? {};
    expect(second.region.box).toEqual([left, top, left + 320, top + 192]);
    expect(second.region.boxNormalized[0]).toBeCloseTo(left / 1280, 4);
  });

  test('the page shows who is outside the region where he should be, marked as such; the message says nothing of him', async () => {
    const { listener, outcomes } = recorder();
    const parts = pipelineOf({ listener }, settings);
    parts.pipeline.start();
    parts.pipeline.onFrame(nothing);
    parts.found.push(personAt(100, 160));
    await show(parts, 0);
    // Seen once he would be expected nowhere.
    await show(parts, 1000);
    parts.found.pop();
    await show(parts, 1200);
    const [first, second, third] = parts.sent.map((message) => JSON.parse(message));
    expect(third).toMatchObject({ region: expect.anything(), detections: [] });
    const shown = outcomes.flatMap((outcome) => (outcome.kind === 'inferred' ? [outcome.payload] : []));
    expect(shown[0]).toEqual({ ...first, regions: [[0, 0, 1280, 720]] });
    expect(shown[2]).toEqual({
      ...third,
      detections: [{ ...second.detections[0], expected: true }],
      regions: [third.region.box],
    });
  });

  test('the page gets every part of the picture that was inferred, also a region beside the whole one', async () => {
    const { listener, outcomes } = recorder();
    const parts = pipelineOf({ listener }, settings);
    parts.pipeline.start();
    parts.pipeline.onFrame(nothing);
    parts.found.push(personAt(620, 480));
    await show(parts, 0);
    await show(parts, 1200, () => true);
    const { left = 0, top = 0 } = parts.asked.at(-1)?.region ?? {};
    const last = outcomes.at(-1);
    expect(last?.kind === 'inferred' && last.payload.regions).toEqual([
      [0, 0, 1280, 720],
      [left, top, left + 320, top + 192],
    ]);
    expect(JSON.parse(parts.sent.at(-1) as string)).not.toHaveProperty('regions');
  });

  test('both the whole picture and a region only while the inference thread has nothing else to do; one message says what both found', async () => {
    const parts = pipelineOf({}, settings);
    parts.pipeline.start();
    parts.pipeline.onFrame(nothing);
    const inferred = async (at: number, isIdle: boolean) => {
      const before = parts.asked.length;
      await show(parts, at, () => isIdle);
      return parts.asked.slice(before).map(({ region }) => (region === undefined ? 'whole' : 'region'));
    };
    expect(await inferred(0, true)).toEqual(['whole']);
    expect(await inferred(200, false)).toEqual(['region']);
    expect(await inferred(400, true)).toEqual(['region', 'whole']);
    expect(await inferred(1600, false)).toEqual(['whole']);
    parts.found.push(personAt(620, 480));
    expect(await inferred(2800, true)).toEqual(['whole', 'region']);
    const message = JSON.parse(parts.sent.at(-1) as string);
    expect(message.detections).toHaveLength(1);
    expect(message).not.toHaveProperty('region');
  });

  test('regions have thresholds of their own, the model’s; a camera’s threshold holds for both', async () => {
    const region = { perLabel: { person: 0.2 } };
    const parts = pipelineOf({}, settings, { score: 0.3, perLabel: { cat: 0.5 }, region });
    parts.pipeline.start();
    parts.pipeline.onFrame(nothing);
    const askedAt = async (at: number) => {
      await show(parts, at);
      const { region, thresholds } = parts.asked.at(-1) as DetectOptions;
      return [region !== undefined, ...Array.from(thresholds ?? [], (score) => (100 * score) / 40)];
    };
    const near = (...scores: number[]) => scores.map((score) => expect.closeTo(score, 5));
    expect(await askedAt(0)).toEqual([false, ...near(0.3, 0.3, 0.5)]);
    expect(await askedAt(200)).toEqual([true, ...near(0.2, 0.3, 0.5)]);
    parts.pipeline.set('threshold', 0.45);
    expect(await askedAt(400)).toEqual([true, ...near(0.45, 0.45, 0.45)]);
    // What a region reports is above its own threshold.
    parts.pipeline.set('threshold', 0.9);
    parts.found.push(personAt(620, 480));
    await show(parts, 600);
    expect(JSON.parse(parts.sent.at(-1) as string).detections).toEqual([]);
  });

  test('the page shows who is followed and seen too weakly to be reported, marked as expected', async () => {
    const { listener, outcomes } = recorder();
    const parts = pipelineOf({ listener }, { ...settings, regions: false });
    parts.pipeline.start();
    parts.pipeline.onFrame(nothing);
    parts.found.push(personAt(100, 160));
    for (const at of [0, 200, 400]) await show(parts, at);
    parts.found.splice(0, 1, personAt(100, 160, 0.2));
    await show(parts, 600);
    expect(JSON.parse(parts.sent.at(-1) as string).detections).toEqual([]);
    const last = outcomes.at(-1);
    expect(last?.kind === 'inferred' && last.payload.detections).toEqual([
      expect.objectContaining({ label: 'person', score: 0.2, expected: true }),
    ]);
  });

  test.each([{ regions: false }, { motion: false }])('%j: whole pictures alone', async (changes) => {
    const parts = pipelineOf({}, { ...settings, ...changes });
    parts.pipeline.start();
    parts.pipeline.onFrame(nothing);
    for (const at of [0, 200, 400]) await show(parts, at, () => true);
    expect(parts.asked.map(({ region }) => region)).toEqual([undefined, undefined, undefined]);
  });

  test('a camera that was away begins with the whole picture', async () => {
    const parts = pipelineOf({}, settings);
    parts.pipeline.start();
    parts.pipeline.onFrame(nothing);
    await show(parts, 0);
    parts.camera.emit('state', { status: 'offline', since: 0 });
    await show(parts, 200);
    expect(parts.asked.at(-1)).not.toHaveProperty('region');
  });
});

test('a camera that comes and goes, or is switched on and off, does not fill the log', () => {
  const { pipeline, camera, clock, text } = pipelineOf();
  pipeline.start();
  for (let index = 0; index < 100; index++) {
    const status = index % 2 === 0 ? 'offline' : 'online';
    camera.emit('state', {
      status,
      since: 0,
      ...(status === 'offline' && { reason: 'the stream has ended' }),
    });
    clock.now += 100;
  }
  expect(text().match(/camera front is offline: the stream has ended/g)).toHaveLength(5);
  expect(text().match(/camera front is online/g)).toHaveLength(5);
  clock.now += 60_000;
  camera.emit('state', { status: 'offline', since: 0, reason: 'no route' });
  expect(text()).toMatch(/camera front is offline: no route/);
});

test('who comes where somebody may be by now and looks different is somebody else', async () => {
  const follows = async (value: number) => {
    const { pipeline, found, sent } = pipelineOf();
    const newestId = () => JSON.parse(sent.at(-1) as string).detections[0].trackId;
    found.push(personAt(100));
    for (let at = 0; at <= 1000; at += 200) await pipeline.process(frameAt(at, nothing, 100), nothing);
    const before = newestId();
    found[0] = personAt(128);
    await pipeline.process(frameAt(1200, nothing, value), nothing);
    return before !== undefined && newestId() === before;
  };
  expect(await follows(100)).toBe(true);
  expect(await follows(200)).toBe(false);
});

test('detect off: frames are counted and not inferred, events end, and the camera runs on', async () => {
  const { pipeline, camera, asked, found, events, retained } = pipelineOf();
  found.push(personAt(100));
  for (const at of [0, 200, 400]) await pipeline.process(frameAt(at), nothing);
  expect(events.map(({ type }) => type)).toEqual(['new']);
  expect(retained.get('ghostcam/board/front/person/count')).toBe('1');
  pipeline.set('detect', false);
  expect(events.map(({ type }) => type)).toEqual(['new', 'end']);
  expect(retained.get('ghostcam/board/front/person/count')).toBe('0');
  camera.unread = frameAt(600);
  expect(pipeline.nextFrame()).toBeUndefined();
  expect(pipeline.health().meter.dropped).toMatchObject({ paused: 1, still: 0 });
  expect([asked.length, camera.state.status]).toEqual([3, 'online']);
  pipeline.set('detect', true);
  expect(pipeline.nextFrame()).toBe(camera.unread);
});

test('what is seen is one short line at info, with where it is published', async () => {
  const { pipeline, found, lines } = pipelineOf();
  found.push(personAt(100));
  for (const at of [0, 200, 400, 600]) await pipeline.process(frameAt(at), nothing);
  const sightings = lines.filter((line) => line.includes('INFO'));
  expect(sightings).toEqual([
    expect.stringMatching(
      /INFO: camera front: person in door, score 0\.80; event 0-1 on ghostcam\/board\/front\/events\n$/,
    ),
  ]);
  expect(sightings[0]?.length).toBeLessThan(120);
  pipeline.set('detect', false);
  expect(lines.filter((line) => line.includes('INFO'))).toEqual(sightings);
});

test('a frame that is in flight when detection is switched off begins nothing', async () => {
  const { pipeline, found, events } = pipelineOf();
  found.push(personAt(100));
  for (const at of [0, 200]) await pipeline.process(frameAt(at), nothing);
  const inFlight = pipeline.process(frameAt(400), nothing);
  pipeline.set('detect', false);
  await inFlight;
  expect(events).toEqual([]);
});

test.each([
  ['an hour forward', 3_600_000],
  ['an hour back', -3_600_000],
  ['to 1970', -NOW],
])('the wall clock is set %s between capture and inference: no frame is stale', async (_, step) => {
  const { pipeline, clock, asked } = pipelineOf();
  clock.wall += step;
  clock.now = 100;
  await pipeline.process(frameAt(0), nothing);
  expect(asked).toHaveLength(1);
  clock.now = 2100;
  await pipeline.process(frameAt(0), nothing);
  expect([asked.length, pipeline.health().meter.dropped.stale]).toEqual([1, 1]);
});

test('every frame is released once, at once: after its last reader, or when nobody reads it', async () => {
  const events: string[] = [];
  const detect = (frame: { data: Uint8Array }) => {
    events.push(`inferred ${frame.data.length}`);
    return new Promise((resolve) =>
      setImmediate(() => resolve({ detections: [personAt(100)], timings: TIMINGS })),
    );
  };
  const take = (_change: unknown, frame: { data: Uint8Array } | undefined) =>
    void events.push(`copied ${frame?.data.length}`);
  const detector = { ...stub(), detect } as unknown as CameraPipelineParts['detector'];
  const snapshots = { take } as unknown as NonNullable<CameraPipelineParts['snapshots']>;
  const { pipeline, camera, clock } = pipelineOf({ detector, snapshots });
  const released = () => void events.push('released');
  for (const at of [0, 200, 400]) await pipeline.process(frameAt(at, released), nothing);
  expect(events).toEqual([
    ...['inferred 96', 'released', 'inferred 96', 'released'],
    ...['inferred 96', 'copied 96', 'released'],
  ]);
  events.length = 0;
  clock.now = 10_000;
  await pipeline.process(frameAt(0, released), nothing);
  expect(events).toEqual(['released']);
  pipeline.set('detect', false);
  camera.unread = frameAt(10_000, released);
  pipeline.nextFrame();
  expect(events.filter((event) => event === 'released')).toHaveLength(2);
});

test('settings read anew: thresholds, labels and filters hold from the next frame on, and an event goes on', async () => {
  const { pipeline, camera, asked, found, events, retained } = pipelineOf();
  found.push(personAt(100));
  for (const at of [0, 200, 400]) await pipeline.process(frameAt(at), nothing);
  pipeline.configure({ ...camera.config, threshold: 0.6, labels: ['person', 'bird'] }, false);
  await pipeline.process(frameAt(600), nothing);
  expect([...(asked.at(-1)?.thresholds ?? [])]).toEqual([
    expect.closeTo(0.24, 6),
    expect.closeTo(0.24, 6),
    2,
  ]);
  const counts = [...retained].filter(([topic]) => topic.endsWith('count'));
  expect(Object.fromEntries(counts)).toMatchObject({
    'ghostcam/board/front/person/count': '1',
    'ghostcam/board/front/bird/count': '0',
    'ghostcam/board/front/cat/count': '',
  });
  expect([events.map(({ type }) => type), camera.restarts]).toEqual([['new'], 0]);
});

test('a restart ends what was, and a frame that is in flight begins nothing', async () => {
  const { pipeline, camera, found, events, retained } = pipelineOf();
  found.push(personAt(100));
  for (const at of [0, 200, 400]) await pipeline.process(frameAt(at), nothing);
  const inFlight = pipeline.process(frameAt(600), nothing);
  pipeline.configure({ ...camera.config, transport: 'udp' }, true);
  await inFlight;
  expect(events.map(({ type }) => type)).toEqual(['new', 'end']);
  expect([camera.restarts, camera.config.transport]).toEqual([1, 'udp']);
  expect(retained.get('ghostcam/board/front/person/count')).toBe('0');
});

test('what was set by command holds until the settings say otherwise', () => {
  const { pipeline, camera } = pipelineOf();
  const settings = camera.config;
  pipeline.set('threshold', 0.7);
  pipeline.set('detect', false);
  pipeline.set('enabled', false);
  pipeline.configure({ ...settings, title: 'T', transport: 'udp' }, true);
  expect([pipeline.get('threshold'), pipeline.get('detect'), pipeline.get('enabled')]).toEqual([
    0.7,
    false,
    false,
  ]);
  pipeline.configure({ ...settings, title: 'T', transport: 'udp', threshold: 0.4 }, false);
  expect([pipeline.get('threshold'), pipeline.get('detect'), pipeline.get('enabled')]).toEqual([
    0.4,
    false,
    false,
  ]);
  pipeline.configure({ ...settings, threshold: 0.4, enabled: false, detect: false }, true);
  pipeline.configure({ ...settings, threshold: 0.4, enabled: true, detect: true }, true);
  expect([pipeline.get('threshold'), pipeline.get('detect'), pipeline.get('enabled')]).toEqual([
    0.4,
    true,
    true,
  ]);
});

test('other private areas: earlier pictures go, and a frame of before is in none', async () => {
  const taken: unknown[] = [];
  const discarded: string[] = [];
  const snapshots = {
    take: (_: unknown, frame: unknown) => void (frame !== undefined && taken.push(frame)),
    configure: () => {},
    discard: (camera: string) => void discarded.push(camera),
  } as unknown as NonNullable<CameraPipelineParts['snapshots']>;
  const { pipeline, camera, found, retained, events } = pipelineOf({ snapshots });
  found.push(personAt(100));
  for (const at of [0, 200]) await pipeline.process(frameAt(at), nothing);
  const inFlight = pipeline.process(frameAt(400), nothing);
  const area = {
    corners: [
      { x: 0, y: 0 },
      { x: 1, y: 0 },
      { x: 1, y: 1 },
    ],
    unit: 'share' as const,
  };
  pipeline.configure({ ...camera.config, snapshot: true, privacy: [area] }, false);
  await inFlight;
  expect([taken, discarded, events]).toEqual([[], ['front'], []]);
  expect(retained.get('ghostcam/board/front/person/snapshot')).toBe('');
});

test.each<[string, Partial<CameraPipelineParts>]>([
  ['inference', { detector: { ...stub(), detect: () => Promise.reject(new GhostcamError('FRAME', 'no')) } }],
  ['publishing', { broker: { ...silent(), send: () => fail() } }],
])('a frame that fails in %s is released', async (_, parts) => {
  const { pipeline } = pipelineOf(parts);
  const frame = frameAt(0);
  await pipeline.process(frame, nothing);
  expect(frame.released).toBe(true);
});

test('a refused frame is an error of one line; it is counted', async () => {
  const refuse = () => Promise.reject(new GhostcamError('FRAME', 'frame: 64 x 64 has 6144 bytes'));
  const { detector } = { detector: { ...stub(), detect: refuse } };
  const { pipeline, text } = pipelineOf({ detector });
  await pipeline.process(frameAt(0), nothing);
  expect(text()).toMatch(/a frame could not be inferred: frame: 64 x 64 has 6144 bytes/);
  expect(text()).not.toMatch(/ {4}at /);
  expect(pipeline.health().meter.dropped.failed).toBe(1);
});

test('what is wrong with every frame is logged a few times a minute, and counted', async () => {
  const detect = () => Promise.reject(new GhostcamError('FRAME', 'no'));
  const { pipeline, text } = pipelineOf({ detector: { ...stub(), detect } });
  for (let index = 0; index < 50; index++) await pipeline.process(frameAt(40 * index), nothing);
  expect(text().match(/a frame could not be inferred: no/g)).toHaveLength(5);
  expect(pipeline.health().meter.dropped.failed).toBe(50);
});

test.each<[string, Partial<CameraPipelineParts>]>([
  [
    'the detector',
    { detector: { ...stub(), detect: () => Promise.reject(new TypeError('x is undefined')) } },
  ],
  ['publishing', { broker: { ...silent(), send: () => fail() } }],
  ['the tracker', { ids: { next: fail } as unknown as TrackIds }],
])('a bug in %s is logged as a bug, with its stack, and not as a bad frame', async (_, parts) => {
  const { pipeline, found, text } = pipelineOf(parts);
  found.push(personAt(100));
  await pipeline.process(frameAt(0), nothing);
  expect(text()).toMatch(/a frame could not be processed, because of a bug in ghostcam/);
  expect(text()).toMatch(/TypeError: x is undefined\s[\s\S]*camera-pipeline\.test\.ts:\d+/);
  expect(text()).not.toMatch(/could not be inferred/);
});

function stub(): CameraPipelineParts['detector'] {
  const info = { model: { labels: LABELS, thresholds: { score: 0.3, perLabel: {} } } };
  const result = { detections: [personAt(100)], timings: TIMINGS };
  const shapeFor = () => ({ width: 320, height: 192 });
  return {
    info,
    shapeFor,
    detect: () => Promise.resolve(result),
  } as unknown as CameraPipelineParts['detector'];
}

function silent(): CameraPipelineParts['broker'] {
  return { send: () => true, event: () => {}, retain: () => {}, clear: () => {} };
}

function fail(): never {
  throw new TypeError('x is undefined');
}

test('motion in a frame that is replaced is not missed: the frame after it is inferred', () => {
  const { pipeline, camera } = pipelineOf({}, { motion: true });
  let wakes = 0;
  pipeline.onFrame(() => wakes++);
  const side = 64;
  const arrive = (at: number, somebody: boolean) => {
    const data = new Uint8Array(side * side * 1.5).fill(100);
    for (let row = 20; somebody && row < 40; row++) data.fill(200, row * side + 20, row * side + 40);
    const size = { width: side, height: side, sourceWidth: side, sourceHeight: side };
    const times = { sequence: at, capturedAt: NOW + at, capturedAtMonotonic: at };
    camera.unread = new LeasedFrame({ data, format: 'yuv420p', ...size, ...times }, nothing);
    camera.emit('frame');
    return camera.unread;
  };
  expect(pipeline.nextFrame()).toBeUndefined();
  const first = arrive(0, false);
  expect(pipeline.nextFrame()).toBe(first);
  const still = arrive(200, false);
  expect([still.released, wakes]).toEqual([true, 1]);
  arrive(400, true);
  const next = arrive(600, false);
  expect([next.released, wakes]).toEqual([false, 3]);
  expect(pipeline.nextFrame()).toBe(next);
  expect(arrive(800, false).released).toBe(true);
  expect(pipeline.health().meter.dropped.still).toBe(2);
});

describe('frames in which nothing moves', () => {
  // By chance the second inference of a still picture comes sooner.
  beforeEach(() => void vi.spyOn(Math, 'random').mockReturnValue(0));
  afterEach(() => void vi.restoreAllMocks());
  const settings = { motion: true, labels: undefined };
  const frame = (at: number) => {
    const size = { width: 64, height: 36, sourceWidth: 640, sourceHeight: 360 };
    const pixels = { data: new Uint8Array(3456).fill(90), format: 'yuv420p' as const, ...size };
    return new LeasedFrame(
      { ...pixels, capturedAt: NOW + at, capturedAtMonotonic: at, sequence: 1 },
      nothing,
    );
  };
  /** A camera whose first frame was inferred and whose second one was not worth it. */
  async function calm(parts: Partial<CameraPipelineParts> = {}, more: Partial<CameraConfig> = {}) {
    const made = pipelineOf(parts, { ...settings, ...more });
    made.pipeline.start();
    made.pipeline.onFrame(nothing);
    await show(made, 0);
    made.camera.unread = frame(200);
    made.camera.emit('frame');
    made.clock.now = 250;
    return { ...made, watch: () => (made.camera as unknown as Camera).watch() };
  }
  async function show({ pipeline, camera }: ReturnType<typeof pipelineOf>, at: number) {
    camera.unread = frame(at);
    camera.emit('frame');
    const taken = pipeline.nextFrame();
    if (taken !== undefined) await pipeline.process(taken, nothing);
  }

  test('are not asked for until the picture is to be inferred again, and for ten seconds at most', async () => {
    const { watch, clock } = await calm();
    expect(watch()).toMatchObject({ sinceMs: 50, forMs: 9750, learn: true });
    clock.now = 9000;
    expect(watch()?.forMs).toBeLessThanOrEqual(1000);
    const patient = await calm({}, { idleInterval: 3600 });
    expect(patient.watch()?.forMs).toBe(10_000);
  });

  test('are counted as still', async () => {
    const { pipeline, camera } = await calm();
    const before = pipeline.totals().meter.dropped.still;
    camera.stats = () => ({
      frames: 12,
      fps: 5,
      replaced: 0,
      skipped: 10,
      restarts: {},
      ffmpegCpuSeconds: 0,
    });
    expect(pipeline.totals().meter.dropped.still).toBe(before + 10);
    expect(pipeline.health().meter.dropped.still).toBe(before + 10);
    expect(pipeline.progress()).toMatchObject({ captured: 12, processed: 12 });
  });

  test.each<[string, (made: Awaited<ReturnType<typeof calm>>) => void]>([
    ['detection is switched off', ({ pipeline }) => pipeline.set('detect', false)],
    [
      'motion is not measured',
      ({ pipeline, camera }) => pipeline.configure({ ...camera.config, motion: false }, false),
    ],
    ['a frame is being inferred', ({ pipeline }) => void pipeline.process(frame(300), nothing)],
    [
      'a frame waits to be inferred',
      ({ camera }) => {
        camera.unread = frame(11_000);
        camera.emit('frame');
      },
    ],
  ])('are asked for while %s', async (_, change) => {
    const made = await calm();
    expect(made.watch()).toBeDefined();
    change(made);
    expect(made.watch()).toBeUndefined();
  });

  test.each<[string, (made: Awaited<ReturnType<typeof calm>>) => void]>([
    ['detection is switched', ({ pipeline }) => pipeline.set('detect', false)],
    [
      'settings change',
      ({ pipeline, camera }) => pipeline.configure({ ...camera.config, motionArea: 0.5 }, false),
    ],
    ['a viewer comes', ({ pipeline }) => pipeline.recall()],
  ])('that are being skipped are asked for when %s', async (_, change) => {
    const made = await calm();
    const before = made.camera.recalls;
    change(made);
    expect(made.camera.recalls).toBeGreaterThan(before);
  });

  test('are asked for while a viewer looks at the camera, and while somebody is followed', async () => {
    const { listener } = recorder();
    expect((await calm({ listener: { ...listener, wantsFrames: () => true } })).watch()).toBeUndefined();
    const made = await calm();
    made.found.push(personAt(100, 160));
    made.clock.now = 11_000;
    await show(made, 11_000);
    await show(made, 11_200);
    expect(made.asked).toHaveLength(3);
    expect(made.watch()).toBeUndefined();
  });
});

/** The life of events over sequences of detections, in time that is made up. */
import { describe, expect, test } from 'vitest';
import type { Detection } from '../../src/detect/detection.js';
import type { Zone } from '../../src/geometry/zones.js';
import { TrackIds } from '../../src/track/ids.js';
import { Scene, type SceneSettings, weakThresholds } from '../../src/track/scene.js';
import type { EventChange } from '../../src/track/types.js';
import { carAt, detection, personAt, THRESHOLD, wholeInference } from '../support/detections.js';
import { FOOTAGE, recordedDetections, visits } from '../support/pedestrians.js';
import { seededRandom } from '../support/random.js';

const SIZE = { sourceWidth: 800, sourceHeight: 400 };
const LEFT_HALF: Zone = {
  name: 'left',
  dwell: 0,
  polygon: {
    unit: 'share',
    corners: [
      { x: 0, y: 0 },
      { x: 0.5, y: 0 },
      { x: 0.5, y: 1 },
      { x: 0, y: 1 },
    ],
  },
};

/**
 * A scene, and all that it published.
 * @param wallOffset By how much the wall clock is ahead of the monotonic one at a time of the latter.
 */
function watch(
  settings: Partial<SceneSettings> = {},
  size = SIZE,
  ids = new TrackIds(0),
  wallOffset: (at: number) => number = () => 0,
) {
  const scene = new Scene({ name: 'front', filters: [], zones: [], masks: [], ...settings }, ids);
  const thresholds = new Float32Array(100).fill(THRESHOLD);
  const changes: EventChange[] = [];
  return {
    scene,
    changes,
    types: () => changes.map(({ type, reason }) => reason ?? type),
    frame: (at: number, ...found: Detection[]) => {
      const observation = scene.observe([wholeInference(found, thresholds)], {
        ...size,
        capturedAt: at + wallOffset(at),
        capturedAtMonotonic: at,
      });
      changes.push(...observation.changes);
      return observation.detections;
    },
    expire: (at: number) => changes.push(...scene.expire({ wall: at + wallOffset(at), monotonic: at })),
    finish: (at = 0) => changes.push(...scene.finish({ wall: at + wallOffset(at), monotonic: at })),
  };
}

/** Every event begins once, ends once, is not heard of before or after, and its times are in order. */
function expectWholeLives(changes: readonly EventChange[]): void {
  const lives = new Map<string, string[]>();
  for (const { type, event } of changes) {
    lives.set(event.id, [...(lives.get(event.id) ?? []), type]);
    expect(event.endedAt !== undefined).toBe(type === 'end');
    if (event.endedAt !== undefined) expect(event.endedAt).toBeGreaterThanOrEqual(event.startedAt);
  }
  for (const [id, types] of lives) {
    expect([types[0], types.at(-1)], id).toEqual(['new', 'end']);
    expect(
      types.slice(1, -1).every((type) => type === 'update'),
      id,
    ).toBe(true);
  }
}

const STEP = 200;

test('somebody walks through: new, a better picture, end', () => {
  const { frame, changes, types, scene, expire } = watch();
  let at = 0;
  for (; at <= 6000; at += STEP) {
    // He comes nearer until the middle of his way.
    const height = 60 + 100 * Math.sin((Math.PI * at) / 6000);
    const x = 100 + 0.1 * at;
    frame(at, detection('person', [x, 300 - height, x + height / 2, 300], 0.8));
  }
  expect(scene.present).toEqual([{ label: 'person', stationary: false, zones: [] }]);
  for (const end = at + 5000; at < end; at += STEP) frame(at);
  expire(at);
  expect(types()[0]).toBe('new');
  expect(types().at(-1)).toBe('end');
  const updates = types().slice(1, -1);
  expect(new Set(updates)).toEqual(new Set(['score']));
  // Each is better by a good deal, so they are few.
  expect(updates.length).toBeLessThan(5);
  const { event } = changes.at(-1) as EventChange;
  expect(event).toMatchObject({
    camera: 'front',
    label: 'person',
    startedAt: 0,
    endedAt: 6000,
    stationary: false,
  });
  expect(event.best.at).toBeGreaterThan(1500);
  expect(event.best.at).toBeLessThan(3200);
  expect(event.path[0]?.x).toBe(115);
  expect(event.path.at(-1)?.x).toBeGreaterThan(650);
  expect(scene.present).toEqual([]);
  expectWholeLives(changes);
});

test('the best frame is the best that was published: its time, score and box belong together', () => {
  const { frame, changes } = watch();
  const next = seededRandom(5);
  const shown = new Map<number, Detection>();
  for (let at = 0; at <= 20_000; at += STEP) {
    const person = personAt(100 + 0.02 * at, 200, 0.4 + 0.5 * next());
    shown.set(at, person);
    const before = changes.length;
    frame(at, person);
    for (const { type, reason, event } of changes.slice(before)) {
      if (type === 'new' || reason === 'score') expect(event.best.at).toBe(at);
      expect(shown.get(event.best.at)).toMatchObject({ score: event.best.score, box: event.best.box });
      expect(event.topScore).toBe(Math.max(...[...shown.values()].map(({ score }) => score)));
    }
  }
  expect(changes.length).toBeGreaterThan(1);
});

test('before an object is believed nothing is changes, and detections have no track id', () => {
  const { frame, changes } = watch();
  expect(frame(0, personAt(100))).toEqual([personAt(100)]);
  expect(frame(STEP, personAt(100))).toEqual([personAt(100)]);
  const [believed] = frame(2 * STEP, personAt(100));
  expect(believed).toMatchObject({ trackId: changes[0]?.event.id });
  expect(changes).toHaveLength(1);
});

test('a flash that looks like a person is forgotten without a word', () => {
  const { frame, finish, changes } = watch();
  frame(0, personAt(100));
  frame(STEP, personAt(100));
  for (let at = 2 * STEP; at < 5000; at += STEP) frame(at);
  finish();
  expect(changes).toEqual([]);
});

test('who is one box with somebody for a moment keeps his size, in the picture', () => {
  const { frame, changes } = watch();
  for (let at = 0; at < 2000; at += STEP) frame(at, personAt(100, 400));
  const both = detection('person', [80, 320, 165, 400]);
  const [seen] = frame(2000, both);
  const [x1, y1, x2, y2] = (seen as Detection).box;
  expect(x2 - x1).toBeLessThan(50);
  expect(y2 - y1).toBeLessThan(95);
  expect(y2).toBeLessThanOrEqual(400);
  expect(seen).toMatchObject({ score: both.score, trackId: changes[0]?.event.id });
});

test('weak detections are not reported, but keep the object', () => {
  const { frame, changes } = watch();
  for (let at = 0; at < 1000; at += STEP) frame(at, personAt(100));
  for (let at = 1000; at < 8000; at += STEP) expect(frame(at, personAt(100, 200, 0.15))).toEqual([]);
  expect(changes.map(({ type }) => type)).toEqual(['new']);
  expect([...weakThresholds(Float32Array.of(0.5, 2))]).toEqual([expect.closeTo(0.2, 6), 2]);
});

test('zones: entered, left, and all that were entered', () => {
  const { frame, changes, types } = watch({ zones: [LEFT_HALF] });
  for (let at = 0; at <= 4000; at += STEP) frame(at, personAt(500 - 0.05 * at));
  for (let at = 4000 + STEP; at <= 8000; at += STEP) frame(at, personAt(300 + 0.05 * (at - 4000)));
  const zoneChanges = changes.filter(({ reason }) => reason === 'zone').map(({ event }) => event);
  expect(zoneChanges.map(({ zones }) => zones)).toEqual([['left'], []]);
  expect(zoneChanges.map(({ enteredZones }) => enteredZones)).toEqual([['left'], ['left']]);
  expect(changes.flatMap(({ newZones = [] }) => newZones)).toEqual(['left']);
  expect(types().filter((type) => type === 'new')).toHaveLength(1);
});

test('who is in a zone before he is believed is in it when his event begins', () => {
  const { frame, changes } = watch({ zones: [LEFT_HALF] });
  for (let at = 0; at <= 400; at += STEP) frame(at, personAt(100));
  expect(changes).toMatchObject([
    { type: 'new', newZones: ['left'], event: { zones: ['left'], enteredZones: ['left'] } },
  ]);
});

test('a zone that names labels is for objects of these alone', () => {
  const { frame, changes, scene } = watch({
    zones: [LEFT_HALF, { ...LEFT_HALF, name: 'cars', labels: ['car'] }],
  });
  for (let at = 0; at <= 400; at += STEP) frame(at, personAt(100), carAt(300));
  expect(changes.map(({ event: { label, zones } }) => [label, zones])).toEqual([
    ['person', ['left']],
    ['car', ['left', 'cars']],
  ]);
  expect(scene.present.map(({ label, zones }) => [label, zones])).toEqual([
    ['person', ['left']],
    ['car', ['left', 'cars']],
  ]);
});

describe('a parked car', () => {
  test('is said once, however much it flickers, and others pass in front', () => {
    const { frame, changes, types } = watch();
    const next = seededRandom(7);
    let last = 0;
    // An hour at 5 frames a second. It is seen in half of the frames, and not for a minute now and then.
    for (let at = 0; at < 3_600_000; at += STEP) {
      const hidden = at > 60_000 && at % 600_000 < 60_000;
      const seen = !hidden && next() < 0.5;
      if (seen) last = at;
      const passer = at % 120_000 < 8000 ? [personAt(0.1 * (at % 120_000), 310)] : [];
      frame(at, ...(seen ? [carAt(400 + 4 * next(), 300 + 4 * next(), 0.5 + 0.3 * next())] : []), ...passer);
    }
    const ofCar = changes.filter(({ event }) => event.label === 'car');
    expect(ofCar.filter(({ type }) => type === 'new')).toHaveLength(1);
    expect(ofCar.filter(({ type }) => type === 'end')).toHaveLength(0);
    expect(ofCar.filter(({ reason }) => reason === 'stationary')).toHaveLength(1);
    expect(types().filter((type) => type === 'new').length).toBe(31);
    expect(last).toBeGreaterThan(3_500_000);
  });

  test('drives off: an update says so, and the end comes soon', () => {
    const { frame, changes, types } = watch();
    let at = 0;
    for (; at <= 600_000; at += STEP) frame(at, carAt(300));
    const departure = at;
    for (; at < departure + 4000; at += STEP) frame(at, carAt(300 + 0.12 * (at - departure)));
    for (; at < departure + 9000; at += STEP) frame(at);
    expect(types().filter((type) => type !== 'score')).toEqual(['new', 'stationary', 'stationary', 'end']);
    expect(changes.at(-1)?.event.endedAt).toBe(departure + 4000 - STEP);
  });

  test('is gone unseen: its end has the time when it was last seen', () => {
    const { frame, changes } = watch();
    let at = 0;
    for (; at <= 60_000; at += STEP) frame(at, carAt(300));
    for (; at <= 60_000 + 301_000; at += STEP) frame(at);
    expect(changes.at(-1)).toMatchObject({ type: 'end', event: { endedAt: 60_000 } });
  });

  test('is the same after a gap in the stream, and another car beside it is not', () => {
    const { frame, changes } = watch();
    for (let at = 0; at <= 60_000; at += STEP) frame(at, carAt(300));
    for (let at = 7_200_000; at <= 7_260_000; at += STEP) frame(at, carAt(300), carAt(430));
    const begun = changes.filter(({ type }) => type === 'new');
    expect(begun.map(({ event }) => event.label)).toEqual(['car', 'car']);
    expect(changes.filter(({ type }) => type === 'end')).toEqual([]);
  });
});

test('somebody leaves and comes back: two events', () => {
  const { frame, finish, changes } = watch();
  for (let at = 0; at <= 4000; at += STEP) frame(at, personAt(500 + 0.07 * at));
  for (let at = 4200; at <= 14_000; at += STEP) frame(at);
  for (let at = 14_200; at <= 18_000; at += STEP) frame(at, personAt(780 - 0.07 * (at - 14_200)));
  finish();
  expect(changes.filter(({ type }) => type !== 'update').map(({ type }) => type)).toEqual([
    'new',
    'end',
    'new',
    'end',
  ]);
  expectWholeLives(changes);
});

describe('the wall clock is set during an event', () => {
  const HOUR = 3_600_000;
  const NOW = Date.UTC(2026, 10, 25, 14);

  /** Somebody walks through and leaves; the clock is set when he is in the middle of his way. */
  function walk(step: (at: number) => number) {
    const scene = watch({ zones: [LEFT_HALF] }, SIZE, new TrackIds(0), (at) => NOW + step(at));
    let at = 0;
    for (; at <= 6000; at += STEP) scene.frame(at, personAt(100 + 0.1 * at), carAt(600, 380));
    for (; at <= 12_000; at += STEP) scene.frame(at, carAt(600, 380));
    scene.finish(at);
    return scene.changes;
  }

  const changes = walk(() => 0);
  const without = (changes: readonly EventChange[]) =>
    changes.map(({ type, reason, event: { id, label, zones, topScore } }) => ({
      ...{ type, reason, id, label, zones, topScore },
    }));

  test.each([
    ['an hour forward', HOUR],
    ['an hour back', -HOUR],
    ['from 1970 to today', NOW],
    ['to 1970', -NOW],
  ])('%s: no track and no event changes, and the times of each message agree', (_, step) => {
    const stepped = walk((at) => (at < 3000 ? 0 : step));
    expect(without(stepped)).toEqual(without(changes));
    for (const [index, { event }] of stepped.entries()) {
      const unstepped = (changes[index] as EventChange).event;
      // The same durations as without the step, on the clock as it is set when the message is made.
      const times = ({ startedAt, endedAt = startedAt, best, path }: EventChange['event']) =>
        [endedAt, best.at, ...path.map(({ at }) => at)].map((time) => time - startedAt);
      expect(times(event)).toEqual(times(unstepped));
    }
    expect(stepped.at(-1)?.event.startedAt).toBe((changes.at(-1) as EventChange).event.startedAt + step);
  });
});

test('the camera goes away: time ends the events, one by one', () => {
  const { frame, expire, changes } = watch();
  for (let at = 0; at <= 2000; at += STEP) frame(at, personAt(100 + 0.08 * at));
  for (let at = 3000; at <= 10_000; at += 1000) expire(at);
  expect(changes.at(-1)).toMatchObject({ type: 'end', event: { endedAt: 2000 } });
  expectWholeLives(changes);
});

test('after a hundred thousand frames of people who come and go nothing is left', () => {
  const { frame, changes, scene } = watch();
  const next = seededRandom(11);
  const walkers: { x: number; y: number; speed: number }[] = [];
  let open = 0;
  let at = 0;
  for (let index = 0; index < 100_000; index++) {
    at += STEP;
    if (next() < 0.05) walkers.push({ x: -20, y: 100 + 300 * next(), speed: 6 + 12 * next() });
    for (const walker of walkers) walker.x += walker.speed;
    while ((walkers[0]?.x ?? 0) > 820) walkers.shift();
    const seen = walkers.filter(() => next() < 0.9).map(({ x, y }) => personAt(x, y));
    // And something that is not there, now and then.
    frame(at, ...seen, ...(next() < 0.1 ? [personAt(800 * next(), 400 * next(), 0.35)] : []));
    for (const { type } of changes.splice(0)) open += { new: 1, update: 0, end: -1 }[type];
    expect(open).toBeLessThan(40);
    expect(scene.present.filter(({ label }) => label === 'person')).toHaveLength(open);
  }
  for (let index = 1; index <= 100; index++) frame(at + index * STEP);
  for (const { type } of changes) open += { new: 1, update: 0, end: -1 }[type];
  expect([open, scene.present.length, scene.empty]).toEqual([0, 0, true]);
}, 120_000);

test('filters and masks: what they leave out has no event and no detection', () => {
  const { frame, changes } = watch({
    filters: [{ label: 'person', minArea: 0.02 }],
    masks: [LEFT_HALF.polygon],
  });
  for (let at = 0; at <= 2000; at += STEP) {
    const found = frame(at, personAt(600), carAt(200), carAt(600));
    expect(found.map(({ box }) => box)).toEqual([carAt(600).box]);
  }
  expect(changes.filter(({ type }) => type === 'new').map(({ event }) => event.label)).toEqual(['car']);
});

describe('pedestrians as the detector really sees them, 80 s at 5 frames a second', () => {
  const frames = recordedDetections();
  const interval = 2000 / FOOTAGE.fps;
  const size = { sourceWidth: FOOTAGE.width, sourceHeight: FOOTAGE.height };

  function replay(rounds: number, drop: (index: number) => boolean = () => false) {
    const scene = watch({}, size);
    for (let index = 0; index < rounds * frames.length; index++) {
      if (drop(index)) continue;
      scene.frame(index * interval, ...(frames[index % frames.length] as Detection[]));
    }
    scene.finish();
    return scene.changes;
  }

  const begun = (changes: readonly EventChange[], label: string) =>
    changes.filter(({ type, event }) => type === 'new' && event.label === label).length;

  test('at most 1.3 events for each who comes, one for each parked car, none of anything else', () => {
    const changes = replay(1);
    expectWholeLives(changes);
    expect(begun(changes, 'person')).toBeGreaterThanOrEqual(0.9 * visits().length);
    expect(begun(changes, 'person')).toBeLessThanOrEqual(1.3 * visits().length);
    expect(begun(changes, 'car')).toBe(2);
    expect(changes.every(({ event }) => ['person', 'car'].includes(event.label))).toBe(true);
  });

  test('again and again: the cars are still the same, ids are never reused', () => {
    const changes = replay(6);
    expectWholeLives(changes);
    expect(begun(changes, 'car')).toBe(2);
  });

  test.each([1, 2, 3])('with frames lost at random, seed %i, every end has a start', (seed) => {
    const next = seededRandom(seed);
    let gapUntil = 0;
    const changes = replay(2, (index) => {
      // Before the cars are known to be parked, a gap would end them too.
      if (index < 100) return false;
      if (next() < 0.01) gapUntil = index + 50 * next();
      return index < gapUntil || next() < 0.2;
    });
    expectWholeLives(changes);
    expect(begun(changes, 'car')).toBe(2);
  });

  test('two cameras of a node share no id', () => {
    const ids = new TrackIds(0);
    const cameras = [watch({}, size, ids), watch({ name: 'back' }, size, ids)];
    for (const [index, found] of frames.entries()) {
      for (const { frame } of cameras) frame(index * interval, ...found);
    }
    const [front, back] = cameras.map(({ changes }) => new Set(changes.map(({ event }) => event.id)));
    expect(front?.size).toBeGreaterThan(20);
    expect([...(front ?? [])].filter((id) => back?.has(id))).toEqual([]);
  });
});

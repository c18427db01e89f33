/** The motion gate on footage: a photograph with a camera's noise, and people who come to an empty lawn. */
import { expect, test, vi } from 'vitest';
import type { CapturedFrame } from '../../src/frame/frame.js';
import type { Polygon } from '../../src/geometry/zones.js';
import { MotionGate, type MotionSettings, type SceneState } from '../../src/motion/gate.js';
import { MotionMeter } from '../../src/motion/meter.js';
import type { NativeWatch } from '../../src/native/addon.js';
import { ENTRANCE_S, entrance, framesOf, noisyStill } from '../support/scenes.js';

// The first run makes the clips, a minute of video on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

const CONFIG: MotionSettings = { motionArea: 0.0005, motionOffDelay: 5, idleInterval: 10 };
const CALM: SceneState = { busy: false, missing: false, empty: true };

/** Seconds of the frames that are let through, and when the topic changes. */
async function replay(
  frames: AsyncIterable<CapturedFrame>,
  options: { scene?: (now: number) => SceneState; config?: MotionSettings; masks?: Polygon[] } = {},
) {
  const { scene = () => CALM, config = CONFIG, masks = [] } = options;
  const admitted: number[] = [];
  const changes: [string, number][] = [];
  let frameCount = 0;
  const gate = new MotionGate(config, masks);
  for await (const frame of frames) {
    const now = frame.capturedAtMonotonic / 1000;
    frameCount++;
    const before = gate.motion;
    if (gate.admits(frame, scene(now))) admitted.push(now);
    if (gate.motion !== before) changes.push([gate.motion ? 'ON' : 'OFF', now]);
  }
  return { admitted, changes, frames: frameCount, gate };
}

const still = async () => framesOf(await noisyStill('test/fixtures/photos/coffee.png'), { fps: 15, step: 3 });
const lawn = async () => framesOf(await entrance(), { fps: 10, step: 2 });

test('noise is not motion: one look in ten seconds', async () => {
  const { admitted, changes, frames } = await replay(await still());
  expect(frames).toBe(300);
  expect(admitted).toEqual([0, 10, 20, 30, 40, 50]);
  expect(changes).toEqual([]);
});

test('people are let through from their first part on, and no frame of them is missed', async () => {
  const { admitted, changes } = await replay(await lawn());
  const first = admitted.find((at) => at > 0.1) ?? 0;
  expect(first).toBeLessThan(ENTRANCE_S + 0.45);
  expect(first).toBeGreaterThanOrEqual(ENTRANCE_S - 0.11);
  expect(changes[0]).toEqual(['ON', first]);
  // They are in the picture until the clip ends.
  expect(admitted.filter((at) => at >= first)).toHaveLength(Math.round((20 - first) * 5));
});

test('OFF comes after the delay', async () => {
  async function* thenNothing() {
    let last: CapturedFrame | undefined;
    for await (const frame of await lawn()) {
      if (frame.capturedAtMonotonic > 11_000) break;
      last = { ...frame, data: frame.data.slice() };
      yield frame;
    }
    // The scene freezes, and what stands still becomes background.
    for (let at = 11_200; at < 60_000; at += 200)
      yield { ...(last as CapturedFrame), capturedAtMonotonic: at };
  }
  const { changes } = await replay(thenNothing(), { config: { ...CONFIG, motionOffDelay: 8 } });
  expect(changes.map(([state]) => state)).toEqual(['ON', 'OFF']);
  const [[, on = 0] = [], [, off = 0] = []] = changes;
  expect(off - on).toBeGreaterThan(8);
  expect(off).toBeLessThan(40);
});

test('while something is followed that moves, every frame counts', async () => {
  const { admitted } = await replay(await still(), {
    scene: (now) => ({ busy: now >= 20 && now < 22, missing: false, empty: now < 20 }),
  });
  expect(admitted.filter((at) => at >= 20 && at < 22)).toHaveLength(10);
  expect(admitted.filter((at) => at >= 22).at(0)).toBeCloseTo(31.8, 5);
});

test('what stood still and was not seen is looked for every second', async () => {
  const { admitted } = await replay(await still(), {
    scene: (now) => ({ busy: false, missing: now > 30 && now < 35, empty: false }),
  });
  expect(admitted.filter((at) => at > 30 && at < 35).map(Math.round)).toEqual([31, 32, 33, 34]);
});

test('where a mask lies nothing counts', async () => {
  const corners = [
    { x: 0.5, y: 0 },
    { x: 1, y: 0 },
    { x: 1, y: 1 },
    { x: 0.5, y: 1 },
  ];
  const untilTheMiddle = async function* () {
    for await (const frame of await lawn()) if (frame.capturedAtMonotonic < 11_000) yield frame;
  };
  const share = await replay(untilTheMiddle(), { masks: [{ corners, unit: 'share' }] });
  const pixels = corners.map(({ x, y }) => ({ x: x * 1280, y: y * 720 }));
  const pixel = await replay(untilTheMiddle(), { masks: [{ corners: pixels, unit: 'pixel' }] });
  expect([share.changes, pixel.changes]).toEqual([[], []]);
});

test('other masks and settings hold from the next frame on, and the background is kept', async () => {
  const everything = [
    { x: 0, y: 0 },
    { x: 1, y: 0 },
    { x: 1, y: 1 },
    { x: 0, y: 1 },
  ];
  const all: Polygon = { corners: everything, unit: 'share' };
  const gate = new MotionGate(CONFIG, [all]);
  const moves: number[] = [];
  let unmasked = false;
  for await (const frame of await lawn()) {
    const now = frame.capturedAtMonotonic / 1000;
    if (now > ENTRANCE_S + 2) break;
    if (now > ENTRANCE_S + 1 && !unmasked) {
      unmasked = true;
      gate.configure({ ...CONFIG, idleInterval: 1000 }, []);
    }
    gate.admits(frame, CALM);
    if (gate.motion) moves.push(now);
  }
  expect(moves.length).toBeGreaterThan(0);
  expect(moves[0]).toBeGreaterThan(ENTRANCE_S + 1);
});

const plain = (at: number, width: number, wall = at): CapturedFrame => ({
  data: new Uint8Array(width * width * 1.5).fill(90),
  format: 'yuv420p',
  width,
  height: width,
  sequence: 1,
  capturedAt: wall,
  capturedAtMonotonic: at,
  sourceWidth: width,
  sourceHeight: width,
});

test('a picture of another size, and no frames any more', () => {
  const gate = new MotionGate(CONFIG, []);
  expect(gate.admits(plain(100_000, 64), CALM)).toBe(true);
  expect(gate.admits(plain(100_200, 64), CALM)).toBe(false);
  expect(gate.admits(plain(100_400, 128), CALM)).toBe(false);
  const person = plain(100_600, 128);
  person.data.fill(200, 0, 128 * 40);
  expect(gate.admits(person, CALM)).toBe(true);
  expect(gate.motion).toBe(true);
  gate.reset();
  expect(gate.motion).toBe(false);
});

test.each([
  ['an hour forward', 3_600_000],
  ['an hour back', -3_600_000],
  ['to 1970', -1_764_000_000_000],
])('the wall clock is set %s: the same frames are inferred', (_, step) => {
  const admitted = (offset: (at: number) => number) => {
    const gate = new MotionGate(CONFIG, []);
    const times: number[] = [];
    for (let at = 0; at < 40_000; at += 200) {
      if (gate.admits(plain(at, 64, 1_764_000_000_000 + at + offset(at)), CALM)) times.push(at);
    }
    return times;
  };
  expect(admitted((at) => (at > 15_000 ? step : 0))).toEqual(admitted(() => 0));
});

test('frames that are none are refused', () => {
  const meter = new MotionMeter([]);
  const size = { width: 64, height: 64, sourceWidth: 64, sourceHeight: 64, sequence: 1 };
  const times = { capturedAt: 0, capturedAtMonotonic: 0 };
  expect(() =>
    meter.update({ ...size, ...times, data: new Uint8Array(100), format: 'yuv420p' }, 0, true),
  ).toThrow(/does not fit/);
  expect(() =>
    meter.update({ ...size, ...times, data: new Uint8Array(64 * 64 * 3), format: 'rgb24' }, 0, true),
  ).toThrow(/expected yuv420p/);
});

test('cameras that are started at once are inferred in different moments, each as often as it shall be', () => {
  const looks = (phase: number) => {
    const gate = new MotionGate(CONFIG, [], phase);
    const times = [];
    for (let at = 0; at <= 30_000; at += 500) if (gate.admits(plain(at, 64), CALM)) times.push(at);
    return times;
  };
  expect(looks(0)).toEqual([0, 10_000, 20_000, 30_000]);
  expect(looks(0.3)).toEqual([0, 7000, 17_000, 27_000]);
  expect(looks(0.95)).toEqual([0, 500, 10_500, 20_500]);
});

test('tells where something moves: around those who come to the lawn, and nowhere before', async () => {
  const gate = new MotionGate(CONFIG, []);
  let before = 0;
  const entered: number[] = [];
  for await (const frame of await lawn()) {
    gate.admits(frame, CALM);
    const now = frame.capturedAtMonotonic / 1000;
    const { places } = gate;
    for (const { box, strength } of places) {
      expect(strength).toBeGreaterThan(1);
      expect(box[0] < box[2] && box[1] < box[3] && box[2] <= frame.width && box[3] <= frame.height).toBe(
        true,
      );
    }
    if (now < ENTRANCE_S - 0.5) before += places.length;
    else if (now > ENTRANCE_S + 0.5 && now < ENTRANCE_S + 2)
      entered.push((places[0]?.box[2] ?? 0) / frame.width);
  }
  expect(before).toBeLessThan(10);
  // They come from the right.
  expect(Math.min(...entered)).toBeGreaterThan(0.7);
});

/** The same frames, but those that the gate says need not be taken in are measured and go no further, as when they are read. */
async function skimmed(frames: AsyncIterable<CapturedFrame>, scene: (now: number) => SceneState) {
  const gate = new MotionGate(CONFIG, []);
  const admitted: number[] = [];
  const changes: [string, number][] = [];
  let skipped = 0;
  /** What is asked of the reader after each frame that is taken in, and when the meter has measured last. */
  let watch: (NativeWatch & { until: number; measuredAt: number }) | undefined;
  const ask = (now: number) => {
    const asked = gate.still(now, scene(now / 1000));
    // As the daemon does: for two seconds at most, as the scene may change meanwhile.
    return asked && { ...asked, until: now + Math.min(2000, asked.forMs), measuredAt: now - asked.sinceMs };
  };
  for await (const frame of frames) {
    const at = frame.capturedAtMonotonic;
    let changed: number | undefined;
    if (watch !== undefined) {
      const { meter, measuredAt, learn, area, until } = watch;
      changed = meter.update(frame.data, frame.width, frame.height, (at - measuredAt) / 1000, learn);
      watch.measuredAt = at;
      if (changed >= 0 && changed < area && at < until) {
        skipped += 1;
        continue;
      }
    }
    const before = gate.motion;
    if (gate.admits({ ...frame, ...(changed === undefined ? {} : { changed }) }, scene(at / 1000)))
      admitted.push(at / 1000);
    if (gate.motion !== before) changes.push([gate.motion ? 'ON' : 'OFF', at / 1000]);
    watch = ask(at);
  }
  return { admitted, changes, skipped };
}

test.each<[string, () => Promise<AsyncIterable<CapturedFrame>>, (now: number) => SceneState, number]>([
  ['nothing moves', still, () => CALM, 240],
  ['somebody is missing for a while', still, (now) => ({ ...CALM, missing: now > 20 && now < 25 }), 240],
  ['somebody is followed for a while', still, (now) => ({ ...CALM, busy: now > 20 && now < 22 }), 240],
  ['people come', lawn, () => CALM, 30],
])('frames that need not be taken in change nothing: %s', async (_, frames, scene, least) => {
  const whole = await replay(await frames(), { scene });
  const { admitted, changes, skipped } = await skimmed(await frames(), scene);
  expect({ admitted, changes }).toEqual({ admitted: whole.admitted, changes: whole.changes });
  expect(skipped).toBeGreaterThan(least);
});

test('every frame is taken in until one was not worth inference, and while something is followed that moves', async () => {
  const gate = new MotionGate(CONFIG, []);
  expect(gate.still(0, CALM)).toBeUndefined();
  let taken = 0;
  for await (const frame of await still()) {
    const at = frame.capturedAtMonotonic;
    const worth = gate.admits(frame, CALM);
    expect(gate.still(at, CALM) === undefined).toBe(worth);
    expect(gate.still(at, { ...CALM, busy: true })).toBeUndefined();
    if (++taken === 20) break;
  }
  expect(gate.still(4000, { ...CALM, empty: false })).toMatchObject({
    area: CONFIG.motionArea,
    learn: false,
    sinceMs: 200,
    forMs: 6000,
  });
  expect(gate.still(4000, { ...CALM, missing: true })?.forMs).toBe(-3000);
  gate.reset();
  expect(gate.still(4000, CALM)).toBeUndefined();
});

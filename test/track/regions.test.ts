/** What an inference of a region says of objects, and what it does not. */
import { expect, test } from 'vitest';
import type { Detection } from '../../src/detect/detection.js';
import type { Box } from '../../src/geometry/box.js';
import { TrackIds } from '../../src/track/ids.js';
import { Scene } from '../../src/track/scene.js';
import type { EventChange } from '../../src/track/types.js';
import { carAt, personAt, wholeInference } from '../support/detections.js';

const SIZE = { sourceWidth: 1280, sourceHeight: 720 };
const THRESHOLDS = new Float32Array(3).fill(0.3);
/** Where the people of these tests are not. */
const ELSEWHERE: Box = [800, 400, 1120, 592];
const HERE: Box = [0, 80, 320, 272];

function watch() {
  const scene = new Scene({ name: 'front', filters: [], zones: [], masks: [] }, new TrackIds(0));
  const changes: EventChange[] = [];
  const infer = (at: number, region: Box | undefined, found: Detection[], scale = 1) => {
    const whole = { ...wholeInference(found, THRESHOLDS), scale };
    const frame = { ...SIZE, capturedAt: at, capturedAtMonotonic: at };
    const observation = scene.observe([region === undefined ? whole : { ...whole, region }], frame);
    changes.push(...observation.changes);
    return observation;
  };
  const types = () => changes.map(({ type }) => type);
  return { scene, infer, types, counts: () => scene.present.length };
}

test('who is outside the region is not missed and does not age: no end, and the count stays', () => {
  const { infer, types, counts } = watch();
  for (let at = 0; at <= 1000; at += 200) infer(at, undefined, [personAt(100)]);
  for (let at = 1200; at <= 60_000; at += 200) {
    const { elsewhere } = infer(at, ELSEWHERE, []);
    expect(elsewhere.map(({ label }) => label)).toEqual(['person']);
    expect(counts()).toBe(1);
  }
  expect(types()).toEqual(['new']);
  // Seen again it is the same.
  expect(infer(60_200, undefined, [personAt(100)]).detections).toMatchObject([
    { trackId: expect.any(String) },
  ]);
  expect(types().filter((type) => type === 'new')).toHaveLength(1);
});

test('who is followed and seen below the threshold is known, and not reported', () => {
  const { infer, types } = watch();
  const faint = { ...personAt(100), score: 0.2 };
  expect(infer(0, undefined, [faint])).toMatchObject({ detections: [], weak: [] });
  for (let at = 200; at <= 1000; at += 200) infer(at, undefined, [personAt(100)]);
  const { detections, weak } = infer(1200, undefined, [faint]);
  expect(detections).toEqual([]);
  expect(weak).toEqual([{ ...faint, trackId: expect.any(String) }]);
  expect(types()).toEqual(['new']);
});

test('who is in the region and is not found is missed, and is gone after as long as ever', () => {
  const ends = [undefined, HERE].map((region) => {
    const { infer, types } = watch();
    for (let at = 0; at <= 1000; at += 200) infer(at, undefined, [personAt(100)]);
    let at = 1200;
    while (types().at(-1) !== 'end' && at < 60_000) {
      infer(at, region, []);
      at += 200;
    }
    return at;
  });
  expect(ends[0]).toBe(ends[1]);
});

test('who is half in the region, or was cut off by its border, is not missed', () => {
  const { infer, types } = watch();
  for (let at = 0; at <= 1000; at += 200) infer(at, undefined, [personAt(320)]);
  for (let at = 1200; at <= 10_000; at += 200) {
    const { cut, detections } = infer(at, HERE, [{ ...personAt(320), box: [300, 120, 319, 200] }]);
    expect(cut).toHaveLength(1);
    expect(detections).toEqual([]);
  }
  expect(types()).toEqual(['new']);
});

test('who comes is believed from regions alone, after as many inferences of the place', () => {
  const { infer, types } = watch();
  for (let at = 0; at <= 400; at += 200) infer(at, HERE, [personAt(100)]);
  expect(types()).toEqual(['new']);
  const slow = watch();
  for (let at = 0; at <= 800; at += 200)
    slow.infer(at, at % 400 === 0 ? HERE : ELSEWHERE, at % 400 === 0 ? [personAt(100)] : []);
  expect(slow.types()).toEqual(['new']);
});

test('what stands still is missed by whole pictures alone', () => {
  const { infer, types, scene } = watch();
  for (let at = 0; at <= 20_000; at += 200) infer(at, undefined, [carAt(100, 200)]);
  for (let at = 20_200; at <= 22_000; at += 200) infer(at, HERE, []);
  expect(scene.missing).toBe(false);
  infer(22_200, undefined, []);
  expect(scene.missing).toBe(true);
  expect(types()).not.toContain('end');
});

test('who is too small for the whole picture is not missed there, but in a region that could have found him', () => {
  const { infer, types } = watch();
  // A person of 80 pixels, 20 of the input: found in regions alone.
  for (let at = 0; at <= 1000; at += 200) infer(at, HERE, [personAt(100)]);
  for (let at = 1200; at <= 2800; at += 200) infer(at, undefined, [], 0.25);
  infer(3000, HERE, [personAt(100)]);
  for (let at = 3200; at <= 5000; at += 200) infer(at, undefined, [], 0.25);
  expect(types()).toEqual(['new']);
  for (let at = 5200; at <= 25_000; at += 200) infer(at, HERE, []);
  expect(types()).toEqual(['new', 'end']);
});

test('who is too small for the whole picture is not missed there for having been seen faintly once', () => {
  const { infer, types } = watch();
  for (let at = 0; at <= 1000; at += 200) infer(at, HERE, [personAt(100)]);
  infer(1200, undefined, [personAt(100, 200, 0.2)], 0.25);
  const { elsewhere } = infer(1400, undefined, [], 0.25);
  expect(elsewhere).toHaveLength(1);
  expect(types()).toEqual(['new']);
});

test('nobody is kept for ever for want of a region', () => {
  const { infer, types } = watch();
  for (let at = 0; at <= 1000; at += 200) infer(at, HERE, [personAt(100)]);
  for (let at = 1200; at <= 70_000; at += 200) infer(at, undefined, [], 0.25);
  expect(types()).toEqual(['new', 'end']);
});

test('who has left the picture is not waited for', () => {
  const { infer, types } = watch();
  for (let at = 0; at <= 1000; at += 200) infer(at, HERE, [personAt(220 - 0.2 * at)]);
  for (let at = 1200; at <= 8000; at += 200) infer(at, undefined, [], 0.25);
  expect(types()).toEqual(['new', 'end']);
});

test('who has left the picture is not waited for in regions either, and is expected nowhere', () => {
  const { infer, types } = watch();
  for (let at = 0; at <= 1000; at += 200) infer(at, HERE, [personAt(300 - 0.2 * at)]);
  const known: Box[] = [];
  for (let at = 1200; at <= 8000; at += 200)
    known.push(...infer(at, ELSEWHERE, []).elsewhere.map(({ box }) => box));
  expect(known.length).toBeGreaterThan(0);
  for (const [x1, , x2] of known) expect([x1 >= 0, x2 > 0]).toEqual([true, true]);
  expect(types()).toEqual(['new', 'end']);
});

test('who was seen once is expected nowhere: nobody knows his way', () => {
  const { infer } = watch();
  infer(0, HERE, [personAt(100)]);
  expect(infer(200, ELSEWHERE, []).elsewhere).toEqual([]);
  infer(400, HERE, [personAt(100)]);
  expect(infer(600, ELSEWHERE, []).elsewhere).toHaveLength(1);
});

test('the planner is told how little is known of where somebody is, and whether he was missed', () => {
  const { infer, scene } = watch();
  for (let at = 0; at <= 1000; at += 200) infer(at, HERE, [personAt(100)]);
  const uncertain = (at: number) => scene.followed(at)[0]?.uncertainty as number;
  expect(uncertain(1200)).toBeLessThan(0.3);
  expect(uncertain(3000)).toBeGreaterThan(1);
  expect(scene.followed(1200)).toMatchObject([{ missed: false }]);
  infer(1200, HERE, []);
  expect(scene.followed(1400)).toMatchObject([{ missed: true }]);
});

test('the planner is given those who move, and those who were not checked for two seconds', () => {
  const { infer, scene } = watch();
  for (let at = 0; at <= 20_000; at += 200) infer(at, undefined, [carAt(100, 200), personAt(600 + at / 100)]);
  expect(scene.followed(20_200)).toHaveLength(1);
  for (let at = 20_200; at <= 23_000; at += 200) infer(at, ELSEWHERE, []);
  expect(scene.followed(23_000)).toHaveLength(2);
});

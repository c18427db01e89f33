/** Which part of a picture is inferred next: rules of the planner, and what becomes of them over recorded sequences. */
import { describe, expect, test } from 'vitest';
import type { Region } from '../../src/frame/region.js';
import { type Box, intersection } from '../../src/geometry/box.js';
import { type FollowedPlace, RegionPlanner, type View } from '../../src/regions/planner.js';
import { viewOf } from '../../src/regions/view.js';
import { TrackIds } from '../../src/track/ids.js';
import { Scene } from '../../src/track/scene.js';
import { wholeInference } from '../support/detections.js';
import { FOOTAGE, recordedDetections } from '../support/pedestrians.js';
import { seededRandom } from '../support/random.js';

const FRAME = { width: 1280, height: 720 };
const SHAPE = { width: 320, height: 192 };

const around = (x: number, y: number, width = 20, height = 40): Box => [
  x - width / 2,
  y - height / 2,
  x + width / 2,
  y + height / 2,
];
const moving = (...boxes: Box[]): Partial<View> => ({ motion: boxes.map((box) => ({ box })) });
/** Somebody who was found so many milliseconds ago. */
const followed = (box: Box, unseenMs: number): FollowedPlace => ({
  box,
  uncertainty: 0.1 + unseenMs / 1000,
  missed: false,
});
const viewAt = (at: number, seen: Partial<View> = {}): View => ({
  at,
  frame: FRAME,
  shape: SHAPE,
  motion: [],
  objects: [],
  ...seen,
});
/** Plans and carries it out. */
function step(planner: RegionPlanner, view: View): Region | undefined {
  const region = planner.plan(view);
  planner.inferred(region, view);
  return region;
}
const shows = (region: Region | undefined, [x1, y1, x2, y2]: Box) =>
  region !== undefined &&
  x1 >= region.left &&
  y1 >= region.top &&
  x2 <= region.left + region.width &&
  y2 <= region.top + region.height;

describe('the whole picture', () => {
  test('first, then once a second at least', () => {
    const planner = new RegionPlanner();
    const places = moving(around(300, 300));
    const wholes = Array.from({ length: 21 }, (_, index) => 200 * index).filter(
      (at) => step(planner, viewAt(at, places)) === undefined,
    );
    expect(wholes).toEqual([0, 1000, 2000, 3000, 4000]);
  });

  test('while nothing moves and nothing is followed', () => {
    const planner = new RegionPlanner();
    step(planner, viewAt(0));
    expect(planner.plan(viewAt(200))).toBeUndefined();
    expect(planner.beside(viewAt(200))).toBeUndefined();
  });

  test('again after a reset, as of a camera that was away', () => {
    const planner = new RegionPlanner();
    step(planner, viewAt(0));
    planner.reset();
    expect(planner.plan(viewAt(200, moving(around(300, 300))))).toBeUndefined();
  });

  test('where the frame has no more pixels than the input shows of it', () => {
    for (const frame of [
      { width: 320, height: 180 },
      { width: 350, height: 196 },
      { width: 100, height: 100 },
    ]) {
      const planner = new RegionPlanner();
      step(planner, viewAt(0, { frame }));
      const view = viewAt(200, { frame, ...moving(around(50, 50)) });
      expect(planner.plan(view)).toBeUndefined();
      expect(planner.beside(view)).toBeUndefined();
    }
  });

  test('beside a region of the same frame, where there is time for both', () => {
    const planner = new RegionPlanner();
    step(planner, viewAt(0));
    const view = viewAt(200, moving(around(300, 300)));
    const region = planner.plan(view);
    expect(region).toBeDefined();
    expect(planner.beside(view, region)).toEqual({ region: undefined });
    // Beside the whole picture it is the region.
    expect(planner.beside(view)).toEqual({ region });
  });

  test.each([
    [5, 2],
    [10, 2],
    [15, 1.5],
    [20, 1],
    [25, 1],
    [60, 1],
  ])('beside regions of %s frames a second, where there is time: %s inferences a frame', (fps, perFrame) => {
    const planner = new RegionPlanner();
    const places = moving(around(300, 300));
    const ofKind = { whole: [] as number[], region: [] as number[] };
    for (let index = 0; index < 60; index++) {
      const view = viewAt((1000 * index) / fps, places);
      const first = step(planner, view);
      ofKind[first === undefined ? 'whole' : 'region'].push(view.at);
      const beside = planner.beside(view, first);
      if (beside === undefined) continue;
      planner.inferred(beside.region, view);
      ofKind[beside.region === undefined ? 'whole' : 'region'].push(view.at);
    }
    expect((ofKind.whole.length + ofKind.region.length) / 60).toBeCloseTo(perFrame, 1);
    // Both kinds are made all the while, at each frame or every 90 ms.
    for (const times of Object.values(ofKind)) {
      const longest = Math.max(...times.slice(1).map((at, index) => at - (times[index] as number)));
      expect(longest).toBeLessThan(90 + 1.5 * (1000 / fps));
    }
  });

  test('in turn with regions of a camera of 25 frames a second, after a pause both of one frame', () => {
    const planner = new RegionPlanner();
    const places = moving(around(300, 300));
    const kinds = Array.from({ length: 10 }, (_, index) =>
      step(planner, viewAt(40 * index, places)) === undefined ? 'whole' : 'region',
    );
    expect(kinds.map((kind) => kind[0]).join('')).toBe('wrrwrrwrrw');
    const later = viewAt(1000, places);
    const first = step(planner, later);
    expect(planner.beside(later, first)).toBeDefined();
  });

  test('for what fills it: a car before the lens', () => {
    const planner = new RegionPlanner();
    step(planner, viewAt(0));
    expect(planner.plan(viewAt(200, moving([100, 50, 1200, 700])))).toBeUndefined();
  });

  test('for a camera that shakes: everything moves, in one piece or in many', () => {
    const planner = new RegionPlanner();
    step(planner, viewAt(0));
    expect(planner.plan(viewAt(200, moving([0, 0, 1280, 720])))).toBeUndefined();
    const places = Array.from({ length: 20 }, (_, index) =>
      around(100 + 120 * (index % 10), index < 10 ? 100 : 600),
    );
    const view = viewAt(200, moving(...places));
    expect([planner.plan(view), planner.beside(view)]).toEqual([undefined, undefined]);
    // Who is followed is looked at all the same.
    const objects = [followed(around(300, 300), 200)];
    expect(shows(planner.plan({ ...view, objects }), around(300, 300))).toBe(true);
  });
});

describe('a region', () => {
  test('is of the input’s shape in the frame’s own pixels around what moves', () => {
    const planner = new RegionPlanner();
    step(planner, viewAt(0));
    const box = around(700, 400);
    const region = step(planner, viewAt(200, moving(box)));
    expect(region).toEqual({ left: 540, top: 304, width: 320, height: 192 });
    expect(shows(region, box)).toBe(true);
  });

  test('stays within the frame, on whole samples of chroma', () => {
    const random = seededRandom(1);
    for (let trial = 0; trial < 300; trial++) {
      const frame = { width: 500 + Math.floor(random() * 1500), height: 500 + Math.floor(random() * 1500) };
      const planner = new RegionPlanner();
      step(planner, viewAt(0, { frame }));
      const boxes = Array.from({ length: 3 }, () =>
        around(random() * frame.width, random() * frame.height, 10 + random() * 300, 10 + random() * 300),
      );
      const region = step(planner, viewAt(200, { frame, ...moving(...boxes) }));
      if (region === undefined) continue;
      const { left, top, width, height } = region;
      expect([left % 2, top % 2]).toEqual([0, 0]);
      expect(width % 2 === 0 || left + width === frame.width).toBe(true);
      expect(height % 2 === 0 || top + height === frame.height).toBe(true);
      expect(left >= 0 && top >= 0 && left + width <= frame.width && top + height <= frame.height).toBe(true);
      expect(width).toBeGreaterThanOrEqual(SHAPE.width);
      // It shows things larger than the whole picture does.
      const whole = Math.max(frame.width / SHAPE.width, frame.height / SHAPE.height);
      expect(width / SHAPE.width).toBeLessThan(whole / 1.08);
    }
  });

  test('is larger where that has two in it that are large enough', () => {
    const planner = new RegionPlanner();
    step(planner, viewAt(0));
    const [one, other] = [around(400, 300, 50, 110), around(720, 340, 50, 110)];
    const region = step(planner, viewAt(200, moving(one, other)));
    expect([shows(region, one), shows(region, other)]).toEqual([true, true]);
    expect(region?.width).toBeGreaterThan(320);
  });

  test('is hardly larger than needs be to have all of them in it, and may be nearly as large as the whole', () => {
    const goesTo = (...objects: FollowedPlace[]) => {
      const planner = new RegionPlanner();
      const frame = { width: 768, height: 576 };
      const shape = { width: 320, height: 256 };
      step(planner, viewAt(0, { frame, shape }));
      const region = planner.plan(viewAt(200, { frame, shape, objects }));
      expect(objects.every(({ box }) => shows(region, box))).toBe(true);
      return (region as Region).width / shape.width;
    };
    const person = (x: number) => followed(around(x, 250, 30, 75), 200);
    expect(goesTo(person(200), person(500))).toBeCloseTo(1.15, 1);
    expect(goesTo(person(100), person(620))).toBeCloseTo(1.8, 1);
  });

  test('goes to nobody who would be too low even there to be found', () => {
    const planner = new RegionPlanner();
    step(planner, viewAt(0));
    expect(planner.plan(viewAt(200, { objects: [followed(around(300, 300, 6, 13), 400)] }))).toBeUndefined();
    const region = planner.plan(viewAt(200, { objects: [followed(around(300, 300, 10, 20), 400)] }));
    expect(region).toBeDefined();
  });

  test('goes in turns to places that are far apart', () => {
    const planner = new RegionPlanner();
    const corners = [around(60, 60), around(1220, 60), around(60, 660), around(1220, 660)];
    const last = corners.map(() => 0);
    for (let at = 0; at <= 20_000; at += 200) {
      const objects = corners.map((box, index) => followed(box, at - (last[index] as number)));
      const region = step(planner, viewAt(at, { objects }));
      for (const [index, box] of corners.entries()) if (shows(region, box)) last[index] = at;
      if (at < 1200) continue;
      for (const seenAt of last) expect(at - seenAt).toBeLessThanOrEqual(1200);
    }
  });

  test('and to changes that turn out to be nothing, between those to somebody who is followed', () => {
    const planner = new RegionPlanner();
    const [person, leaves] = [around(100, 600), around(1200, 80, 200, 100)];
    let seenAt = 0;
    const turns = { person: 0, leaves: 0 };
    for (let at = 0; at < 20_000; at += 200) {
      const objects = [followed(person, at - seenAt)];
      const region = step(planner, viewAt(at, { ...moving(leaves), objects }));
      if (region === undefined || shows(region, person)) seenAt = at;
      if (shows(region, person)) turns.person += 1;
      if (
        region !== undefined &&
        intersection(leaves, [
          region.left,
          region.top,
          region.left + region.width,
          region.top + region.height,
        ]) > 0
      )
        turns.leaves += 1;
    }
    expect(turns.leaves).toBeGreaterThan(5);
    expect(turns.person).toBeGreaterThan(turns.leaves);
  });

  test('goes to whom least is known of, and last to who was looked for and not found', () => {
    const [one, other] = [around(100, 600), around(1200, 80)];
    const goesTo = (...objects: FollowedPlace[]) => {
      const planner = new RegionPlanner();
      step(planner, viewAt(0));
      const region = planner.plan(viewAt(200, { objects }));
      return [shows(region, one), shows(region, other)];
    };
    const sure = { uncertainty: 0.2, missed: false };
    expect(goesTo({ box: one, ...sure }, { box: other, ...sure, uncertainty: 0.3 })).toEqual([false, true]);
    expect(goesTo({ box: one, ...sure }, { box: other, uncertainty: 0.5, missed: true })).toEqual([
      true,
      false,
    ]);
    // Of two of whom nothing is known any more none is worth more, so that two take turns with who is behind them.
    expect(goesTo({ box: one, ...sure, uncertainty: 2 }, { box: other, ...sure, uncertainty: 50 })).toEqual([
      true,
      false,
    ]);
  });

  test('takes in next what the one before may have cut off', () => {
    const planner = new RegionPlanner();
    step(planner, viewAt(0));
    const busy = moving(around(1200, 80));
    step(planner, viewAt(200, busy));
    const cut = around(300, 500);
    planner.ask([cut]);
    expect(shows(step(planner, viewAt(400, busy)), cut)).toBe(true);
    expect(shows(step(planner, viewAt(600, busy)), cut)).toBe(false);
  });

  test('is the same for the same calls', () => {
    const plans = [1, 2].map(() => {
      const planner = new RegionPlanner();
      const random = seededRandom(5);
      return Array.from({ length: 100 }, (_, index) =>
        step(planner, viewAt(200 * index, moving(around(random() * 1280, random() * 720), around(640, 300)))),
      );
    });
    expect(plans[0]).toEqual(plans[1]);
  });
});

test('who should have left the picture is looked for nowhere', () => {
  const sizes = { width: 1280, height: 720, sourceWidth: 2560, sourceHeight: 1440 };
  const scene = {
    followed: () => [followed([2570, 200, 2610, 280], 6000), followed([2540, 200, 2580, 280], 200)],
  };
  const { objects } = viewOf({ ...sizes, capturedAtMonotonic: 6000 }, SHAPE, [], scene);
  expect(objects.map(({ box }) => box)).toEqual([[1270, 100, 1290, 140]]);
});

test('over recorded pedestrians: regions in between, and the whole picture in time', () => {
  const { width, height } = FOOTAGE;
  const shape = { width: 320, height: 256 };
  const scene = new Scene({ name: 'front', filters: [], zones: [], masks: [] }, new TrackIds(0));
  const planner = new RegionPlanner();
  const thresholds = new Float32Array(100).fill(0.3);
  let wholeAt = 0;
  let regions = 0;
  for (const [index, recorded] of recordedDetections().entries()) {
    const at = 200 * index;
    const sizes = { width, height, sourceWidth: width, sourceHeight: height };
    const frame = { ...sizes, capturedAt: at, capturedAtMonotonic: at };
    const view = viewOf(frame, shape, [], scene);
    const region = step(planner, view);
    const part: Box | undefined = region && [
      region.left,
      region.top,
      region.left + region.width,
      region.top + region.height,
    ];
    if (part === undefined) wholeAt = at;
    else regions += 1;
    expect(at - wholeAt).toBeLessThanOrEqual(1000);
    const there = recorded.filter(({ box }) => part === undefined || intersection(box, part) > 0);
    const whole = wholeInference(there, thresholds);
    scene.observe([part === undefined ? whole : { ...whole, region: part }], frame);
  }
  expect(regions).toBeGreaterThan(100);
});

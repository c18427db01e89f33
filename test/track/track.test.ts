/** How long an object is remembered, what stands still, and how its way is summed up. */
import { describe, expect, test } from 'vitest';
import { area, type Box, foot, grow, iou } from '../../src/geometry/box.js';
import { PathSummary } from '../../src/track/path.js';
import { pictureQuality } from '../../src/track/quality.js';
import { StationaryPlace } from '../../src/track/stationary.js';
import { carAt, follow } from '../support/detections.js';
import { seededRandom } from '../support/random.js';

test('boxes: overlap, area, foot, and what is none', () => {
  expect(iou([0, 0, 10, 10], [0, 0, 10, 10])).toBe(1);
  expect(iou([0, 0, 10, 10], [5, 0, 15, 10])).toBeCloseTo(1 / 3, 12);
  expect(iou([0, 0, 10, 10], [10, 0, 20, 10])).toBe(0);
  expect(iou([5, 5, 5, 5], [5, 5, 5, 5])).toBe(0);
  expect(area([10, 10, 0, 20])).toBe(0);
  expect(foot([10, 20, 30, 80])).toEqual({ x: 20, y: 80 });
  expect(grow([10, 20, 30, 40], 5, 10)).toEqual([5, 10, 35, 50]);
});

describe('rest', () => {
  const box = (x: number): Box => [x, 0, x + 100, 100];

  test('a box that trembles rests, one that leaves its place rests anew', () => {
    const rest = new StationaryPlace(box(0), 0);
    const next = seededRandom(1);
    for (let at = 200; at <= 10_000; at += 200) rest.observe(box(20 * (next() - 0.5)), at);
    expect(rest.since).toBe(0);
    for (const at of [10_200, 10_400]) rest.observe(box(60), at);
    expect(rest.since).toBe(0);
    rest.observe(box(60), 10_600);
    expect(rest.since).toBe(10_600);
  });

  test('one misplaced box is no departure', () => {
    const rest = new StationaryPlace(box(0), 0);
    for (let at = 200; at <= 10_000; at += 200) rest.observe(box(at % 600 === 0 ? 60 : 0), at);
    expect(rest.since).toBe(0);
  });

  test('who creeps does not rest for long', () => {
    const rest = new StationaryPlace(box(0), 0);
    let longest = 0;
    for (let at = 200; at <= 60_000; at += 200) {
      rest.observe(box(at / 100), at);
      longest = Math.max(longest, at - rest.since);
    }
    expect(longest).toBeLessThan(5000);
  });
});

describe('memory', () => {
  /** Parked for so many seconds, then out of sight for so many; whether it is the same car that is seen then. */
  function same(parked: number, hidden: number): boolean {
    const { frame } = follow();
    let at = 0;
    for (; at <= parked * 1000; at += 200) frame(at, carAt(400));
    const [before] = frame(at, carAt(400)).tracks;
    for (const end = at + hidden * 1000; at < end; at += 200) frame(at);
    return frame(at, carAt(400)).tracks[0]?.id === before?.id;
  }

  test('five times as long as it has rested, five minutes at most', () => {
    expect(same(20, 95)).toBe(true);
    expect(same(20, 110)).toBe(false);
    expect(same(120, 290)).toBe(true);
    expect(same(120, 310)).toBe(false);
  });

  test('what rests stays where it is, however long it is hidden', () => {
    const { frame, tracker } = follow();
    for (let at = 0; at <= 30_000; at += 200) frame(at, carAt(400));
    for (let at = 30_200; at <= 90_000; at += 200) frame(at);
    const [track] = tracker.tracks;
    const { box } = track?.predict(90_000) ?? { box: [0, 0, 0, 0] };
    expect(Math.abs(box[0] - 340)).toBeLessThan(2);
    // And nothing else there takes its place: a car at half a length's distance is another one.
    expect(frame(90_200, carAt(520)).tracks[0]).not.toBe(track);
  });

  test('it is stationary after ten seconds, and no more once it has set off', () => {
    const { frame, tracker } = follow();
    const stationary = () => tracker.tracks.map((track) => track.stationary);
    for (let at = 0; at < 10_000; at += 200) frame(at, carAt(400));
    expect(stationary()).toEqual([false]);
    for (let at = 10_000; at <= 20_000; at += 200) frame(at, carAt(400));
    expect(stationary()).toEqual([true]);
    for (let at = 20_200; at <= 22_000; at += 200) frame(at, carAt(400 + 0.06 * (at - 20_000)));
    expect(stationary()).toEqual([false]);
    expect(tracker.tracks).toHaveLength(1);
  });

  test('where frames are seldom it is counted in frames: a car every four seconds is one car', () => {
    for (const speed of [0, 0.015]) {
      const { frame } = follow();
      const seen = new Set<string | undefined>();
      for (let at = 0; at <= 60_000; at += 4000) seen.add(frame(at, carAt(400 + speed * at)).tracks[0]?.id);
      expect(seen.size, `${speed} pixels a millisecond`).toBe(1);
    }
  });
});

describe('path', () => {
  test('the first point, then one for every quarter of a size, never more than 32', () => {
    const path = new PathSummary();
    for (let x = 0; x <= 400; x += 5) path.observe({ x, y: 50 }, 100, x * 10);
    expect(path.points.slice(0, 3)).toEqual([
      { at: 0, x: 0, y: 50 },
      { at: 250, x: 25, y: 50 },
      { at: 500, x: 50, y: 50 },
    ]);
    for (let x = 405; x <= 100_000; x += 5) {
      path.observe({ x, y: 50 }, 100, x * 10);
      expect(path.points.length).toBeLessThanOrEqual(32);
    }
    expect(path.points[0]).toEqual({ at: 0, x: 0, y: 50 });
    // The summary reaches to the end, in order.
    const ats = path.points.map(({ at }) => at);
    expect(ats).toEqual([...ats].sort((a, b) => a - b));
    expect(path.points.at(-1)?.x).toBeGreaterThan(90_000);
  });

  test('trembling on the spot adds nothing', () => {
    const path = new PathSummary();
    const next = seededRandom(2);
    for (let at = 0; at < 100_000; at += 200) path.observe({ x: 10 * next(), y: 10 * next() }, 100, at);
    expect(path.points).toHaveLength(1);
  });
});

describe('quality of a picture', () => {
  const size = { width: 1000, height: 1000 };
  const quality = (score: number, box: Box) =>
    pictureQuality({ label: 'person', classId: 0, score, box: [...box] }, size);

  test('higher score, larger, whole', () => {
    const far = quality(0.8, [100, 100, 150, 200]);
    expect(quality(0.9, [100, 100, 150, 200])).toBeGreaterThan(far);
    expect(quality(0.8, [100, 100, 200, 300])).toBeGreaterThan(far);
    // Twice as close outweighs a little score, and not half of it.
    expect(quality(0.7, [100, 100, 200, 300])).toBeGreaterThan(far);
    expect(quality(0.4, [100, 100, 200, 300])).toBeLessThan(far);
    // At the edge it is cut off, on each of the four sides.
    for (const box of [
      [0, 100, 100, 300],
      [100, 0, 200, 200],
      [900, 100, 1000, 300],
      [100, 800, 200, 1000],
    ] as const)
      expect(quality(0.8, box)).toBeLessThan(far);
  });
});

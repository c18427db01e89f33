import { expect, test } from 'vitest';
import { DetectionFilter } from '../../src/geometry/filters.js';
import { contains, type Polygon } from '../../src/geometry/zones.js';
import { ZonePresence } from '../../src/track/presence.js';

const SIZE = { width: 200, height: 100 };
const polygon = (unit: Polygon['unit'], ...corners: [number, number][]): Polygon => ({
  unit,
  corners: corners.map(([x, y]) => ({ x, y })),
});
const LEFT = polygon('share', [0, 0], [0.5, 0], [0.5, 1], [0, 1]);
const left = { x: 50, y: 50 };
const right = { x: 150, y: 50 };

test('a point in a polygon of shares and of pixels', () => {
  const notched = polygon('pixel', [0, 0], [200, 0], [200, 100], [100, 50], [0, 100]);
  expect(contains(LEFT, left, SIZE)).toBe(true);
  expect(contains(LEFT, right, SIZE)).toBe(false);
  expect(contains(notched, { x: 100, y: 40 }, SIZE)).toBe(true);
  expect(contains(notched, { x: 100, y: 60 }, SIZE)).toBe(false);
  expect(contains(notched, { x: 20, y: 80 }, SIZE)).toBe(true);
});

test('who is cut off by the edge of the picture is in the area that reaches it', () => {
  const corner = [
    [100, 50],
    [200, 50],
    [200, 100],
    [100, 100],
  ] as [number, number][];
  for (const area of [
    polygon('pixel', ...corner),
    polygon('share', [0.5, 0.5], [1, 0.5], [1, 1], [0.5, 1]),
  ]) {
    expect(contains(area, { x: 150, y: 100 }, SIZE)).toBe(true);
    expect(contains(area, { x: 200, y: 100 }, SIZE)).toBe(true);
    expect(contains(area, { x: 99, y: 100 }, SIZE)).toBe(false);
  }
});

test('an object enters with its second sighting inside and leaves with its second outside', () => {
  const presence = new ZonePresence([{ name: 'left', polygon: LEFT, dwell: 0 }]);
  expect(presence.observe(left, SIZE, 0)).toBe(false);
  expect(presence.observe(right, SIZE, 100)).toBe(false);
  expect(presence.observe(left, SIZE, 200)).toBe(false);
  expect(presence.current).toEqual([]);
  expect(presence.observe(left, SIZE, 300)).toBe(true);
  expect(presence.current).toEqual(['left']);
  expect(presence.observe(right, SIZE, 400)).toBe(false);
  expect(presence.observe(right, SIZE, 500)).toBe(true);
  expect(presence.current).toEqual([]);
  expect(presence.entered).toEqual(['left']);
});

test('with a dwell time only who stays enters', () => {
  const presence = new ZonePresence([{ name: 'left', polygon: LEFT, dwell: 2 }]);
  for (let at = 0; at < 2000; at += 500) expect(presence.observe(left, SIZE, at)).toBe(false);
  expect(presence.observe(right, SIZE, 1900)).toBe(false);
  for (let at = 2000; at < 4000; at += 500) expect(presence.observe(left, SIZE, at)).toBe(false);
  expect(presence.observe(left, SIZE, 4000)).toBe(true);
});

test('filters: size, shape and masks, a label’s own over those of all', () => {
  const filter = new DetectionFilter(
    [
      { label: 'person', minArea: 0.001, maxAspect: 1 },
      { label: '*', minArea: 0.01, maxArea: 0.5 },
    ],
    [polygon('share', [0, 0], [1, 0], [1, 0.2], [0, 0.2])],
  );
  const keeps = (label: string, box: [number, number, number, number]) => filter.keeps({ label, box }, SIZE);
  expect(keeps('person', [0, 50, 10, 60])).toBe(true);
  expect(keeps('person', [0, 50, 4, 54])).toBe(false);
  expect(keeps('person', [0, 50, 20, 60])).toBe(false);
  expect(keeps('person', [0, 1, 200, 100])).toBe(false);
  expect(keeps('car', [0, 50, 10, 60])).toBe(false);
  expect(keeps('car', [0, 50, 40, 60])).toBe(true);
  // It stands in the mask, or only reaches into it.
  expect(keeps('person', [50, 5, 60, 15])).toBe(false);
  expect(keeps('person', [50, 5, 60, 50])).toBe(true);
});

test('a mask of some labels, and one for motion alone', () => {
  const area = polygon('share', [0, 0], [1, 0], [1, 1], [0, 1]);
  const keeps = (only: string[] | undefined, label: string) =>
    new DetectionFilter([], [{ ...area, ...(only && { only }) }]).keeps(
      { label, box: [0, 50, 10, 60] },
      SIZE,
    );
  expect(['person', 'car'].map((label) => keeps(undefined, label))).toEqual([false, false]);
  expect(['person', 'car', 'cat'].map((label) => keeps(['person', 'car'], label))).toEqual([
    false,
    false,
    true,
  ]);
  expect(['person', 'car'].map((label) => keeps(['motion'], label))).toEqual([true, true]);
});

test('other zones: in those that are as they were an object stays, one that is gone it has left', () => {
  const left = { name: 'left', dwell: 0, polygon: polygon('share', [0, 0], [0.5, 0], [0.5, 1], [0, 1]) };
  const all = { name: 'all', dwell: 0, polygon: polygon('share', [0, 0], [1, 0], [1, 1], [0, 1]) };
  const at = { x: SIZE.width / 4, y: SIZE.height / 2 };
  const presence = new ZonePresence([left, all]);
  for (const time of [0, 1000]) presence.observe(at, SIZE, time);
  expect(presence.current).toEqual(['left', 'all']);
  // Read anew, so that they are other objects of the same content.
  presence.setZones(structuredClone([all, left]));
  expect(presence.current).toEqual(['all', 'left']);
  expect(presence.observe(at, SIZE, 2000)).toBe(false);
  presence.setZones([{ ...all, name: 'everything' }, left]);
  expect(presence.current).toEqual(['left']);
  expect(presence.observe(at, SIZE, 3000)).toBe(true);
  expect(presence.observe(at, SIZE, 4000)).toBe(true);
  expect([presence.current, presence.entered]).toEqual([
    ['everything', 'left'],
    ['left', 'all', 'everything'],
  ]);
});

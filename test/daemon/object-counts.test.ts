import { beforeEach, expect, test } from 'vitest';
import { ObjectCounts } from '../../src/daemon/object-counts.js';
import type { Zone } from '../../src/geometry/zones.js';
import { Topics } from '../../src/mqtt/topics.js';
import type { PresentObject } from '../../src/track/types.js';

const zone = (name: string, labels?: string[]): Zone => ({
  name,
  dwell: 0,
  polygon: { unit: 'share', corners: [] },
  ...(labels && { labels }),
});
const DOOR = zone('door');
const STREET = zone('street', ['car']);
const LABELS = ['person', 'car'];

const object = (label: string, zones: string[] = [], stationary = false): PresentObject => ({
  ...{ label, zones, stationary },
});

/** What the broker was given, in order, without the camera's part of the topic. */
let given: [topic: string, payload: string][];
let counts: ObjectCounts;

beforeEach(() => {
  given = [];
  const keep = (topic: string, payload: string | Buffer) =>
    void given.push([topic.replace('ghostcam/board/front/', ''), payload.toString()]);
  const broker = { retain: keep, clear: (topic: string) => keep(topic, 'cleared') };
  counts = new ObjectCounts({ broker, topics: new Topics('ghostcam', 'board'), camera: 'front' });
});

/** What is published for these objects. */
function publish(objects: PresentObject[], labels = LABELS, zones: Zone[] = [DOOR, STREET]) {
  given = [];
  counts.publish(objects, labels, zones);
  return Object.fromEntries(given);
}

test('every label of the picture and of each zone, and all of them together, from the start on', () => {
  expect(publish([])).toEqual(
    Object.fromEntries(
      [
        ...['person', 'car', 'all', 'zones/door/person', 'zones/door/car', 'zones/door/all'],
        ...['zones/street/car', 'zones/street/all'],
      ].flatMap((place) => [
        [`${place}/count`, '0'],
        [`${place}/moving`, '0'],
      ]),
    ),
  );
});

test('what is there, what moves, and in which zone', () => {
  publish([]);
  const objects = [
    ...[object('person'), object('person', ['door'], true), object('car', ['door', 'street'])],
    object('car', ['street'], true),
  ];
  expect(publish(objects)).toEqual({
    ...{ 'person/count': '2', 'person/moving': '1', 'car/count': '2', 'car/moving': '1' },
    ...{ 'all/count': '4', 'all/moving': '2' },
    ...{ 'zones/door/person/count': '1', 'zones/door/car/count': '1', 'zones/door/car/moving': '1' },
    ...{ 'zones/door/all/count': '2', 'zones/door/all/moving': '1' },
    ...{ 'zones/street/car/count': '2', 'zones/street/car/moving': '1' },
    ...{ 'zones/street/all/count': '2', 'zones/street/all/moving': '1' },
  });
});

test('only what has changed is published', () => {
  publish([object('car')]);
  expect(publish([object('car')])).toEqual({});
  expect(publish([object('car', [], true)])).toEqual({ 'car/moving': '0', 'all/moving': '0' });
  expect(publish([object('car', ['door'], true)])).toEqual({
    ...{ 'zones/door/car/count': '1', 'zones/door/all/count': '1' },
  });
});

test('labels and zones that are no longer there are cleared, once', () => {
  publish([]);
  const gone = [
    ...['car', 'zones/door/person', 'zones/door/car', 'zones/door/all', 'zones/street/car'],
  ].flatMap((place) => [
    [`${place}/count`, 'cleared'],
    [`${place}/moving`, 'cleared'],
  ]);
  expect(publish([], ['person'], [STREET])).toEqual(Object.fromEntries(gone));
  expect(publish([], ['person'], [STREET])).toEqual({});
});

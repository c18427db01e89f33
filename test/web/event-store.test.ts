/** The events that the page shows are bounded by number and bytes. */
import { expect, test } from 'vitest';
import type { EventPayload } from '../../src/mqtt/payloads.js';
import { EventStore } from '../../src/web/event-store.js';

const event = (id: string, more: Partial<EventPayload> = {}): EventPayload => ({
  type: 'new',
  id,
  camera: 'front',
  label: 'person',
  startedAt: '2026-11-26T03:00:00.000Z',
  score: 0.5,
  topScore: 0.5,
  box: [0, 0, 1, 1],
  boxNormalized: [0, 0, 1, 1],
  width: 1,
  height: 1,
  best: { at: '2026-11-26T03:00:00.000Z', score: 0.5, box: [0, 0, 1, 1], boxNormalized: [0, 0, 1, 1] },
  zones: [],
  enteredZones: [],
  path: [],
  stationary: false,
  ...more,
});

test('an event is what its newest message says, and the newest event comes first', () => {
  const store = new EventStore();
  store.update(event('a'), 1000);
  store.update(event('b', { label: 'car', camera: 'back', enteredZones: ['street'] }), 2000);
  store.update(event('a', { type: 'end' }), 3000);
  expect(store.find({}).map(({ id, type, at }) => [id, type, at])).toEqual([
    ['b', 'new', '1970-01-01T00:00:02.000Z'],
    ['a', 'end', '1970-01-01T00:00:03.000Z'],
  ]);
  const ids = (query: Parameters<EventStore['find']>[0]) => store.find(query).map(({ id }) => id);
  expect(ids({ since: 2500 })).toEqual(['a']);
  expect(ids({ camera: 'back' })).toEqual(['b']);
  expect(ids({ label: 'person' })).toEqual(['a']);
  expect(ids({ zone: 'street' })).toEqual(['b']);
  expect(ids({ limit: 1 })).toEqual(['b']);
});

test('of more than 500 the oldest go', () => {
  const store = new EventStore();
  for (let number = 1; number <= 600; number++) store.update(event(String(number)), number);
  const all = store.find({});
  expect([all.length, all[0]?.id, all.at(-1)?.id]).toEqual([500, '600', '101']);
});

test('pictures of more than 16 MiB go, the oldest first, and their events stay', () => {
  const store = new EventStore();
  for (let number = 1; number <= 20; number++) {
    store.update(event(String(number)), number);
    store.setPicture(String(number), Buffer.alloc(2 ** 20));
  }
  // A better picture takes the place of the first one.
  store.setPicture('20', Buffer.alloc(2 ** 20));
  const pictured = store.find({}).filter(({ picture }) => picture);
  expect(pictured.map(({ id }) => Number(id))).toEqual(Array.from({ length: 16 }, (_, index) => 20 - index));
  expect(store.find({}).length).toBe(20);
  expect(store.picture('1')).toBeUndefined();
  expect(store.setPicture('unknown', Buffer.alloc(1))).toBeUndefined();
});

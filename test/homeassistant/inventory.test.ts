import { expect, test } from 'vitest';
import { defaultCameraConfig } from '../../src/config/types.js';
import { Identities } from '../../src/homeassistant/identities.js';
import { inventory as inventoryOf, ownTopics, shownTopics } from '../../src/homeassistant/inventory.js';
import { cameraMessage } from '../../src/homeassistant/message.js';
import { Topics } from '../../src/mqtt/topics.js';

const inventory = (payload: string) => inventoryOf(Buffer.from(payload));

const ROOT = 'ghostcam/board/front';
const TOPICS = new Topics('ghostcam', 'board');

test('what has more entities than any camera of ours is none of ours', () => {
  const message = (count: number) => {
    const entities = Array.from({ length: count }, (_, index) => [
      `e${index}`,
      { p: 'sensor', unique_id: 'u' },
    ]);
    return JSON.stringify({ cmps: Object.fromEntries(entities) });
  };
  expect(inventory(message(10_000)).size).toBe(10_000);
  expect(inventory(message(10_001)).size).toBe(0);
});

test('a camera’s message names every topic that is retained for it', () => {
  const camera = {
    config: defaultCameraConfig({ name: 'front', url: 'test:' }),
    reportableLabels: ['person', 'cat'],
    measuresMotion: true,
  };
  const message = cameraMessage(
    new Identities('homeassistant', 'board'),
    new Topics('ghostcam', 'board'),
    camera,
  );
  const earlier = inventory(JSON.stringify(message));
  expect([...earlier.keys()]).toEqual(Object.keys(message.cmps));
  expect(ownTopics(TOPICS, 'front', shownTopics(earlier.values())).sort()).toEqual(
    [
      ...['all/count', 'all/moving', 'cat/count', 'cat/moving'],
      'cat/snapshot',
      'detect/state',
      'enabled/state',
      'fps/state',
      'motion',
      ...['person/count', 'person/moving'],
      'person/snapshot',
      'state',
      'threshold/state',
    ].map((topic) => `${ROOT}/${topic}`),
  );
});

test.each([
  '',
  'offline',
  'null',
  '[]',
  '7',
  '{"cmps":null}',
  '{"cmps":[{"unique_id":"a"}]}',
  '{"cmps":{"a":null,"b":3,"c":{"p":"sensor"},"d":{"unique_id":4}}}',
])('nothing is read from %s', (payload) => {
  expect(inventory(payload).size).toBe(0);
});

test('a message that is larger than any of ours is not read', () => {
  const cmps = {
    a: { p: 'sensor', unique_id: 'x', state_topic: `${ROOT}/motion`, name: 'x'.repeat(3_000_000) },
  };
  expect(inventory(JSON.stringify({ cmps })).size).toBe(0);
  expect(inventory(`${'['.repeat(1_000_000)}`).size).toBe(0);
});

test.each<[string, string, unknown]>([
  ['an id with a control character', 'a\u0000b', 'sensor'],
  ['an id of half a surrogate pair', '\ud800', 'sensor'],
  ['an id of 70,000 letters', 'x'.repeat(70_000), 'sensor'],
  ['a platform that is no word', 'a', '<script>'],
  ['a platform that is no text', 'a', { p: 1 }],
])('an entity with %s is not read', (_, id, p) => {
  expect(inventory(JSON.stringify({ cmps: { [id]: { p, unique_id: 'x' } } })).size).toBe(0);
});

test('only topics that this node publishes to for the camera, and only text', () => {
  const topics = [
    `${ROOT}/motion`,
    `${ROOT}/#`,
    `${ROOT}/+/count`,
    `${ROOT}/\0`,
    `${ROOT}/per\u0007son/count`,
    `${ROOT}/per\u0085son/count`,
    `${ROOT}/\ufffe/count`,
    `${ROOT}/\ud800/count`,
    `${ROOT}/${'x'.repeat(70_000)}/count`,
    `${ROOT}/person/count/more`,
    `${ROOT}/motion/set`,
    `${ROOT}/fps/set`,
    'ghostcam/board/state',
    ROOT,
    `${ROOT}yard/motion`,
    'ghostcam/board/state',
    'zigbee2mqtt/bridge/state',
  ];
  const cmps = Object.fromEntries(
    topics.map((topic, index) => [index, { p: 'sensor', unique_id: 'x', state_topic: topic }]),
  );
  const payload = JSON.stringify({
    cmps: { ...cmps, odd: { p: 'image', unique_id: 'y', image_topic: { a: 1 } } },
  });
  expect(ownTopics(TOPICS, 'front', shownTopics(inventory(payload).values()))).toEqual([`${ROOT}/motion`]);
});

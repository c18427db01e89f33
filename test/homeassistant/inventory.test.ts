import { expect, test } from 'vitest';
import { Identities } from '../../src/homeassistant/identities.js';
import { below, inventory, shownTopics } from '../../src/homeassistant/inventory.js';
import { cameraMessage } from '../../src/homeassistant/message.js';
import { Topics } from '../../src/mqtt/topics.js';

const ROOT = 'ghostcam/board/front';

test('a camera’s message names every topic that is retained for it', () => {
  const camera = {
    name: 'front',
    labels: ['person', 'cat'],
    wantedLabels: undefined,
    motion: true,
    snapshots: true,
  };
  const message = cameraMessage(
    new Identities('homeassistant', 'board'),
    new Topics('ghostcam', 'board'),
    camera,
  );
  const earlier = inventory(JSON.stringify(message));
  expect([...earlier.keys()]).toEqual(Object.keys(message.cmps));
  expect(below(ROOT, shownTopics(earlier.values())).sort()).toEqual(
    [
      'cat/count',
      'cat/snapshot',
      'detect/state',
      'enabled/state',
      'fps/state',
      'motion',
      'person/count',
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

test('only topics below the camera’s, which may be published to, and only text', () => {
  const topics = [
    `${ROOT}/motion`,
    `${ROOT}/#`,
    `${ROOT}/+/count`,
    `${ROOT}/\0`,
    ROOT,
    `${ROOT}yard/motion`,
    'ghostcam/board/state',
    'zigbee2mqtt/bridge/state',
  ];
  const cmps = Object.fromEntries(
    topics.map((topic, index) => [index, { unique_id: 'x', state_topic: topic }]),
  );
  const payload = JSON.stringify({ cmps: { ...cmps, odd: { unique_id: 'y', image_topic: { a: 1 } } } });
  expect(below(ROOT, shownTopics(inventory(payload).values()))).toEqual([`${ROOT}/motion`]);
});

import { expect, test } from 'vitest';
import { matchesFilter, Topics } from '../../src/mqtt/topics.js';

const topics = new Topics('home/ghostcam', 'board');

test('what is made is read again', () => {
  const made: [string, object][] = [
    [topics.nodeState, { kind: 'nodeState' }],
    [topics.info, { kind: 'info' }],
    [topics.health, { kind: 'health' }],
    [topics.doctor, { kind: 'doctor' }],
    [topics.cameraState('front'), { kind: 'cameraState', camera: 'front' }],
    [topics.detections('front'), { kind: 'detections', camera: 'front' }],
    [topics.events('front'), { kind: 'events', camera: 'front' }],
    [topics.motion('front'), { kind: 'motion', camera: 'front' }],
    [topics.count('front', 'person'), { kind: 'count', camera: 'front', label: 'person' }],
    [topics.moving('front', 'all'), { kind: 'moving', camera: 'front', label: 'all' }],
    [
      topics.zoneCount('front', 'door', 'person'),
      { kind: 'zoneCount', camera: 'front', zone: 'door', label: 'person' },
    ],
    [
      topics.zoneMoving('front', 'door', 'person'),
      { kind: 'zoneMoving', camera: 'front', zone: 'door', label: 'person' },
    ],
    [topics.snapshot('front', 'cell phone'), { kind: 'snapshot', camera: 'front', label: 'cell phone' }],
    [topics.settingCommand('front', 'fps'), { kind: 'settingCommand', camera: 'front', setting: 'fps' }],
    [topics.settingState('front', 'fps'), { kind: 'settingState', camera: 'front', setting: 'fps' }],
  ];
  for (const [topic, parsed] of made) expect(topics.parse(topic), topic).toEqual(parsed);
  expect(new Set(made.map(([topic]) => topic)).size).toBe(made.length);
});

test.each([
  '',
  'home/ghostcam/board',
  'home/ghostcam/board/',
  'home/ghostcam/other/state',
  'home/ghostcam/boards/state',
  'home/ghostcam/board/front',
  'home/ghostcam/board/front/person/count/set',
  'home/ghostcam/board/front/zones/door/person',
  `home/ghostcam/board/${'x/'.repeat(30_000)}set`,
])('none of this node’s: %#', (topic) => expect(topics.parse(topic)).toBeUndefined());

test('the counts of all cameras, labels and zones are four filters', () => {
  const made = [
    ...[topics.count('front', 'car'), topics.moving('front', 'car')],
    ...[topics.zoneCount('front', 'door', 'car'), topics.zoneMoving('front', 'door', 'car')],
  ];
  for (const [index, topic] of made.entries()) {
    expect(topics.counts.map((filter) => matchesFilter(topic, filter))).toEqual(
      made.map((_, other) => other === index),
    );
  }
});

test('the commands of all cameras are one filter', () => {
  expect(matchesFilter(topics.settingCommand('front', 'fps'), topics.settingCommands)).toBe(true);
  expect(matchesFilter(topics.settingState('front', 'fps'), topics.settingCommands)).toBe(false);
});

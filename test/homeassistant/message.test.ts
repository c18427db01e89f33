import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { CAMERA_VARIABLES, LIMITS } from '../../src/config/table.js';
import { type CameraConfig, defaultCameraConfig } from '../../src/config/types.js';
import { Unexpected } from '../../src/config/values.js';
import type { Zone } from '../../src/geometry/zones.js';
import { Identities } from '../../src/homeassistant/identities.js';
import { enabledLabels } from '../../src/homeassistant/labels.js';
import { type AnnouncedCamera, cameraMessage, nodeMessage } from '../../src/homeassistant/message.js';
import { SETTINGS } from '../../src/mqtt/commands.js';
import { Topics } from '../../src/mqtt/topics.js';
import { discoveryMistakes } from './schema.js';

const IDENTITIES = new Identities('homeassistant', 'board');
const TOPICS = new Topics('ghostcam', 'board');
const READINGS = { temperatureC: 48, throttled: 0, memoryUsed: 0.4 };
const zone = (name: string, labels?: string[]): Zone => ({
  name,
  dwell: 0,
  polygon: { unit: 'share', corners: [] },
  ...(labels && { labels }),
});
const LABELS: string[] = JSON.parse(readFileSync('models/yolov8n-ghostnetv2.json', 'utf8')).labels;

/** @param settings Those that are not the default. */
function announce(settings: Partial<CameraConfig> = {}, camera: Partial<AnnouncedCamera> = {}) {
  const config = defaultCameraConfig({ name: 'front', url: 'test:', ...settings });
  const reportableLabels = settings.labels ?? ['person', 'car'];
  return cameraMessage(IDENTITIES, TOPICS, { config, reportableLabels, measuresMotion: true, ...camera });
}

test.each<[string, unknown]>([
  ['a camera', announce()],
  ['a camera that reports all labels of the shipped model', announce({}, { reportableLabels: LABELS })],
  [
    'a camera that reports nothing',
    announce({ snapshot: false }, { reportableLabels: [], measuresMotion: false }),
  ],
  ['labels of another model', announce({}, { reportableLabels: ['traffic light', '人'] })],
  ['a camera with zones', announce({ zones: [zone('door'), zone('street', ['car'])] })],
  ['a camera whose zone is for nothing that it reports', announce({ zones: [zone('street', ['bus'])] })],
  ['the node', nodeMessage(IDENTITIES, TOPICS, 'board')],
  ['a node that says how warm it is', nodeMessage(IDENTITIES, TOPICS, 'board', READINGS)],
])('Home Assistant’s schema has no objection to %s', (_name, message) => {
  expect(discoveryMistakes(message)).toEqual([]);
});

test('the schema objects to what Home Assistant would refuse or ignore', () => {
  const { cmps, ...message } = announce();
  const { motion } = cmps;
  const { state_topic: _, ...withoutState } = motion ?? {};
  expect(discoveryMistakes({ ...message, cmps: { motion: { ...motion, state_topik: 'x' } } })).not.toEqual(
    [],
  );
  expect(discoveryMistakes({ ...message, cmps: { motion: withoutState } })).not.toEqual([]);
  expect(
    discoveryMistakes({ ...message, cmps: { motion: { ...motion, device_class: 'person' } } }),
  ).not.toEqual([]);
  expect(
    discoveryMistakes({ ...message, cmps: { motion: { ...motion, entity_category: 'config' } } }),
  ).not.toEqual([]);
  expect(discoveryMistakes({ ...message, cmps: { 'a b': motion } })).not.toEqual([]);
  expect(discoveryMistakes({ ...message, cmps, o: {} })).not.toEqual([]);
  const { detection, trigger_person_came: trigger } = cmps;
  expect(
    discoveryMistakes({ ...message, cmps: { detection: { ...detection, event_types: [] } } }),
  ).not.toEqual([]);
  expect(discoveryMistakes({ ...message, cmps: { trigger: { ...trigger, unique_id: 'x' } } })).not.toEqual(
    [],
  );
});

test('the entities of a camera', () => {
  const { cmps, dev } = announce({ name: 'back_yard', labels: ['person'] });
  expect(dev).toMatchObject({
    ids: ['ghostcam_board_back_yard'],
    name: 'Back yard',
    via_device: IDENTITIES.node,
  });
  const entities = Object.entries(cmps).filter(([, { p }]) => p !== 'device_automation');
  const summary = entities.map(([id, { p, name, state_topic, image_topic }]) => [
    id,
    `${p} ${name}`,
    (state_topic ?? image_topic)?.replace('ghostcam/board/back_yard/', ''),
  ]);
  expect(summary).toEqual([
    ['person_occupancy', 'binary_sensor Person occupancy', 'person/count'],
    ['person_count', 'sensor Person count', 'person/count'],
    ['person_moving', 'binary_sensor Person moving', 'person/moving'],
    ['all_occupancy', 'binary_sensor All occupancy', 'all/count'],
    ['all_count', 'sensor All count', 'all/count'],
    ['all_moving', 'binary_sensor All moving', 'all/moving'],
    ['person_image', 'image Person', 'person/snapshot'],
    ['detection', 'event Detection', 'events'],
    ['motion', 'binary_sensor Motion', 'motion'],
    ['status', 'sensor Status', 'state'],
    ['enabled', 'switch Enabled', 'enabled/state'],
    ['detect', 'switch Detect', 'detect/state'],
    ['threshold', 'number Threshold', 'threshold/state'],
    ['fps', 'number Frame rate', 'fps/state'],
  ]);
  for (const [id, { unique_id }] of entities) expect(unique_id).toBe(`${dev.ids[0]}_${id}`);
});

test('the zones: occupancy, count, movement and detection of the labels that a zone is for', () => {
  const { cmps } = announce({ zones: [zone('back_door'), zone('street', ['car'])] });
  const summary = Object.entries(cmps)
    .filter(([id, { p }]) => id.startsWith('zone_') && p !== 'event')
    .map(([, { p, name, state_topic }]) => [`${p} ${name}`, state_topic?.replace(/.*zones/, 'zones')]);
  expect(summary).toEqual([
    ['binary_sensor Back door person occupancy', 'zones/back_door/person/count'],
    ['sensor Back door person count', 'zones/back_door/person/count'],
    ['binary_sensor Back door person moving', 'zones/back_door/person/moving'],
    ['binary_sensor Back door car occupancy', 'zones/back_door/car/count'],
    ['sensor Back door car count', 'zones/back_door/car/count'],
    ['binary_sensor Back door car moving', 'zones/back_door/car/moving'],
    ['binary_sensor Street car occupancy', 'zones/street/car/count'],
    ['sensor Street car count', 'zones/street/car/count'],
    ['binary_sensor Street car moving', 'zones/street/car/moving'],
  ]);
  const events = Object.values(cmps).filter(({ p }) => p === 'event');
  expect(events.map(({ name, event_types }) => [name, event_types])).toEqual([
    ['Detection', ['person', 'car']],
    ['Back door detection', ['person', 'car']],
    ['Street detection', ['car']],
  ]);
});

test('a zone that names no labels has the wanted ones, not all that the model knows', () => {
  const { cmps } = announce({ zones: [zone('door')] }, { reportableLabels: LABELS });
  const counts = Object.keys(cmps).filter((id) => /^zone_door_.*_count$/.test(id));
  expect(counts.sort()).toEqual(['car', 'cat', 'dog', 'person'].map((label) => `zone_door_${label}_count`));
});

test('device triggers: who came and left, and who came into a zone', () => {
  const { cmps } = announce({ labels: ['person'], zones: [zone('door')] });
  const triggers = Object.values(cmps).filter(({ p }) => p === 'device_automation');
  expect(triggers.map(({ subtype, type }) => `"${subtype}" ${type}`)).toEqual([
    '"person" came',
    '"person" left',
    '"person in door" came',
  ]);
  for (const { topic, payload } of triggers) {
    expect([topic, payload]).toEqual(['ghostcam/board/front/events', 'person']);
  }
});

test('the board: what it says of itself has an entity, and nothing else', () => {
  const ids = (message: { cmps: object }) => Object.keys(message.cmps);
  const always = ['connection', 'inference_time', 'inferred_frames', 'memory'];
  expect(ids(nodeMessage(IDENTITIES, TOPICS, 'board'))).toEqual(always);
  expect(ids(nodeMessage(IDENTITIES, TOPICS, 'board', READINGS))).toEqual([
    ...always,
    ...['memory_use', 'temperature', 'throttled'],
  ]);
});

test('a camera is called as its settings say, else by its name', () => {
  expect(announce({ name: 'back_yard' }).dev.name).toBe('Back yard');
  expect(announce({ name: 'back_yard', title: 'Garten, hinten' }).dev.name).toBe('Garten, hinten');
});

test('a camera that publishes no motion, or makes no pictures, has no entities for them', () => {
  const ids = Object.keys(announce({ labels: ['person'], snapshot: false }, { measuresMotion: false }).cmps);
  expect(ids).toEqual([
    'person_occupancy',
    'person_count',
    'person_moving',
    ...['all_occupancy', 'all_count', 'all_moving'],
    'detection',
    'status',
    'enabled',
    'detect',
    'threshold',
    'fps',
    ...['trigger_person_came', 'trigger_person_left'],
  ]);
});

test('what a camera sees is available while node and camera are online; the rest while the node is', () => {
  const { cmps, availability, availability_mode } = announce();
  expect(availability?.map(({ topic }) => topic)).toEqual([
    'ghostcam/board/state',
    'ghostcam/board/front/state',
  ]);
  expect(availability_mode).toBe('all');
  const ofNode = Object.entries(cmps).filter(([, component]) => component.availability !== undefined);
  expect(ofNode.map(([id]) => id)).toEqual([
    'person_image',
    'car_image',
    'status',
    'enabled',
    'detect',
    'threshold',
    'fps',
  ]);
  for (const [, component] of ofNode)
    expect(component.availability).toEqual([{ topic: 'ghostcam/board/state' }]);
});

describe('which entities are enabled when they appear first', () => {
  test.each<[string, string[], string[] | undefined, string[]]>([
    ['those that were asked for', ['cow', 'sheep'], ['cow', 'sheep'], ['cow', 'sheep']],
    ['else the usual ones', LABELS, undefined, ['person', 'car', 'cat', 'dog']],
    ['all, where a model has none of these', ['parcel', 'letter'], undefined, ['parcel', 'letter']],
  ])('%s', (_name, labels, wantedLabels, expected) => {
    expect(enabledLabels(labels, wantedLabels).sort()).toEqual([...expected].sort());
    const { cmps } = announce({ labels: wantedLabels }, { reportableLabels: labels });
    const enabled = labels.filter((label) => cmps[`${label}_count`]?.enabled_by_default !== false);
    expect(enabled.sort()).toEqual([...expected].sort());
  });

  test('those of the camera itself always', () => {
    const { cmps } = announce({}, { reportableLabels: LABELS });
    const disabled = Object.keys(cmps).filter((id) => cmps[id]?.enabled_by_default === false);
    expect(disabled).toHaveLength((LABELS.length - 4) * 4);
    expect(disabled.every((id) => /_(occupancy|count|moving|image)$/.test(id))).toBe(true);
  });
});

describe('settings', () => {
  test.each(SETTINGS)('%s is commanded and published where the daemon listens and publishes', (setting) => {
    expect(announce().cmps[setting]).toMatchObject({
      // A command holds beyond a restart of the daemon.
      retain: true,
      command_topic: TOPICS.settingCommand('front', setting),
      state_topic: TOPICS.settingState('front', setting),
    });
  });

  test.each([
    ['threshold', CAMERA_VARIABLES.THRESHOLD.parse],
    ['fps', CAMERA_VARIABLES.FPS.parse],
  ] as const)('Home Assistant offers for %s exactly what the daemon accepts', (setting, parse) => {
    const { min, max, step = 0 } = announce().cmps[setting] ?? {};
    expect({ min, max }).toEqual(LIMITS[setting]);
    for (const value of [min, max]) expect(parse(String(value))).toBe(value);
    for (const value of [Number(min) - step, Number(max) + step]) {
      expect(() => parse(String(value))).toThrow(Unexpected);
    }
  });
});

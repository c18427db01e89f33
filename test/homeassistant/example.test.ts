/** The example's topics, fields and entities are the daemon's. That its automations work: test/homeassistant. */

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { defaultCameraConfig } from '../../src/config/types.js';
import { Identities } from '../../src/homeassistant/identities.js';
import { cameraMessage } from '../../src/homeassistant/message.js';
import { eventPayload } from '../../src/mqtt/payloads.js';
import { Topics } from '../../src/mqtt/topics.js';
import { entitiesOf, entityId } from './entity-id.js';

const TEXT = readFileSync('deploy/examples/home-assistant.yaml', 'utf8');
const TOPICS = new Topics('ghostcam', 'board');

/** Entities of Home Assistant's own, which a user puts others in place of. */
const FOREIGN = ['light.front_door'];

const event = eventPayload({
  type: 'new',
  event: {
    id: 'a',
    camera: 'front',
    label: 'person',
    score: 0.9,
    box: [0, 0, 1, 1],
    size: { width: 2, height: 2 },
    topScore: 0.9,
    best: { at: 0, score: 0.9, box: [0, 0, 1, 1] },
    zones: [],
    enteredZones: [],
    path: [],
    startedAt: 0,
    stationary: false,
  },
});

/** Every mapping of the example, however deep. */
function* mappings(value: unknown): Generator<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) yield value as Record<string, unknown>;
  for (const member of Object.values(value)) yield* mappings(member);
}

const all = [...mappings(parse(TEXT))];

test('its topic is that of a camera’s events, and its payload the beginning of one', () => {
  const triggers = all.filter(({ trigger }) => trigger === 'mqtt');
  expect(triggers).toEqual([
    {
      trigger: 'mqtt',
      topic: TOPICS.events('front'),
      value_template: '{{ value_json.type }} {{ value_json.label }}',
      payload: `${event.type} ${event.label}`,
    },
  ]);
});

test('the fields that its templates read are an event’s', () => {
  const fields = [...TEXT.matchAll(/(?:value|payload)_json\.(\w+)/g)].map(([, field]) => field);
  expect(fields.length).toBeGreaterThan(3);
  for (const field of fields) expect([...Object.keys(event), 'late']).toContain(field);
});

test('the entities that it names are announced', () => {
  const camera = {
    config: defaultCameraConfig({ name: 'front', url: 'test:' }),
    reportableLabels: ['person'],
    measuresMotion: true,
  };
  const message = cameraMessage(new Identities('homeassistant', 'board'), TOPICS, camera);
  const announced = entitiesOf(message).map(({ p, name }) => entityId(p, message.dev.name, name));
  const named = all.flatMap(({ entity_id }) => (typeof entity_id === 'string' ? [entity_id] : []));
  const quoted = [...TEXT.matchAll(/state_attr\('([^']+)'/g)].map(([, entity]) => entity);
  expect(named.length + quoted.length).toBeGreaterThan(4);
  for (const entity of [...named, ...quoted]) expect([...announced, ...FOREIGN]).toContain(entity);
});

/** docs/schemas says what the types say. `npm run docs:schemas` writes them anew. */
import { readdirSync } from 'node:fs';
import { createGenerator } from 'ts-json-schema-generator';
import { describe, expect, test } from 'vitest';
import { FOLDER, mistakesIn, PAYLOAD_NAMES, PAYLOADS, payloadOf } from '../support/schemas.js';

const generator = createGenerator({
  path: 'src/mqtt/payloads.ts',
  tsconfig: 'tsconfig.json',
  expose: 'none',
  topRef: false,
  // tsc has its own step.
  skipTypeCheck: true,
});

/** The type as JSON Schema, with the topic in its description. */
function schemaOf(name: keyof typeof PAYLOADS): string {
  const { $schema, definitions: _, ...schema } = generator.createSchema(PAYLOADS[name].type);
  return `${JSON.stringify({ $schema, title: PAYLOADS[name].topic, ...schema }, null, 2)}\n`;
}

test.each(PAYLOAD_NAMES)('%s', async (name) => {
  await expect(schemaOf(name)).toMatchFileSnapshot(`../../${FOLDER}/${name}.json`);
});

test('there is a schema of each payload, and no other', () => {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.json'));
  expect(files.sort()).toEqual(PAYLOAD_NAMES.map((name) => `${name}.json`).sort());
});

describe('they refuse', () => {
  test.each([
    ['node-state', 'asleep'],
    ['motion', 'on'],
    ['count', '-1'],
    ['camera-state', '{"state":"online"}'],
    ['camera-state', '{"state":"online","since":"yesterday"}'],
    ['detections', '{}'],
  ] as const)('%s %s', (name, payload) => {
    expect(mistakesIn(name, payload)).toBeDefined();
  });
});

test('topics are distinguished', () => {
  expect(payloadOf('ghostcam/board/state')).toBe('node-state');
  expect(payloadOf('ghostcam/board/front/state')).toBe('camera-state');
  expect(payloadOf('ghostcam/board/front/fps/state')).toBe('fps');
  expect(payloadOf('ghostcam/board/front/car/count')).toBe('count');
  expect(payloadOf('ghostcam/board/front/zones/door/car/moving')).toBe('zone-moving');
  expect(payloadOf('ghostcam/board/front/car/snapshot')).toBeUndefined();
});

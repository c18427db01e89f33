/** The blueprint's address and its fields are those of the project. That it works: test/homeassistant/home-assistant.check.ts. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { defaultCameraConfig } from '../../src/config/types.js';
import { Identities } from '../../src/homeassistant/identities.js';
import { cameraMessage } from '../../src/homeassistant/message.js';
import { Topics } from '../../src/mqtt/topics.js';
import { HOMEPAGE } from '../../src/package-info.js';

const PATH = 'deploy/homeassistant/blueprints/notify.yaml';
const TEXT = readFileSync(PATH, 'utf8');
const ADDRESS = `${HOMEPAGE}/blob/main/${PATH}`;
const input = { tag: '!input', resolve: (name: string) => `input ${name}` };
const { blueprint, ...automation } = parse(TEXT, { customTags: [input] });

test('it says where it is from, and the badge in the documents imports it from there', () => {
  expect(blueprint.source_url).toBe(ADDRESS);
  const badge = `https://my.home-assistant.io/redirect/blueprint_import/?blueprint_url=${encodeURIComponent(ADDRESS)}`;
  expect(readFileSync('docs/home-assistant.md', 'utf8')).toContain(`](${badge})`);
});

test('every input is used, and no other', () => {
  const used = new Set([...JSON.stringify(automation).matchAll(/"input (\w+)"/g)].map(([, name]) => name));
  expect([...used].sort()).toEqual(Object.keys(blueprint.input).sort());
});

test('the attributes that it reads are those of a detection', () => {
  const camera = {
    config: defaultCameraConfig({ name: 'front', url: 'test:' }),
    reportableLabels: ['person'],
    measuresMotion: true,
  };
  const { cmps } = cameraMessage(
    new Identities('homeassistant', 'board'),
    new Topics('ghostcam', 'board'),
    camera,
  );
  const read = new Set([...TEXT.matchAll(/to_state\.attributes\.(\w+)/g)].map(([, name]) => name));
  expect(read.size).toBeGreaterThan(3);
  for (const name of read) expect(cmps.detection?.value_template).toContain(`'${name}':`);
});

/** What README and docs/mqtt.md say of topics and messages is so. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { SETTINGS } from '../../src/mqtt/commands.js';
import { mistakesIn, PAYLOAD_NAMES, PAYLOADS } from '../support/schemas.js';

const README = readFileSync('README.md', 'utf8');
const MQTT = readFileSync('docs/mqtt.md', 'utf8');

/** Of the indented blocks, those that are JSON. */
function examples(text: string): string[] {
  const blocks = text.match(/(?:^ {4}.*\n)+/gm) ?? [];
  return blocks.filter((block) => block.trim().startsWith('{') && !block.includes('…'));
}

test.each([
  ['README.md', README, 'detections'],
  ['docs/mqtt.md', MQTT, 'event'],
] as const)('the example in %s is a valid message', (_, text, name) => {
  expect(examples(text).map((example) => mistakesIn(name, example))).toEqual([undefined]);
});

test('README shows no field of an event that there is not', () => {
  const [block = ''] = /(?:^ {4}.*\n)+/gm.exec(README.slice(README.indexOf('A person came,'))) ?? [];
  const shown = [...block.matchAll(/"(\w+)":/g)].map(([, field]) => field);
  const { properties } = JSON.parse(readFileSync('docs/schemas/event.json', 'utf8'));
  expect(shown.length).toBeGreaterThan(8);
  expect(Object.keys(properties)).toEqual(expect.arrayContaining(shown));
});

test.each(PAYLOAD_NAMES)('the topic of %s is in both tables, and its schema is linked', (name) => {
  const [, , ...levels] = PAYLOADS[name].topic.split('/');
  const nameOf = (at: number) => (at === 0 ? 'camera' : levels[at - 1] === 'zones' ? 'zone' : 'label');
  const shown = `\`…/${levels.map((level, at) => (level === '+' ? `<${nameOf(at)}>` : level)).join('/')}\``;
  for (const text of [README, MQTT]) expect(text).toMatch(new RegExp(`^\\| ${shown}[ ,].*\\|`, 'm'));
  expect(MQTT).toContain(`[${name}](schemas/${name}.json)`);
});

test('every setting that takes commands is described', () => {
  for (const setting of SETTINGS) expect(README).toContain(`\`…/<camera>/${setting}/state\`, \`…/set\``);
});

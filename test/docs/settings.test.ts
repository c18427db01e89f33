/** The documents say of the settings what the table of settings says. `npm run docs:settings` writes them anew. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { addCameras } from '../../src/config/env-edit.js';
import { parseEnvFile } from '../../src/config/env-file.js';
import { loadConfig } from '../../src/config/load.js';
import { defaultOf } from '../../src/config/setting.js';
import {
  ALL_SETTINGS,
  EXAMPLES,
  exampleFile,
  nameInTables,
  settingsPage,
  withTableRows,
} from '../support/settings-docs.js';

const EXAMPLE = 'deploy/ghostcam.env.example';

test('docs/settings.md', async () => {
  await expect(settingsPage()).toMatchFileSnapshot('../../docs/settings.md');
});

test('deploy/ghostcam.env.example', async () => {
  await expect(exampleFile()).toMatchFileSnapshot(`../../${EXAMPLE}`);
});

test('README.md', async () => {
  const readme = readFileSync('README.md', 'utf8');
  const section = readme.slice(readme.indexOf('## Settings'), readme.indexOf('## Topics'));
  const shown = [...section.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name);
  expect(shown.length).toBeGreaterThan(10);
  const known = ALL_SETTINGS.map(({ name }) => nameInTables(name));
  expect(shown.filter((name = '') => !known.includes(name))).toEqual([]);
  await expect(withTableRows(readme)).toMatchFileSnapshot('../../README.md');
});

test('the example as it stands has no camera, and no other mistake', () => {
  expect(loadConfig(EXAMPLE, {}).mistakes.map(({ variable }) => variable)).toEqual(['CAMERAS']);
});

test('a camera that `ghostcam cameras --write` adds to the example is the only one', () => {
  const text = addCameras(readFileSync(EXAMPLE, 'utf8'), [{ name: 'door', settings: { URL: 'test:' } }]);
  const { entries } = parseEnvFile(text, EXAMPLE);
  expect(Object.fromEntries([...entries].map(([name, { value }]) => [name, value]))).toEqual({
    CAMERAS: 'door',
    CAMERA_DOOR_URL: 'test:',
  });
});

test('the example with every commented setting made active is that camera and the defaults', () => {
  const text = readFileSync(EXAMPLE, 'utf8');
  const active = parseEnvFile(text.replaceAll(/^#(?=[A-Z_]+=)/gm, ''), EXAMPLE);
  expect(active.mistakes).toEqual([]);
  const environment = Object.fromEntries([...active.entries].map(([name, { value }]) => [name, value]));
  expect(loadConfig(undefined, environment)).toMatchObject({
    mistakes: [],
    config: loadConfig(undefined, EXAMPLES).config,
  });
});

test.each(ALL_SETTINGS)('the default of $name is a valid value', ({ row }) => {
  expect(row.default === undefined).toBe(defaultOf(row) === undefined);
});

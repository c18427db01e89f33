/** The documents say of the settings what the table of settings says. `npm run docs:settings` writes them anew. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseEnvFile } from '../../src/config/env-file.js';
import { loadConfig } from '../../src/config/load.js';
import { defaultOf } from '../../src/config/setting.js';
import {
  ALL_SETTINGS,
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

test('the example as it stands is a valid configuration', () => {
  expect(loadConfig(EXAMPLE, {}).mistakes).toEqual([]);
});

test('the example with every commented setting made active means the same', () => {
  const text = readFileSync(EXAMPLE, 'utf8');
  const active = parseEnvFile(text.replaceAll(/^#(?=[A-Z_]+=)/gm, ''), EXAMPLE);
  expect(active.mistakes).toEqual([]);
  const environment = Object.fromEntries([...active.entries].map(([name, { value }]) => [name, value]));
  expect(loadConfig(undefined, environment)).toMatchObject({
    mistakes: [],
    config: { ...loadConfig(EXAMPLE, {}).config, envFile: undefined },
  });
});

test.each(ALL_SETTINGS)('the default of $name is a valid value', ({ row }) => {
  expect(row.default === undefined).toBe(defaultOf(row) === undefined);
});

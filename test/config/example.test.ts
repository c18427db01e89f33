import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseEnvFile } from '../../src/config/env-file.js';
import { loadConfig } from '../../src/config/load.js';
import { CAMERA_VARIABLES, cameraDefaultName, GLOBAL_VARIABLES } from '../../src/config/table.js';

const EXAMPLE = 'deploy/ghostcam.env.example';
const text = readFileSync(EXAMPLE, 'utf8');
const README = readFileSync('README.md', 'utf8');
const settings = [
  ...Object.entries(GLOBAL_VARIABLES),
  ...Object.entries(CAMERA_VARIABLES).map(
    ([setting, definition]) =>
      [cameraDefaultName(setting as keyof typeof CAMERA_VARIABLES), definition] as const,
  ),
];

/** The example with every commented setting made active. */
const active = parseEnvFile(text.replaceAll(/^#(?=[A-Z_]+=)/gm, ''), EXAMPLE);

test('the example as it stands is a valid configuration', () => {
  expect(loadConfig(EXAMPLE, {}).mistakes).toEqual([]);
});

test('it has every variable of the table, once, and no other', () => {
  expect(active.mistakes).toEqual([]);
  const named = [...active.entries.keys()].filter((name) => name !== 'CAMERA_FRONT_URL');
  expect(named.sort()).toEqual(settings.map(([name]) => name).sort());
});

test.each(settings.filter(([name]) => name !== 'CAMERAS'))(
  'the default it shows for %s is the table’s',
  (name, definition) => {
    const shown = active.entries.get(name)?.value;
    // A default that depends on the board or the model is shown as empty and described.
    const expected =
      definition.fallback === undefined || definition.fallbackText !== undefined
        ? ''
        : String(definition.fallback);
    expect(shown).toBe(expected);
  },
);

test.each(settings)('README’s table describes %s as the table does', (name, { description }) => {
  const shown = name.startsWith('CAMERA_') ? name.replace('CAMERA_', 'CAMERA_[NAME_]') : name;
  const row = README.split('\n').find((line) => line.startsWith(`| \`${shown}\` |`));
  expect(row).toContain(description);
});

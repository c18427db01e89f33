/** Node's options, which the first line of the program says and the launcher of archives and packages has. */
import { expect, test } from 'vitest';
// @ts-expect-error: it is a script, without types.
import { LAUNCHER } from '../../scripts/release/program.mjs';
import { execute } from '../support/execute.js';
import { nodeOptions } from '../support/ghostcam.js';

/** Keeps 60,000 of the objects that it makes, and prints the most bytes that V8 has for new ones. */
const MAKE_OBJECTS = `
const { getHeapSpaceStatistics } = require('node:v8');
const kept = [];
let most = 0;
for (let index = 0; index < 2e6; index++) {
  kept.push({ index, list: [index] });
  if (kept.length < 60_000) continue;
  kept.splice(0, 30_000);
  most = Math.max(most, getHeapSpaceStatistics().find((space) => space.space_name === 'new_space').space_size);
}
console.log(most);
`;

test('what is new on the heap of V8 has 8 MiB at most', async () => {
  const options = nodeOptions().filter((option) => option !== '--');
  const most = Number(await execute(process.execPath, [...options, '-e', MAKE_OBJECTS]));
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThanOrEqual(8 * 2 ** 20);
});

test('the launcher of archives and Debian packages has the same options', () => {
  expect(LAUNCHER).toContain(`exec "$here/node" ${nodeOptions().join(' ')} "$here/lib/dist/main.js"`);
});

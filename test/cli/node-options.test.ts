/** Variables and options of Node, which the first line of the program says and the launcher of archives and packages has. */
import { expect, test } from 'vitest';
// @ts-expect-error: it is a script, without types.
import { LAUNCHER } from '../../scripts/release/program.mjs';
import { execute } from '../support/execute.js';
import { firstLineOf } from '../support/ghostcam.js';

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

test('what is new on the heap of V8 has 4 MiB at most', async () => {
  const options = firstLineOf().options.filter((option) => option !== '--');
  const most = Number(await execute(process.execPath, [...options, '-e', MAKE_OBJECTS]));
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThanOrEqual(4 * 2 ** 20);
});

/** Prints how many heaps glibc has for threads beside the first: 64 MiB each, as far as it is used readable (malloc/arena.c). */
const COUNT_HEAPS = String.raw`
const { readFileSync } = require('node:fs');
const { once } = require('node:events');
const { Worker } = require('node:worker_threads');
const threads = Array.from({ length: 12 }, () => new Worker('setTimeout(() => {}, 60_000)', { eval: true }));
Promise.all(threads.map((thread) => once(thread, 'online'))).then(() => {
  const lines = readFileSync('/proc/self/maps', 'utf8').split(/\s*\n/).map((line) => line.split(/[- ]+/));
  const heaps = lines.filter(([from, to, rights], index) => {
    const [next, end, others] = lines[index + 1] ?? [];
    const begin = BigInt('0x' + (from || 0));
    const isLarge = BigInt('0x' + (end || 0)) - begin >= 2n ** 26n;
    return begin % 2n ** 26n === 0n && isLarge && rights === 'rw' && next === to && others === 'p';
  });
  console.log(heaps.length);
  process.exit();
});
`;

test('threads share the heaps of glibc', async () => {
  const count = async (variables: string[]) =>
    Number(await execute('/usr/bin/env', [...variables, process.execPath, '-e', COUNT_HEAPS]));
  expect(await count(['MALLOC_ARENA_MAX=8'])).toBeGreaterThan(1);
  expect(await count(firstLineOf().variables)).toBe(1);
});

test('the launcher of archives and Debian packages has the same variables and options', () => {
  const { variables, options } = firstLineOf();
  const words = ['exec env', ...variables, '"$here/node"', ...options, '"$here/lib/dist/main.js"'];
  expect(LAUNCHER).toContain(words.join(' '));
});

/** What the addon asks of glibc's heap, in a process of its own. */
import { expect, test } from 'vitest';
import { addonPath } from '../../src/native/addon.js';
import { execute } from '../support/execute.js';

const THREADS = 12;

/**
 * Prints how many heaps there are beside the first, before and after threads that all need memory at the same time. Each is 64 MiB of
 * addresses that begin at a multiple of that, of which a part can be used (malloc/arena.c of glibc).
 */
const COUNT_HEAPS = `
const { readFileSync } = require('node:fs');
const { once } = require('node:events');
const { Worker } = require('node:worker_threads');
const MAX_BYTES = 2 ** 26;
function heaps() {
  const mappings = readFileSync('/proc/self/maps', 'utf8').trim().split('\\n').map((line) => {
    const [, from, to, rights] = /^(\\w+)-(\\w+) (\\S+)/.exec(line);
    return { from: parseInt(from, 16), to: parseInt(to, 16), rights };
  });
  return mappings.filter(({ from, to, rights }, index) => {
    const rest = mappings[index + 1];
    const isHeap = rest?.from === to && rest.rights === '---p' && rest.to === from + MAX_BYTES;
    return isHeap && rights === 'rw-p' && from % MAX_BYTES === 0;
  }).length;
}
(async () => {
  require(process.argv[1]);
  const before = heaps();
  const threads = Array.from({ length: ${THREADS} }, () => new Worker('setTimeout(() => {}, 60_000)', { eval: true }));
  await Promise.all(threads.map((thread) => once(thread, 'online')));
  console.log(JSON.stringify({ before, after: heaps() }));
  process.exit();
})();
`;

test('threads that begin after the addon was loaded share the heaps that there are', async () => {
  const { before, after } = JSON.parse(await execute(process.execPath, ['-e', COUNT_HEAPS, addonPath()]));
  // The first two are not limited.
  expect(after).toBe(Math.max(before, 1));
});

/** V8 itself, in a process of its own, as its flags are the process's. */
import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

/** Leaves 60 MB that are taken for old, a megabyte at a time, over 20 MB that stay, and says how often the whole heap was collected. */
const PROGRAM = `
  import { PerformanceObserver, constants } from 'node:perf_hooks';
  import { allowGarbage } from '${resolve('dist/daemon/garbage.js')}';
  const stays = Array.from({ length: 250_000 }, (_, index) => ({ index, list: [index] }));
  gc();
  for (const cameras of process.argv.slice(1)) allowGarbage(Number(cameras));
  gc();
  let collections = 0;
  const count = (list) => {
    for (const { detail } of list.getEntries()) if (detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR) collections++;
  };
  const observer = new PerformanceObserver(count);
  observer.observe({ entryTypes: ['gc'] });
  const lately = [];
  for (let round = 0; round < 60; round++) {
    lately.push(Array.from({ length: 12_000 }, (_, index) => ({ index, list: [round] })));
    if (lately.length > 3) lately.shift();
    await new Promise((done) => setTimeout(done, 10));
  }
  count({ getEntries: () => observer.takeRecords() });
  console.log(collections + (stays.length > 0 ? 0 : 1));
`;

/** @param cameras How many there are, one after the other. */
async function collections(...cameras: number[]): Promise<number> {
  const flags = ['--expose-gc', '--max-semi-space-size=1', '--input-type=module', '-e', PROGRAM, '--'];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [...flags, ...cameras.map(String)]);
  expect(stderr).toBe('');
  return Number(stdout);
}

test('the more cameras, the more seldom the whole heap is collected', async () => {
  const some = await collections(4);
  const many = await collections(16);
  expect(many).toBeGreaterThan(0);
  expect(some).toBeGreaterThan(2 * many);
  // Cameras that are gone leave nothing behind.
  expect(await collections(16, 4)).toBeGreaterThan(2 * many);
});

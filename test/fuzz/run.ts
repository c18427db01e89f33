/**
 * `npm run test:fuzz -- [--minutes N] [--seed S] [TARGET…]`: runs each target for its share of the time, from a corpus in
 * .cache/fuzz-corpus that later runs go on from. Prints a line for each target, and ends with `N passed, N failed`.
 */
import { fork } from 'node:child_process';
import { readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Fault, type FuzzResult, fromBytes, scratchFolder, store } from './fuzz.js';
import { TARGETS } from './targets.js';

const WORKER = fileURLToPath(new URL('worker.js', import.meta.url));
const CORPORA = '.cache/fuzz-corpus';
/** Of a worker: how long it may be without a new input. */
const HANG_MS = 90_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { minutes: { type: 'string', default: '1' }, seed: { type: 'string' } },
});
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const names = positionals.length > 0 ? positionals : Object.keys(TARGETS);
const seconds = (60 * Number(values.minutes)) / names.length;
if (!(seconds > 0) || !Number.isInteger(seed) || names.some((name) => !(name in TARGETS))) {
  console.error(`usage: npm run test:fuzz -- [--minutes N] [--seed S] [${Object.keys(TARGETS).join('] [')}]`);
  process.exit(64);
}

console.log(`seed ${seed}, ${Math.round(seconds)} s for each target`);
const scratch = scratchFolder();
let failed = 0;
for (const name of names) {
  const { inputs, kept, faults } = await runTarget(name);
  if (faults.length > 0) failed += 1;
  console.log(
    `${name.padEnd(12)} ${inputs} inputs, ${kept} in the corpus, ${faults.length} faults  ${faults.length === 0 ? 'passed' : 'FAILED'}`,
  );
  for (const { input, reason } of faults) {
    const path = store(join(CORPORA, name, 'faults'), input);
    console.log(`  ${reason.split('\n').slice(0, 4).join('\n  ')}`);
    console.log(`  again: node ${WORKER} ${name} ${path}`);
  }
}
rmSync(scratch, { recursive: true });
console.log(`${names.length - failed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);

/** Starts workers until the time is over: one that crashes or hangs is a fault, and the next one goes on. */
async function runTarget(name: string): Promise<FuzzResult> {
  const total: FuzzResult = { inputs: 0, kept: 0, faults: [] };
  const until = performance.now() + 1000 * seconds;
  for (let run = 0; performance.now() < until && total.faults.length < 5; run++) {
    const left = Math.max(1, (until - performance.now()) / 1000);
    const result = await runWorker(name, seed + run, left);
    total.inputs += result.inputs;
    total.kept = Math.max(total.kept, result.kept);
    total.faults.push(...result.faults);
  }
  return total;
}

function runWorker(name: string, workerSeed: number, left: number): Promise<FuzzResult> {
  const current = join(scratch, 'current');
  rmSync(current, { force: true });
  const corpus = join(CORPORA, name, 'corpus');
  const child = fork(WORKER, [name, String(workerSeed), String(left), corpus, current]);
  return new Promise((resolve) => {
    let result: FuzzResult | undefined;
    let isHanging = false;
    const watch = setInterval(() => {
      const since = statSync(current, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
      if (Date.now() - since < HANG_MS) return;
      isHanging = true;
      child.kill('SIGKILL');
    }, 1000);
    child.on('message', (message) => {
      result = message as FuzzResult;
    });
    child.on('close', (code, signal) => {
      clearInterval(watch);
      if (result !== undefined) resolve(result);
      else resolve({ inputs: 0, kept: 0, faults: [lost(current, isHanging, code, signal)] });
    });
  });
}

/** The fault of a worker that gave no result. */
function lost(current: string, isHanging: boolean, code: number | null, signal: string | null): Fault {
  let input = '';
  try {
    input = fromBytes(readFileSync(current, 'latin1'));
  } catch {
    // It ended before its first input.
  }
  const how = isHanging ? 'it hangs' : `it ended with ${signal ?? `exit code ${code}`}`;
  return { input, reason: how };
}

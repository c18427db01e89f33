/**
 * Sixteen cameras at five frames a second, INT8 at 320 pixels, one thread, with snapshots: once with pictures that stand still but for a
 * camera's noise, once with pedestrians in each. Medians of interleaved rounds:
 *
 *     npx vitest run --config test/bench/vitest.config.ts daemon/cameras       (after npm run setup)
 *
 * `daemon` is the CPU time of the daemon itself, without its ffmpeg processes, in percent of a core; fairness is what the least served
 * camera got of what the best served got. Where GHOSTCAM_BENCH_AGAINST names another checkout that is built, its daemon takes part.
 * ROUNDS, SECONDS and CAMERAS may be set too.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, test } from 'vitest';
import { percentile } from '../../../src/bench/statistics.js';
import { daemon, footage, stillFootage, type Watched, watch } from './run.js';

const ROUNDS = Number(process.env.ROUNDS ?? 3);
const SECONDS = Number(process.env.SECONDS ?? 30);
const SETTLE = 20_000;
const CAMERAS = Number(process.env.CAMERAS ?? 16);

const folder = mkdtempSync(join(tmpdir(), 'ghostcam-bench-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function run(checkout: string, file: string): Promise<Watched> {
  const names = Array.from({ length: CAMERAS }, (_, index) => `c${index}`);
  const urls = Object.fromEntries(names.map((name) => [`CAMERA_${name.toUpperCase()}_URL`, file]));
  const model = { MODEL: 'yolov8n-ghostnetv2-320-int8', THREADS: '1', PROVIDER: 'cpu' };
  return watch(
    ({ url }) => daemon(checkout, folder, { MQTT_URL: url, CAMERAS: names.join(','), ...urls, ...model }),
    // Each camera was inferred by then, and who stands still is known to.
    { warmUp: CAMERAS, settle: SETTLE, frames: Infinity, until: SECONDS * 1000 },
  );
}

const COLUMNS: [name: string, value: (run: Watched) => number, digits: number][] = [
  ['daemon %', ({ cpu, seconds }) => (100 * (cpu.total - cpu.children)) / seconds, 1],
  ['main thr. %', ({ cpu, seconds }) => (100 * cpu.mainThread) / seconds, 1],
  ['frames/s', ({ frames, seconds }) => frames / seconds, 1],
  ['pictures/s', ({ snapshots, seconds }) => snapshots / seconds, 2],
  ['full GC/min', ({ collections, seconds }) => (60 * collections) / seconds, 1],
  ['loop p99 ms', ({ health }) => health?.eventLoopDelayMs.p99 ?? Number.NaN, 1],
  ['PSS MB', ({ pssMb }) => pssMb, 0],
  ['fairness', ({ framesOf }) => Math.min(...framesOf.values()) / Math.max(...framesOf.values()), 2],
];

test.each([
  ['still', stillFootage],
  ['busy', () => footage(640, 360)],
])('%s', async (name, clip) => {
  const file = await clip();
  const other = process.env.GHOSTCAM_BENCH_AGAINST;
  const checkouts = ['.', ...(other === undefined ? [] : [other])];
  const runs = checkouts.map((): Watched[] => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, checkout] of checkouts.entries()) runs[index]?.push(await run(checkout, file));
  }
  const rows = checkouts.map((checkout, index) => {
    const values = COLUMNS.map(([, value, digits]) =>
      percentile((runs[index] as Watched[]).map(value), 0.5).toFixed(digits),
    );
    return [checkout.padEnd(24), ...values.map((value) => value.padStart(12))].join('');
  });
  const header = COLUMNS.map(([title]) => title.padStart(12)).join('');
  console.log([`${`${CAMERAS} cameras, ${name}`.padEnd(24)}${header}`, ...rows].join('\n'));
});

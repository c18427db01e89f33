/**
 * From the start of the process to its first message of a file, in milliseconds; INT8 at 320 pixels, mosquitto. Interleaved starts:
 *
 *     npx vitest run --config test/bench/vitest.config.ts daemon/start       (after npm run setup)
 *
 * `first` is the first start of a board, which finds out what the others find in the state folder. Where GHOSTCAM_BENCH_AGAINST names another
 * checkout that is built, its daemon takes part. ROUNDS may be set too.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, test } from 'vitest';
import { percentile } from '../../../src/bench/statistics.js';
import { daemon, footage, watch } from './run.js';

const ROUNDS = Number(process.env.ROUNDS ?? 7);

const folder = mkdtempSync(join(tmpdir(), 'ghostcam-bench-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function startMs(checkout: string, file: string, state: string): Promise<number> {
  const settings = {
    CAMERAS: 'front',
    CAMERA_FRONT_URL: file,
    MODEL: 'yolov8n-ghostnetv2-320-int8',
    THREADS: '1',
  };
  const { firstMs } = await watch(
    async ({ url }) => {
      const [env = '', ...rest] = await daemon(checkout, folder, { MQTT_URL: url, ...settings });
      return [env, `XDG_STATE_HOME=${state}`, ...rest];
    },
    { warmUp: 1, frames: 0 },
  );
  return firstMs;
}

test('start', async () => {
  const file = await footage(640, 360);
  const other = process.env.GHOSTCAM_BENCH_AGAINST;
  const checkouts = ['.', ...(other === undefined ? [] : [other])];
  const times = checkouts.map((): number[] => []);
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [index, checkout] of checkouts.entries()) {
      times[index]?.push(await startMs(checkout, file, join(folder, `state-${index}`)));
    }
  }
  for (const [index, checkout] of checkouts.entries()) {
    const [first = Number.NaN, ...others] = (times[index] as number[]).map(Math.round);
    const median = percentile(others, 0.5);
    console.log(
      `${checkout.padEnd(24)} first ${first} ms, then ${others.toSorted((a, b) => a - b).join(' ')}, median ${median}`,
    );
  }
});

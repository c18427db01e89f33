/** A real Prometheus scrapes the metrics: GHOSTCAM_TEST_SCRAPE_S=60 for a minute. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { Board } from '../support/board.js';
import { Child } from '../support/child.js';
import { Page, SOON } from '../support/page.js';
import { freeTcpPort } from '../support/ports.js';

const SECONDS = Number(process.env.GHOSTCAM_TEST_SCRAPE_S ?? 10);
const PASSWORD = 'a long password';

let board: Board;
beforeAll(async () => {
  board = await Board.start();
});
afterAll(() => board?.dispose());

test('every scrape succeeds, counters grow, and what the dashboard asks for is there', async () => {
  const page = await Page.start(board, {
    CAMERAS: 'front',
    CAMERA_FRONT_URL: resolve('assets/demo/footage.mp4'),
    WEB_PASSWORD: PASSWORD,
  });
  const folder = mkdtempSync(join(tmpdir(), 'ghostcam-prometheus-'));
  const port = await freeTcpPort();
  writeFileSync(join(folder, 'password'), PASSWORD);
  writeFileSync(
    join(folder, 'prometheus.yml'),
    `scrape_configs:
  - job_name: ghostcam
    scrape_interval: 1s
    basic_auth: { username: prometheus, password_file: ${folder}/password }
    static_configs: [{ targets: ['127.0.0.1:${page.port}'] }]
`,
  );
  const prometheus = new Child('prometheus', [
    `--config.file=${folder}/prometheus.yml`,
    `--storage.tsdb.path=${folder}/data`,
    `--web.listen-address=127.0.0.1:${port}`,
  ]);
  board.defer(async () => {
    await prometheus.stop('SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  });
  const value = async (query: string): Promise<number> => {
    const url = `http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(query)}`;
    const { data } = (await (await fetch(url)).json()) as { data: { result: { value: [number, string] }[] } };
    return Number(data.result[0]?.value[1]);
  };
  await vi.waitFor(async () => expect(await value('up')).toBe(1), SOON);
  await sleep(SECONDS * 1000);
  expect(await value(`min_over_time(up[${SECONDS}s])`)).toBe(1);
  expect(await value(`count_over_time(up[${SECONDS}s])`)).toBeGreaterThan(SECONDS / 3);
  expect(await value(`increase(ghostcam_camera_frames_total[${SECONDS}s])`)).toBeGreaterThan(0);
  const age = `histogram_quantile(0.95, sum by (le) (rate(ghostcam_frame_age_seconds_bucket[${SECONDS}s])))`;
  expect(await value(age)).toBeGreaterThan(0);
  expect(await value('ghostcam_build_info')).toBe(1);
  console.log(
    `${await value('count_over_time(up[10m])')} scrapes, ${await value('scrape_samples_scraped')} samples each, ${await value('max_over_time(scrape_duration_seconds[10m])')} s at most`,
  );
}, 240_000);

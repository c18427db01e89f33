/** A real Prometheus scrapes the metrics: GHOSTCAM_TEST_SCRAPE_S=60 for a minute. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

interface Result {
  metric: Record<string, string>;
  value: [number, string];
}

interface Dashboard {
  panels: { targets: { expr: string; legendFormat: string }[] }[];
}

/** What the dashboard asks for, of all boards, and the labels that its legends name. */
function asked(): { expr: string; labels: Record<string, unknown> }[] {
  const { panels } = JSON.parse(readFileSync('deploy/examples/grafana.json', 'utf8')) as Dashboard;
  const targets = panels.flatMap((panel) => panel.targets);
  expect(targets.length).toBeGreaterThan(15);
  return targets.map(({ expr, legendFormat }) => ({
    expr: expr.replaceAll('$instance', '.+').replaceAll(/\[\d+[mh]\]/g, `[${SECONDS}s]`),
    labels: Object.fromEntries(
      [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => [name, expect.any(String)]),
    ),
  }));
}

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
  const results = async (query: string): Promise<Result[]> => {
    const url = `http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(query)}`;
    const answer = (await (await fetch(url)).json()) as { status: string; data: { result: Result[] } };
    expect(answer.status, query).toBe('success');
    return answer.data.result;
  };
  const value = async (query: string): Promise<number> => Number((await results(query))[0]?.value[1]);
  await vi.waitFor(async () => expect(await value('up')).toBe(1), SOON);
  await sleep(SECONDS * 1000);
  expect(await value(`min_over_time(up[${SECONDS}s])`)).toBe(1);
  expect(await value(`count_over_time(up[${SECONDS}s])`)).toBeGreaterThan(SECONDS / 3);
  expect(await value(`increase(ghostcam_camera_frames_total[${SECONDS}s])`)).toBeGreaterThan(0);
  const age = `histogram_quantile(0.95, sum by (le) (rate(ghostcam_frame_age_seconds_bucket[${SECONDS}s])))`;
  expect(await value(age)).toBeGreaterThan(0);
  expect(await value('ghostcam_build_info')).toBe(1);
  for (const { expr, labels } of asked()) {
    // What is above a limit alone is shown above it.
    const found = await results(expr.replace(/ > 0$/, ''));
    expect(found.length, expr).toBeGreaterThan(0);
    for (const { metric } of found) expect(metric, expr).toMatchObject(labels);
  }
  expect(await results('ghostcam_nothing_of_the_kind')).toEqual([]);
  console.log(
    `${await value('count_over_time(up[10m])')} scrapes, ${await value('scrape_samples_scraped')} samples each, ${await value('max_over_time(scrape_duration_seconds[10m])')} s at most`,
  );
}, 240_000);

import { mkdtemp, rm, stat, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createLog } from '../../src/observe/log.js';
import { touch, Watchdog } from '../../src/observe/watchdog.js';

test('is alive at once, then as long as nothing stands still, and says what does', async () => {
  vi.useFakeTimers();
  onTestFinished(() => {
    vi.useRealTimers();
  });
  const lines: string[] = [];
  let problem: string | undefined;
  let alive = 0;
  const watchdog = new Watchdog({
    stuck: () => problem,
    intervalMs: 1000,
    alive: () => alive++,
    log: createLog({ level: 'info', write: (line) => lines.push(line) }),
  });
  watchdog.start();
  expect(alive).toBe(1);
  await vi.advanceTimersByTimeAsync(3000);
  expect(alive).toBe(4);
  problem = 'frames arrive, but none is inferred';
  await vi.advanceTimersByTimeAsync(2000);
  expect(alive).toBe(4);
  expect(lines[0]).toContain(problem);
  problem = undefined;
  await vi.advanceTimersByTimeAsync(1000);
  expect(alive).toBe(5);
  watchdog.stop();
  await vi.advanceTimersByTimeAsync(5000);
  expect(alive).toBe(5);
});

test('a touched file is new again', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ghostcam-heartbeat-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'heartbeat');
  touch(path);
  await utimes(path, 0, 0);
  touch(path);
  expect((await stat(path)).mtimeMs).toBeGreaterThan(Date.now() - 10_000);
});

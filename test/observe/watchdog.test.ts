import { expect, onTestFinished, test, vi } from 'vitest';
import { createLog } from '../../src/observe/log.js';
import { Watchdog } from '../../src/observe/watchdog.js';
import { memoryOutput } from '../support/log.js';

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
    log: createLog({ level: 'info', output: memoryOutput(lines) }),
  });
  watchdog.start();
  expect(alive).toBe(1);
  await vi.advanceTimersByTimeAsync(3000);
  expect(alive).toBe(4);
  problem = 'frames arrive, but none is inferred';
  await vi.advanceTimersByTimeAsync(60_000);
  expect(alive).toBe(4);
  // Where nobody starts it anew the log is not filled with it.
  expect(lines.map((line) => line.includes(problem as string))).toEqual([true]);
  problem = undefined;
  await vi.advanceTimersByTimeAsync(1000);
  expect(alive).toBe(5);
  watchdog.stop();
  await vi.advanceTimersByTimeAsync(5000);
  expect(alive).toBe(5);
});

import { mkdtemp, rm, stat, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/clock.js';
import { Heartbeat } from '../../src/observe/heartbeat.js';
import { memoryLog } from '../support/log.js';

test('a file that was touched is new again', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ghostcam-heartbeat-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'heartbeat');
  const heartbeat = new Heartbeat(path, systemClock, memoryLog().log);
  heartbeat.beat();
  await utimes(path, 0, 0);
  heartbeat.beat();
  expect((await stat(path)).mtimeMs).toBeGreaterThan(Date.now() - 10_000);
});

test('a file that cannot be written is logged once, and again after it could be written', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ghostcam-heartbeat-'));
  const { log, lines } = memoryLog();
  const heartbeat = new Heartbeat(join(folder, 'heartbeat'), systemClock, log);
  heartbeat.beat();
  expect(lines).toEqual([]);
  await rm(folder, { recursive: true });
  heartbeat.beat();
  heartbeat.beat();
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/the heartbeat file cannot be written \(ENOENT\)/);
});

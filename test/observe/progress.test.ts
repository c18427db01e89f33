import { expect, test } from 'vitest';
import { type CameraProgress, Progress } from '../../src/observe/progress.js';

const camera = (captured: number, processed: number, more: Partial<CameraProgress> = {}): CameraProgress => ({
  name: 'front',
  online: true,
  stallTimeout: 10,
  captured,
  processed,
  ...more,
});

test('frames that come and are inferred are progress', () => {
  const progress = new Progress();
  expect(progress.stuck([camera(10, 9)], 0)).toBeUndefined();
  expect(progress.stuck([camera(20, 19)], 10_000)).toBeUndefined();
});

test('frames that are not inferred are not', () => {
  const progress = new Progress();
  progress.stuck([camera(10, 10)], 0);
  expect(progress.stuck([camera(20, 10)], 10_000)).toMatch(/none is inferred/);
  expect(progress.stuck([camera(30, 11)], 20_000)).toBeUndefined();
});

test('cameras that are away are no reason to start anew, however long', () => {
  const progress = new Progress();
  const away = camera(10, 10, { online: false });
  for (const minute of [0, 1, 60, 600]) expect(progress.stuck([away], minute * 60_000)).toBeUndefined();
});

test('a camera that is online without frames, long after capture should have noticed, is named', () => {
  const progress = new Progress();
  const cameras = (captured: number) => [camera(captured, captured), camera(5, 5, { name: 'back' })];
  expect(progress.stuck(cameras(1), 0)).toBeUndefined();
  expect(progress.stuck(cameras(2), 30_000)).toBeUndefined();
  expect(progress.stuck(cameras(3), 30_001)).toMatch(/back/);
});

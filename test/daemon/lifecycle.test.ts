import { expect, test } from 'vitest';
import { Lifecycle, type Part } from '../../src/daemon/lifecycle.js';
import { memoryLog } from '../support/log.js';

function recorder() {
  const calls: string[] = [];
  const part = (name: string, more: Partial<Part> = {}): Part => ({
    start: () => void calls.push(`start ${name}`),
    stop: () => void calls.push(`stop ${name}`),
    ...more,
  });
  return { calls, part };
}

test('parts are started in order and stopped in reverse, once', async () => {
  const { calls, part } = recorder();
  const lifecycle = new Lifecycle(memoryLog().log);
  for (const name of ['a', 'b', 'c']) await lifecycle.start(name, part(name));
  await lifecycle.stop();
  await lifecycle.stop();
  expect(calls).toEqual(['start a', 'start b', 'start c', 'stop c', 'stop b', 'stop a']);
});

test('a part that fails to start is stopped too, and those before it', async () => {
  const { calls, part } = recorder();
  const lifecycle = new Lifecycle(memoryLog().log);
  await lifecycle.start('a', part('a'));
  const failing = part('b', { start: () => Promise.reject(new Error('no')) });
  await expect(lifecycle.start('b', failing)).rejects.toThrow('no');
  await lifecycle.stop();
  expect(calls).toEqual(['start a', 'stop b', 'stop a']);
});

test('a part that fails to stop is logged with its stack, and the others are stopped', async () => {
  const { calls, part } = recorder();
  const { log, lines } = memoryLog();
  const lifecycle = new Lifecycle(log);
  await lifecycle.start('a', part('a'));
  const stop = () => {
    throw new TypeError('undefined is not a function');
  };
  await lifecycle.start('b', part('b', { stop }));
  await lifecycle.stop();
  expect(calls.at(-1)).toBe('stop a');
  expect(lines.join('')).toMatch(/b could not be stopped, because of a bug in ghostcam/);
  expect(lines.join('')).toMatch(/TypeError: undefined is not a function[\s\S]*lifecycle\.test\.ts/);
});

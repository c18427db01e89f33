import { expect, test, vi } from 'vitest';
import { FfmpegProcess } from '../../src/capture/process.js';

function shell(script: string) {
  const lines: string[] = [];
  return { lines, child: new FfmpegProcess('/bin/sh', ['-c', script], (line) => lines.push(line)) };
}

/** Throws once no such process exists. */
function signalZero(pid: string | undefined): void {
  process.kill(Number(pid), 0);
}

test('standard output is read and the exit code told', async () => {
  const { child } = shell('printf pixels; exit 3');
  const chunks = await child.stdout.toArray();
  expect(Buffer.concat(chunks).toString()).toBe('pixels');
  expect(await child.ended).toEqual({ code: 3, signal: null });
});

test('standard error comes in lines, however it was written', async () => {
  const { child, lines } = shell(
    'printf "one\\ntw" >&2; sleep 0.05; printf "o\\r\\n\\nthree\\rfour" >&2; printf "\\303\\244" >&2',
  );
  child.stdout.resume();
  await child.ended;
  expect(lines).toEqual(['one', 'two', 'three', 'fourä']);
});

test('endless lines do not fill the memory', async () => {
  const { child, lines } = shell('head -c 3000000 /dev/zero | tr "\\0" x >&2; echo >&2; echo short >&2');
  child.stdout.resume();
  await child.ended;
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(2000);
  expect(lines.at(-1)).toBe('short');
});

test('a program that does not exist ends with the error', async () => {
  const child = new FfmpegProcess('/no/such/ffmpeg', [], () => {});
  child.stdout.resume();
  expect(await child.ended).toMatchObject({ code: null, signal: null, error: { code: 'ENOENT' } });
  expect((await child.stop()).error).toBeDefined();
});

test('stopping waits until it is gone, even when nobody reads what it writes', async () => {
  const { child, lines } = shell('echo $$ >&2; exec yes');
  await vi.waitFor(() => expect(lines).toHaveLength(1));
  expect(await child.stop()).toEqual({ code: null, signal: 'SIGTERM' });
  expect(() => signalZero(lines[0])).toThrow('ESRCH');
});

test('what ignores SIGTERM is killed after a grace', async () => {
  const { child, lines } = shell('trap "" TERM; echo $$ >&2; while :; do sleep 0.1; done');
  await vi.waitFor(() => expect(lines).toHaveLength(1));
  expect(await child.stop()).toEqual({ code: null, signal: 'SIGKILL' });
  expect(() => signalZero(lines[0])).toThrow('ESRCH');
});

test('stopping twice, or after its end, is fine', async () => {
  const { child } = shell('exec sleep 60');
  const [first, second] = await Promise.all([child.stop(), child.stop()]);
  expect(first).toEqual({ code: null, signal: 'SIGTERM' });
  expect(second).toEqual(first);
  expect(await child.stop()).toEqual(first);
});

test('its CPU time is known while it runs and after', async () => {
  const { child } = shell('while :; do :; done');
  await vi.waitFor(() => expect(child.cpuSeconds()).toBeGreaterThan(0.05), { timeout: 100_000 });
  await child.stop();
  expect(child.cpuSeconds()).toBeGreaterThan(0.05);
});

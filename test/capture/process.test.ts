/** Children that behave as ffmpeg and wrappers of it do at their worst. */
import { spawn } from 'node:child_process';
import { describe, expect, test, vi } from 'vitest';
import { FfmpegProcess, ffmpegOutput, MAX_DATA_KIB } from '../../src/capture/process.js';

function shell(script: string) {
  const lines: string[] = [];
  return { lines, child: new FfmpegProcess('/bin/sh', ['-c', script], (line) => lines.push(line)) };
}

/** Throws once no such process exists. */
function signalZero(pid: string | undefined): void {
  process.kill(Number(pid), 0);
}

test('standard output is read and the exit code reported', async () => {
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
  expect(await child.ended).toMatchObject({ code: null, signal: null, error: expect.any(Error) });
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

/** Resolves with the process ids that a script said, once it said so many. */
async function processIds(lines: string[], count: number): Promise<string[]> {
  await vi.waitFor(() => expect(lines.length).toBeGreaterThanOrEqual(count), { timeout: 20_000 });
  return lines;
}

function isGone(pid: string): Promise<void> {
  return vi.waitFor(() => expect(() => signalZero(pid)).toThrow('ESRCH'), { timeout: 20_000 });
}

/** It writes its process id, and holds neither pipe. */
const ownSession = `setsid sh -c 'echo $$ >&2; exec sleep 61 >/dev/null 2>&1' &`;

describe('whatever ffmpeg or a wrapper of it started is gone with it', () => {
  test.each([
    ['a wrapper that does not exec', 'echo $$ >&2; sh -c "echo \\$\\$ >&2; while :; do sleep 0.1; done"', 2],
    [
      'a helper that ignores SIGTERM',
      '(trap "" TERM; sh -c "echo \\$\\$ >&2; while :; do sleep 0.1; done") & echo $$ >&2; exec sleep 60',
      2,
    ],
    [
      'helpers that hold standard error',
      'sleep 61 >/dev/null & echo $! >&2; sleep 62 >/dev/null & echo $! >&2; exec sleep 60',
      2,
    ],
    ['a helper in a session of its own', `${ownSession} sleep 0.5; echo $$ >&2; exec sleep 60`, 2],
    [
      'a wrapper that ignores SIGTERM, and a helper in a session of its own',
      `trap "" TERM; ${ownSession} sleep 0.5; echo $$ >&2; while :; do sleep 0.1; done`,
      2,
    ],
  ])('stopped: %s', async (_, script, count) => {
    const { child, lines } = shell(script);
    const pids = await processIds(lines, count);
    await child.stop();
    await Promise.all(pids.map(isGone));
  });

  test.each([
    ['a helper that holds standard error', 'sleep 61 >/dev/null & echo $! >&2; exit 4'],
    ['a helper that holds both pipes', 'sleep 61 & echo $! >&2; exit 4'],
    ['a helper that ignores signals', '(trap "" TERM INT HUP; exec sleep 61) & echo $! >&2; exit 4'],
    ['a helper in a session of its own', `${ownSession} sleep 0.5; exit 4`],
  ])('ended by itself: %s', async (_, script) => {
    const { child, lines } = shell(script);
    child.stdout.resume();
    expect(await child.ended).toEqual({ code: 4, signal: null });
    await isGone((await processIds(lines, 1))[0] ?? '');
  });

  test('one that left the group and holds standard error is not waited for', async () => {
    const { child, lines } = shell('setsid sleep 61 >/dev/null & echo $! >&2; sleep 0.5; exit 4');
    child.stdout.resume();
    expect(await child.ended).toEqual({ code: 4, signal: null });
    await isGone((await processIds(lines, 1))[0] ?? '');
  });

  test.each([
    ['a program', 'echo $$ >&2; exec sleep 60', 1],
    ['a wrapper and its child', 'echo $$ >&2; sleep 60 & echo $! >&2; wait', 2],
    [
      'a helper that ignores signals',
      '(trap "" TERM INT HUP; exec sleep 60) & echo $! >&2; echo $$ >&2; wait',
      2,
    ],
    ['a helper in a session of its own', `${ownSession} echo $$ >&2; exec sleep 60`, 2],
  ])('the daemon was killed: %s', async (_, script, count) => {
    const daemon = spawn(
      process.execPath,
      [
        ...['--input-type=module', '--eval'],
        `import { createServer } from 'vite';
         const vite = await createServer({ server: { middlewareMode: true, ws: false }, appType: 'custom', logLevel: 'silent' });
         const { FfmpegProcess } = await vite.ssrLoadModule('/src/capture/process.ts');
         new FfmpegProcess('/bin/sh', ['-c', process.argv[1]], (line) => console.log(line));`,
        script,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const lines: string[] = [];
    daemon.stdout.setEncoding('utf8').on('data', (text: string) => lines.push(...text.trim().split('\n')));
    const pids = await processIds(lines, count);
    daemon.kill('SIGKILL');
    await Promise.all(pids.map(isGone));
  });
});

test('its memory is bounded', async () => {
  const { child, lines } = shell('ulimit -d >&2');
  child.stdout.resume();
  await child.ended;
  expect(lines).toEqual([String(MAX_DATA_KIB)]);
});

describe('a program that is run for its output', () => {
  test.each([
    ['never ends', 'echo here; while :; do sleep 0.1; done'],
    ['ignores SIGTERM', 'trap "" TERM; echo here; while :; do sleep 0.1; done'],
    ['leaves a helper that holds its output', 'sleep 60 & echo here'],
  ])('%s', async (_, script) => {
    const { stdout } = await ffmpegOutput('/bin/sh', ['-c', script], 500);
    expect(stdout).toBe('here\n');
  });

  test('writes without end', async () => {
    const { stdout } = await ffmpegOutput('/bin/sh', ['-c', 'exec yes'], 60_000);
    expect(stdout.length).toBeLessThanOrEqual(2 ** 24);
  });
});

/** Standard error that cannot be written to, as unit and as the daemon's. */
import { execFileSync, spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { expect, onTestFinished, test, vi } from 'vitest';
import { standardErrorOutput } from '../../src/observe/log-output.js';
import { PROGRAM } from '../support/ghostcam.js';

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'ghostcam-output-'));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}

test('a full device: every line is lost and counted', () => {
  const output = standardErrorOutput(openSync('/dev/full', 'w'));
  for (let line = 0; line < 3; line++) output.write('a line\n');
  expect(output.lost).toBe(3);
});

test('a file gets every line, at once', async () => {
  const path = join(await folder(), 'log');
  const output = standardErrorOutput(openSync(path, 'w'));
  output.write('one\n');
  output.write('two\n');
  expect(await readFile(path, 'utf8')).toBe('one\ntwo\n');
  expect(output.lost).toBe(0);
});

test('a reader that stands still: what waits is bounded, and how much was lost is the first that it reads', async () => {
  const written: string[] = [];
  let resume = () => {};
  const reader = new Writable({
    write(chunk, _encoding, done) {
      written.push(chunk.toString());
      resume = done;
    },
  }) as NodeJS.WriteStream;
  const pipe = -1; // no descriptor: the stream is asked
  const output = standardErrorOutput(pipe, reader);
  const line = `${'x'.repeat(999)}\n`;
  for (let count = 0; count < 1000; count++) output.write(line);
  expect(reader.writableLength).toBeLessThan(1 << 17);
  expect(output.lost).toBeGreaterThan(900);
  const { lost } = output;
  while (reader.writableLength > 0) {
    resume();
    await new Promise((resolve) => setImmediate(resolve));
  }
  output.write('the next\n');
  await vi.waitFor(() => expect(written.at(-1)).toContain('the next'));
  expect(written.at(-1)).toBe(`${lost} lines of the log were lost before this one\nthe next\n`);
});

test('a reader that left: lines are lost, and the process lives', async () => {
  const reader = new Writable({ write: (_chunk, _encoding, done) => done(new Error('EPIPE')) });
  const output = standardErrorOutput(-1, reader as NodeJS.WriteStream);
  output.write('one\n');
  await new Promise((resolve) => setImmediate(resolve));
  output.write('two\n');
  expect(output.lost).toBe(2);
});

/** The daemon with a camera, no broker, and standard error as the shell redirects it; resolves with how SIGTERM ends it. */
async function runAndStop(redirect: string, heartbeat: string, more = ''): Promise<string> {
  const { PATH = '', HOME = '' } = process.env;
  const settings = {
    CAMERAS: 'front',
    CAMERA_URL: 'test:',
    MQTT_URL: 'mqtt://127.0.0.1:1',
    LOG_LEVEL: 'debug',
  };
  const script = `
    ${more}
    "${process.execPath}" "${PROGRAM}" run --heartbeat "${heartbeat}" ${redirect} &
    daemon=$!
    sleep 6
    kill -0 $daemon || echo 'it ended by itself'
    kill $daemon
    wait $daemon
    echo "exit code $?"`;
  return execFileSync('bash', ['-c', script], {
    env: { PATH, HOME, ...settings },
    encoding: 'utf8',
    timeout: 60_000,
  });
}

test('a full disk for the log', async () => {
  const heartbeat = join(await folder(), 'heartbeat');
  expect(await runAndStop('2>/dev/full', heartbeat)).toBe('exit code 0\n');
  expect(await readFile(heartbeat, 'utf8')).toBe('');
});

test('nobody reads the log any more', async () => {
  const heartbeat = join(await folder(), 'heartbeat');
  expect(await runAndStop('2> >(true)', heartbeat)).toBe('exit code 0\n');
});

test('the reader of the log stands still', async () => {
  const heartbeat = join(await folder(), 'heartbeat');
  expect(await runAndStop('2> >(sleep 30 >/dev/null)', heartbeat)).toBe('exit code 0\n');
});

test('standard error and standard output are closed', async () => {
  const heartbeat = join(await folder(), 'heartbeat');
  expect(await runAndStop('2>&- >&-', heartbeat)).toBe('exit code 0\n');
});

test.each([
  ['in a folder that is not there', (path: string) => `${path}/absent/heartbeat`],
  ['that is a folder', (path: string) => path],
  ['in what is no folder', () => '/dev/null/heartbeat'],
  ['on a full device', () => '/dev/full'],
  ['of a name that is too long', (path: string) => `${path}/${'x'.repeat(300)}`],
])('a heartbeat file %s is named once, and the daemon runs on', async (_, name) => {
  const path = await folder();
  const log = join(path, 'log');
  expect(await runAndStop(`2>"${log}"`, name(path))).toBe('exit code 0\n');
  const text = await readFile(log, 'utf8');
  if (name(path) !== '/dev/full')
    expect(text.match(/the heartbeat file cannot be written \(E[A-Z]+\)/g)).toHaveLength(1);
  expect(text).not.toMatch(/^ {4}at /m);
});

test('a heartbeat file that is a named pipe does not stop the daemon', async () => {
  const path = await folder();
  const log = join(path, 'log');
  execFileSync('mkfifo', [join(path, 'pipe')]);
  expect(await runAndStop(`2>"${log}"`, join(path, 'pipe'))).toBe('exit code 0\n');
  expect(await readFile(log, 'utf8')).toMatch(/the heartbeat file cannot be written \(ENXIO\)/);
});

test('a full disk for the output of a command is one line and exit code 1', async () => {
  const child = spawn('bash', ['-c', `"${process.execPath}" "${PROGRAM}" --help >/dev/full`]);
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  expect([code, stderr]).toEqual([1, 'ghostcam: the output cannot be written (ENOSPC)\n']);
});

/** Paths that name no readable file, in every place that takes a path: one clear line each, exit code 78, no waiting. */
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeBadPaths } from '../support/bad-paths.js';
import { type Finished, PROGRAM } from '../support/ghostcam.js';

/** In /tmp because a user without rights must be able to enter it. */
const folder = mkdtempSync(join(tmpdir(), 'ghostcam-paths-'));
const made = makeBadPaths(folder);
const server: Server = made.server;
const KINDS = Object.entries(made.paths);
const VARIABLES = [
  'MODEL',
  'ONNXRUNTIME_LIB',
  'FFMPEG_PATH',
  'MQTT_CA',
  'MQTT_CERT',
  'MQTT_KEY',
  'CAMERA_FRONT_URL',
  'CAMERA_FRONT_PASSWORD_FILE',
  'CAMERA_FRONT_USERNAME_FILE',
  'MQTT_URL_FILE',
  'MQTT_PASSWORD_FILE',
];
/** root reads everything, so root is not who asks. */
const USER = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

beforeAll(() => {
  chmodSync(folder, 0o755);
});

afterAll(() => {
  server.close();
  execFileSync('chmod', ['-R', 'u+rwx', folder]);
  rmSync(folder, { recursive: true });
});

/** The program, for a minute at most. The `--` keeps Node from taking --env-file for its own, as main.ts does. */
function run(args: readonly string[]): Promise<Finished> {
  const child = spawn(process.execPath, ['--', PROGRAM, ...args], {
    ...USER,
    cwd: folder,
    env: { PATH: process.env.PATH ?? '', HOME: folder },
    timeout: 60_000,
    killSignal: 'SIGKILL',
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (text) => {
    stdout += text;
  });
  child.stderr.on('data', (text) => {
    stderr += text;
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })));
}

function expectMistakes({ code, stderr }: Finished, ...named: string[]): void {
  expect(code, stderr).toBe(78);
  expect(stderr).not.toMatch(/^\s+at |Error:|bug in ghostcam/m);
  for (const name of named) expect(stderr).toContain(name);
}

describe.each(KINDS)('%s', (kind, path) => {
  const env = join(folder, `${kind.replaceAll(' ', '-')}.env`);

  test('in every variable', async () => {
    writeFileSync(env, `CAMERAS=front\n${VARIABLES.map((name) => `${name}=${path}\n`).join('')}`);
    for (const command of ['check', 'run']) {
      const finished = await run([command, '--env-file', env]);
      // run stops before it reads the model.
      const named = command === 'check' ? VARIABLES : VARIABLES.filter((name) => name !== 'MODEL');
      expectMistakes(finished, ...named);
    }
  });

  test('as MODEL alone', async () => {
    writeFileSync(env, `CAMERAS=front\nCAMERA_URL=test:\nMODEL=${path}.onnx\n`);
    expectMistakes(await run(['run', '--env-file', env]), 'MODEL');
  });

  test('as --env-file', async () => {
    expectMistakes(await run(['check', '--env-file', path]), 'cannot be read');
  });
});

test('NUL in every variable', async () => {
  const env = join(folder, 'nul.env');
  writeFileSync(env, `CAMERAS=front\n${VARIABLES.map((name) => `${name}=a\0b\n`).join('')}`);
  expectMistakes(await run(['check', '--env-file', env]), ...VARIABLES);
});

test('a default env file that may not be read is a mistake, not absent', async () => {
  const away = mkdtempSync(join(tmpdir(), 'ghostcam-paths-'));
  chmodSync(away, 0o755);
  writeFileSync(join(away, 'ghostcam.env'), 'CAMERAS=front\n');
  chmodSync(join(away, 'ghostcam.env'), 0o000);
  const child = spawn(process.execPath, ['--', PROGRAM, 'check'], { ...USER, cwd: away, env: {} });
  let stderr = '';
  child.stderr.on('data', (text) => {
    stderr += text;
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  rmSync(away, { recursive: true });
  expect([code, stderr]).toEqual([78, expect.stringContaining('ghostcam.env: cannot be read (EACCES)')]);
});

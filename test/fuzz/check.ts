/** The target `check`: the built program reads an env file; nothing but exit codes 0 and 78 and no stack may come of it. */
import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROGRAM } from '../support/ghostcam.js';
import { envTarget } from './env.js';
import { scratchFolder } from './fuzz.js';
import type { Target } from './target.js';

export function checkTarget(): Target {
  const env = envTarget();
  const folder = scratchFolder();
  const file = join(folder, 'ghostcam.env');
  return {
    ...env,
    name: 'check',
    // Most of it is the start of a process.
    limitMs: 20_000,
    run(input) {
      writeFileSync(file, input);
      const { status, signal, stdout, stderr } = spawnSync(
        process.execPath,
        ['--', PROGRAM, 'check', '--env-file', file],
        { encoding: 'utf8', env: { PATH: process.env.PATH }, timeout: 60_000, killSignal: 'SIGKILL' },
      );
      if (signal !== null) throw new Error(`it was ended by ${signal}`);
      if (status !== 0 && status !== 78) throw new Error(`exit code ${status}: ${stderr.slice(0, 200)}`);
      if (/^\s+at .*:\d+:\d+\)?$/m.test(stdout + stderr)) throw new Error(`a stack: ${stderr.slice(0, 500)}`);
      if ((status === 0) !== (stderr === ''))
        throw new Error(`exit code ${status} with ${stderr.slice(0, 200)}`);
      return `${status} ${stderr.split('\n').length}`;
    },
    dispose() {
      env.dispose?.();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

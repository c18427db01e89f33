// Runs a program to its end. Throws when it fails, which ends the release.
import { execFileSync } from 'node:child_process';

/** @returns Its standard output; its standard error is shown. */
export function execute(program, args, options = {}) {
  return execFileSync(program, args, {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    stdio: ['ignore', 'pipe', 'inherit'],
    ...options,
  });
}

/** Programs that may have few processes and threads: the limit is one of all that a user has, and does not hold for root. */
import { spawnSync } from 'node:child_process';

/** Runs Node to its end as a user who has no other processes, of whom and of whose threads there may be so many. */
export function limited(processes: number, ...args: string[]) {
  const command = ['bash', '-c', `ulimit -u ${processes}; exec "$@"`, 'bash', process.execPath, ...args];
  return spawnSync('setpriv', ['--reuid', '64999', '--regid', '64999', '--clear-groups', ...command], {
    encoding: 'utf8',
  });
}

export const canBeLimited = process.getuid?.() === 0 && limited(40, '-e', '').status === 0;

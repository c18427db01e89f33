// The archive of a release's folder: the same bytes from the same files.
import { closeSync, openSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { execute } from './execute.mjs';
import { RELEASE, ROOT } from './targets.mjs';

/** Seconds since 1970 of the commit that is released: no file is younger. */
export function commitTime() {
  return Number(execute('git', ['log', '-1', '--format=%ct'], { cwd: ROOT }));
}

/** @returns The archive. libdeflate's best is gzip that any tar unpacks, and 4 % smaller than gzip's own. */
export function makeTarball(folder) {
  const tar = join(RELEASE, `${basename(folder)}.tar`);
  execute('tar', [
    ...[
      '--sort=name',
      `--mtime=@${commitTime()}`,
      '--owner=0',
      '--group=0',
      '--numeric-owner',
      '--mode=u+rwX,go=rX',
    ],
    ...['-cf', tar, '-C', dirname(folder), basename(folder)],
  ]);
  const archive = `${tar}.gz`;
  const output = openSync(archive, 'w');
  try {
    execute('libdeflate-gzip', ['-12', '-c', tar], { stdio: ['ignore', output, 'inherit'] });
  } finally {
    closeSync(output);
  }
  rmSync(tar);
  return archive;
}

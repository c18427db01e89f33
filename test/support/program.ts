import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A shell script that plays a program which misbehaves on demand, and a folder that it may write to. */
export interface Program extends AsyncDisposable {
  path: string;
  folder: string;
}

/** @param script POSIX shell; `$folder` is a folder of its own. */
export async function program(script: string): Promise<Program> {
  const folder = await mkdtemp(join(tmpdir(), 'ghostcam-program-'));
  const path = join(folder, 'program');
  await writeFile(path, `#!/bin/sh\nfolder='${folder}'\n${script}\n`);
  await chmod(path, 0o755);
  return { path, folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

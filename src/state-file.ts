/** Small files of what was found out, in a folder of the daemon's own. Nothing that happens to them is an error: it is found out again. */
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

const MAX_BYTES = 16_384;

/** What the JSON file says; undefined: it is not there, not a file of ours, or damaged. */
export async function readStateFile(path: string): Promise<unknown> {
  try {
    const stats = await stat(path);
    if (!stats.isFile() || stats.size > MAX_BYTES) return undefined;
    return JSON.parse(await readFile(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Writes it whole or not at all, readable by this user alone. Returns why it could not; undefined: it could. */
export async function writeStateFile(path: string, content: unknown): Promise<Error | undefined> {
  const next = `${path}.${process.pid}`;
  try {
    await makeFolder(dirname(path));
    await writeFile(next, `${JSON.stringify(content)}\n`, { mode: 0o600 });
    await rename(next, path);
    return undefined;
  } catch (error) {
    await rm(next, { force: true }).catch(() => {});
    return error as Error;
  }
}

/** Node's own way to make the folders above never ends where the system makes none, as in /proc. */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT' || dirname(path) === path) throw error;
    await makeFolder(dirname(path));
    // Another file of the folder may be written at the same time.
    await mkdir(path, { mode: 0o700 }).catch((other: NodeJS.ErrnoException) => {
      if (other.code !== 'EEXIST') throw other;
    });
  }
}

/** What changes when a file is replaced: its path, its size, the time of its last change. */
export async function fileFacts(path: string): Promise<[path: string, size?: number, changedAt?: number]> {
  const stats = await stat(path).catch(() => undefined);
  return stats === undefined ? [path] : [path, stats.size, stats.mtimeMs];
}

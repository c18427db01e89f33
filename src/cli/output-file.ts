/** Files that a command writes where it is told to. */
import type { PathLike } from 'node:fs';
import { stat } from 'node:fs/promises';

/** Rejects for what is there and would be waited for until somebody reads from it. */
export async function refusePipe(path: string): Promise<void> {
  const stats = await stat(path).catch(() => undefined);
  if (stats?.isFIFO() || stats?.isSocket()) throw new Error('it is a pipe or a socket, and no file');
}

/** Whether both are the same file, by whatever names; false where one of them is not there. */
export async function isSameFile(one: PathLike, other: PathLike): Promise<boolean> {
  const [a, b] = await Promise.all([one, other].map((path) => stat(path).catch(() => undefined)));
  return a !== undefined && b !== undefined && a.isFile() && a.dev === b.dev && a.ino === b.ino;
}

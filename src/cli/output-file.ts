/** Files that a command writes where it is told to. */
import { stat } from 'node:fs/promises';

/** Rejects for what is there and would be waited for until somebody reads from it. */
export async function refusePipe(path: string): Promise<void> {
  const stats = await stat(path).catch(() => undefined);
  if (stats?.isFIFO() || stats?.isSocket()) throw new Error('it is a pipe or a socket, and no file');
}

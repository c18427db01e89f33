/** Files that a command writes where it is told to. */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  openSync,
  type PathLike,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * Writes the file whole, behind symbolic links, or leaves all as it was. What is there keeps its mode and owner; what is no regular file,
 * such as /dev/stdout, is written to.
 * @param mode Of a file that is new.
 * @throws Error of the system.
 */
export function writeWhole(path: string, content: string | Uint8Array, mode = 0o666): void {
  const present = statSync(path, { throwIfNoEntry: false });
  if (present !== undefined && !present.isFile()) {
    writeFileSync(path, content);
    return;
  }
  const target = present === undefined ? path : realpathSync(path);
  // Not made of the file's own name, which may be as long as names can be, nor of the process's number, which containers give again.
  const temporary = join(dirname(target), `.ghostcam-${randomBytes(6).toString('hex')}.new`);
  try {
    write(temporary, content, mode, present);
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    // The name of the file that was meant is the one that says something.
    if (error instanceof Error) error.message = error.message.replaceAll(temporary, target);
    throw error;
  }
}

function write(path: string, content: string | Uint8Array, mode: number, present: Stats | undefined): void {
  const descriptor = openSync(path, 'wx', mode);
  try {
    if (present !== undefined) takeOver(descriptor, present);
    writeFileSync(descriptor, content);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Gives the open file the owner and mode of the one that it is to replace. */
function takeOver(descriptor: number, { uid, gid, mode }: Stats): void {
  const own = fstatSync(descriptor);
  if (own.uid !== uid || own.gid !== gid) fchownSync(descriptor, uid, gid);
  fchmodSync(descriptor, mode & 0o7777);
}

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

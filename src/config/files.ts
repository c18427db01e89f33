/** Reads files that settings name. Nothing that a path can be makes it wait or throw anything but {@link FileError}. */
import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats } from 'node:fs';

/** Why a path is no readable file: an error code of the system, or what is there instead of a file. */
export class FileError extends Error {
  readonly reason: string;

  constructor(reason: string) {
    super(reason);
    this.reason = reason;
  }
}

const SENTENCES: Readonly<Record<string, (path: string) => string>> = {
  ENOENT: (path) => `there is no file ${path}`,
  ENOTDIR: (path) => `there is no file ${path}: a part of its path is no folder`,
  EACCES: (path) => `this user has no permission to read ${path}, or to enter a folder on its path`,
  EPERM: (path) => `this user has no permission to read ${path}`,
  ELOOP: (path) => `the symbolic links of ${path} form a loop`,
  ENAMETOOLONG: () => 'a file name may not be so long',
};

/** The text of the regular file at `path`. Rejects everything else, a FIFO too, without waiting for it. */
export function readTextFile(path: string, maxBytes: number): string {
  return withFile(path, (descriptor, { size }) => {
    if (size > maxBytes) throw new FileError(`a file of more than ${maxBytes} bytes`);
    return readFileSync(descriptor, 'utf8');
  });
}

/** Why the path is no readable regular file; undefined: it is one. */
export function fileProblem(path: string): FileError | undefined {
  try {
    return withFile(path, () => undefined);
  } catch (error) {
    if (error instanceof FileError) return error;
    throw error;
  }
}

/** @param path As it may be shown. */
export function describeFileProblem({ reason }: FileError, path: string): string {
  const sentence = SENTENCES[reason];
  if (sentence !== undefined) return sentence(path);
  return `${path} cannot be read (${reason})`;
}

function withFile<T>(path: string, use: (descriptor: number, stats: Stats) => T): T {
  if (path.includes('\0')) throw new FileError('its name holds a NUL');
  let descriptor: number | undefined;
  try {
    // A FIFO without a writer would keep a plain open waiting.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) throw new FileError(kindOf(stats));
    return use(descriptor, stats);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    // Opening a socket says ENXIO.
    throw new FileError(code === 'ENXIO' ? 'a socket or a device' : code);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return 'a folder';
  if (stats.isFIFO()) return 'a FIFO';
  return 'a device';
}

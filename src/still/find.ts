/** Finds the still images that the arguments of `ghostcam detect` name, one at a time, so that a large folder costs no memory. */
import type { Dirent, Stats } from 'node:fs';
import { opendir, stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { GhostcamError } from '../errors.js';
import type { StillFile } from './file.js';

/** Of JPEG, PNG and WebP. */
const EXTENSIONS = new Set(['.jpg', '.jpeg', '.jpe', '.jfif', '.jif', '.png', '.webp']);

/**
 * Yields files as given, and the images of folders with their subfolders, each folder sorted by name; the error of a folder that cannot be
 * read, and what lies beside it.
 * Rejects with IMAGE for what is not there, and for what is neither a file nor a folder: reading a pipe might never end.
 */
export async function* findImages(paths: readonly string[]): AsyncGenerator<StillFile | GhostcamError> {
  for (const path of paths) {
    const stats = await statsOf(path);
    if (stats.isDirectory()) yield* imagesIn(Buffer.from(path));
    else if (stats.isFile()) yield { path: Buffer.from(path), name: path };
    else throw new GhostcamError('IMAGE', `${JSON.stringify(path)} is neither a file nor a folder`);
  }
}

async function statsOf(path: string): Promise<Stats> {
  try {
    return await stat(path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const what = JSON.stringify(path);
    if (code !== 'ENOENT') throw new GhostcamError('IMAGE', `${what} cannot be read (${code})`, { cause });
    // An argument of a program is text; bytes that are no UTF-8 have become this character, and are lost.
    if (path.includes('\uFFFD')) {
      throw new GhostcamError('IMAGE', `there is no file or folder ${what}, or its name is not UTF-8`, {
        cause,
        remedy: 'name the folder that it is in, or rename it',
      });
    }
    throw new GhostcamError('IMAGE', `there is no file or folder ${what}`, { cause });
  }
}

async function* imagesIn(folder: Buffer): AsyncGenerator<StillFile | GhostcamError> {
  const entries: Dirent<Buffer>[] = [];
  try {
    for await (const entry of await opendir(folder, { encoding: 'buffer' as BufferEncoding })) {
      entries.push(entry as unknown as Dirent<Buffer>);
    }
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    yield new GhostcamError('IMAGE', `the folder ${folder} cannot be read (${code})`, { cause });
  }
  entries.sort((a, b) => Buffer.compare(a.name, b.name));
  for (const entry of entries) {
    const path = Buffer.concat([folder, Buffer.from('/'), entry.name]);
    const name = path.toString();
    if (entry.isDirectory()) yield* imagesIn(path);
    else if (EXTENSIONS.has(extname(name).toLowerCase()) && (await isFile(path))) yield { path, name };
  }
}

/** Follows links; false also for a link that leads nowhere. */
async function isFile(path: Buffer): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false;
}

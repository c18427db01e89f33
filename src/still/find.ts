/** Finds the pictures that the arguments of `ghostcam detect` name, one at a time, so that a large folder costs no memory. */
import { opendir, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { GhostcamError } from '../errors.js';

const EXTENSIONS = new Set(['.jpg', '.jpeg', '.png', '.webp']);

/** Yields files as given, and the pictures of folders with their subfolders, each folder sorted by name. */
export async function* findImages(paths: readonly string[]): AsyncGenerator<string> {
  for (const path of paths) {
    const entry = await stat(path).catch(() => undefined);
    if (entry === undefined) {
      throw new GhostcamError('IMAGE', `there is no file or folder ${JSON.stringify(path)}`);
    }
    if (entry.isDirectory()) yield* imagesIn(path);
    else yield path;
  }
}

async function* imagesIn(folder: string): AsyncGenerator<string> {
  const entries: { name: string; directory: boolean }[] = [];
  for await (const entry of await opendir(folder)) {
    entries.push({ name: entry.name, directory: entry.isDirectory() });
  }
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const { name, directory } of entries) {
    const path = join(folder, name);
    if (directory) yield* imagesIn(path);
    else if (EXTENSIONS.has(extname(name).toLowerCase())) yield path;
  }
}

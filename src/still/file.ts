/** A still image on the disk. */
export interface StillFile {
  /** As the file system has it: a name need not be UTF-8. */
  path: Buffer;
  /** The same for people. */
  name: string;
}

/** A file whose name is UTF-8. */
export function stillFile(path: string): StillFile {
  return { path: Buffer.from(path), name: path };
}

/** Appends cameras to an env file in one step: a reader sees the file as it was, or with all of them. */
import {
  chownSync,
  closeSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { addCameras, type NewCamera } from '../config/env-edit.js';
import { parseEnvFile } from '../config/env-file.js';
import { FileError, readTextFile } from '../config/files.js';
import { configError } from '../config/load.js';
import { Unexpected } from '../config/values.js';
import { GhostcamError } from '../errors.js';

const MAX_BYTES = 2 ** 18;
/** It holds passwords. */
const PRIVATE = 0o600;

/** @throws GhostcamError CONFIG where it cannot be read or written, or has lines that cannot be read. */
export function writeCameras(path: string, cameras: readonly NewCamera[]): void {
  try {
    const { target, text, mode, owner } = present(path);
    const added = addCameras(text, cameras);
    const { mistakes } = parseEnvFile(added, path);
    // What does not read well would read worse with more lines, or be destroyed.
    if (mistakes.length > 0) throw configError(mistakes, path);
    replaceFile(target, added, mode, owner);
  } catch (cause) {
    if (cause instanceof GhostcamError) throw cause;
    if (cause instanceof Unexpected) {
      throw new GhostcamError(
        'CONFIG',
        `user name or password cannot be written to an env file: ${cause.message}`,
        {
          cause,
          remedy:
            'change the password at the camera, or name a file that holds it: CAMERA_<NAME>_PASSWORD_FILE',
        },
      );
    }
    const { message } = cause as Error;
    throw new GhostcamError('CONFIG', `${path} cannot be written: ${message}`, {
      cause,
      remedy: 'name another file with --env-file, or run this as its owner',
    });
  }
  const names = cameras.map(({ name }) => name).join(', ');
  console.log(`\nWrote ${names} to ${path}. Try them: ghostcam doctor --env-file ${path}`);
}

interface Present {
  target: string;
  text: string;
  mode: number;
  owner: { uid: number; gid: number } | undefined;
}

/** The file as it is, behind its symbolic links; a new one is for its owner only. */
function present(path: string): Present {
  try {
    const target = realpathSync(path);
    const { mode, uid, gid } = statSync(target);
    return { target, text: readTextFile(target, MAX_BYTES), mode: mode & 0o777, owner: { uid, gid } };
  } catch (error) {
    if (error instanceof FileError || (error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return { target: path, text: '', mode: PRIVATE, owner: undefined };
  }
}

function replaceFile(path: string, text: string, mode: number, owner: Present['owner']): void {
  const temporary = `${path}.${process.pid}.new`;
  try {
    const descriptor = openSync(temporary, 'wx', mode);
    try {
      if (owner !== undefined && owner.uid !== process.getuid?.()) chownSync(temporary, owner.uid, owner.gid);
      writeSync(descriptor, text);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** Appends cameras to an env file in one step: a reader sees the file as it was, or with all of them. */
import { statSync } from 'node:fs';
import { addCameras, type NewCamera } from '../config/env-edit.js';
import { parseEnvFile } from '../config/env-file.js';
import { readTextFile } from '../config/files.js';
import { configError } from '../config/load.js';
import { Unexpected } from '../config/values.js';
import { GhostcamError } from '../errors.js';
import { writeWhole } from './output-file.js';

const MAX_BYTES = 2 ** 18;
/** It holds passwords. */
const PRIVATE = 0o600;

/** @throws GhostcamError CONFIG where it cannot be read or written, or has lines that cannot be read. */
export function writeCameras(path: string, cameras: readonly NewCamera[]): void {
  try {
    const added = addCameras(present(path), cameras);
    const { mistakes } = parseEnvFile(added, path);
    // What does not read well would read worse with more lines, or be destroyed.
    if (mistakes.length > 0) throw configError(mistakes, path);
    writeWhole(path, added, PRIVATE);
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

/** Empty where there is no file. */
function present(path: string): string {
  return statSync(path, { throwIfNoEntry: false }) === undefined ? '' : readTextFile(path, MAX_BYTES);
}

/**
 * A library for another processor than this can end the process that loads it, with no chance to say why. Debian 13's
 * libonnxruntime1.21 does so on arm64 processors without half-precision arithmetic (Raspberry Pi 3, 4 and Zero 2).
 */
import { execFile } from 'node:child_process';
import { GhostcamError } from '../errors.js';
import { addonPath } from '../native/addon.js';

const TIMEOUT_MS = 60_000;
const LOAD = 'require(process.argv[1]).loadRuntime(process.argv[2])';

/** Loads an ONNX Runtime in a process of its own. Rejects with RUNTIME when that process did not survive it. */
export function surviveLoading(library: string): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, ['-e', LOAD, addonPath(), library], { timeout: TIMEOUT_MS }, (error) => {
      // An orderly failure is left to the real loading, which tells its reason.
      if (error?.signal) reject(crash(library, error.signal));
      else resolve();
    });
  });
}

/** What to say of a library whose process was ended by a signal. */
export function crash(library: string, signal: NodeJS.Signals): GhostcamError {
  if (signal === 'SIGILL') {
    return new GhostcamError('RUNTIME', `${library} uses instructions that this processor does not have`, {
      remedy: 'remove that package, or set ONNXRUNTIME_LIB to a library for this processor',
    });
  }
  return new GhostcamError('RUNTIME', `${library} crashes when it is used (${signal})`, {
    remedy: 'remove that package, or set ONNXRUNTIME_LIB to another library',
  });
}

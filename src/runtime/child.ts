/**
 * What may end the process is done in a child process: a library for another processor does so when it is loaded, with no
 * chance to say why. Debian 13's libonnxruntime1.21 is one, on arm64 processors without half-precision arithmetic (Raspberry
 * Pi 3, 4 and Zero 2).
 */
import { type ExecFileException, execFile } from 'node:child_process';
import { GhostcamError } from '../errors.js';
import { addonPath } from '../native/addon.js';

const LOAD_TIMEOUT_MS = 60_000;
/** Of a Node that has nothing to do, on a slow board as well. */
const START_TIMEOUT_MS = 20_000;
const LOAD = 'require(process.argv[1]).loadRuntime(process.argv[2])';

/** How a child process ended that was not killed. */
export interface ChildEnd {
  stdout: string;
  stderr: string;
}

/**
 * Runs Node on `args` in a process of its own.
 * @param library The ONNX Runtime library that it tries, for the message.
 * @returns Its output, whatever its exit code. Rejects with RUNTIME when it was ended by a signal or took too long, and with ADDON when
 * that is no fault of the library, as no Node starts here.
 */
export async function runChild(
  library: string,
  args: readonly string[],
  timeoutMs: number,
): Promise<ChildEnd> {
  const { error, ...end } = await runNode(args, timeoutMs);
  const failure = error === null ? undefined : explain(library, error, timeoutMs);
  if (failure === undefined) return end;
  const nothing = await runNode(['-e', ''], START_TIMEOUT_MS);
  if (nothing.error === null) throw failure;
  throw new GhostcamError('ADDON', 'no second process of Node starts here', {
    remedy: 'raise the limit of processes (ulimit -u, TasksMax= of a service), or of memory',
  });
}

function runNode(
  args: readonly string[],
  timeoutMs: number,
): Promise<ChildEnd & { error: ExecFileException | null }> {
  return new Promise((resolve) => {
    try {
      execFile(process.execPath, args, { timeout: timeoutMs }, (error, stdout, stderr) =>
        resolve({ error, stdout, stderr }),
      );
    } catch (error) {
      // Where there is no memory for a process, at once.
      resolve({ error: error as Error, stdout: '', stderr: '' });
    }
  });
}

/** Loads an ONNX Runtime in a process of its own. Rejects like {@link runChild}. */
export async function checkLoading(library: string): Promise<void> {
  // An orderly failure is left to the real loading, which says its reason.
  await runChild(library, ['-e', LOAD, addonPath(), library], LOAD_TIMEOUT_MS);
}

/** Undefined: it ended by itself. */
function explain(library: string, error: ExecFileException, timeoutMs: number): GhostcamError | undefined {
  if (error.killed) {
    return new GhostcamError('RUNTIME', `${library} did not answer within ${timeoutMs / 1000} s`, {
      remedy: 'remove that package, or set ONNXRUNTIME_LIB to another library',
    });
  }
  return error.signal ? crash(library, error.signal) : undefined;
}

/** The error for a library whose process was ended by a signal. */
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

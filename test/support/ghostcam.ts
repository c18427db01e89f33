/** The built program, run as its users run it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';

export const PROGRAM = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a command to its end. `environment` is added to PATH and HOME, and to nothing else. */
export async function ghostcam(
  args: readonly string[],
  environment: Record<string, string> = {},
): Promise<Finished> {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, ['--', PROGRAM, ...args], { env: { PATH, HOME, ...environment } });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, stdout, stderr };
}

/** The daemon, or another command, in a process of its own, configured by `environment` alone. */
export class Daemon {
  readonly #child: ChildProcess;
  readonly #closed: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  #output = '';

  /** @param wrapper A program and its arguments that run it, such as one that changes what it sees of the machine. */
  constructor(
    environment: Record<string, string>,
    args: readonly string[] = ['run'],
    wrapper: readonly string[] = [],
  ) {
    const { PATH = '', HOME = '' } = process.env;
    const [program = '', ...rest] = [...wrapper, process.execPath, '--', PROGRAM, ...args];
    this.#child = spawn(program, rest, {
      env: { PATH, HOME, ...environment },
      cwd: tmpdir(),
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text) => {
        this.#output += text;
      });
    }
    this.#closed = new Promise((resolve) =>
      this.#child.once('close', (code, signal) => resolve({ code, signal })),
    );
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  /** All that it has written to stdout and stderr. */
  get output(): string {
    return this.#output;
  }

  /** Sends the signal and resolves with how it ended. */
  stop(signal: NodeJS.Signals): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
    this.#child.kill(signal);
    return this.#closed;
  }

  async kill(): Promise<void> {
    await this.stop('SIGKILL');
  }
}

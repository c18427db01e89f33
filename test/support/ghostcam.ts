/** The built program, run as its users run it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';

export const PROGRAM = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

/** Those of Node that the first line of a program has. */
export function nodeOptions(program = PROGRAM): string[] {
  const [, options = '--'] = /^#!\/usr\/bin\/env -S node (.+)/.exec(readFileSync(program, 'utf8')) ?? [];
  return options.split(' ');
}

export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Of all daemons of the tests: what one has found out of this machine, the next need not. */
const XDG_STATE_HOME = fileURLToPath(new URL('../../.cache/state', import.meta.url));

/** What is in the environment of every program: nothing of whoever runs the tests but PATH and HOME. */
function common(): Record<string, string> {
  const { PATH = '', HOME = '' } = process.env;
  return { PATH, HOME, XDG_STATE_HOME };
}

/** Runs a command to its end. `environment` is added to {@link common}. */
export async function ghostcam(
  args: readonly string[],
  environment: Record<string, string> = {},
): Promise<Finished> {
  const child = spawn(process.execPath, [...nodeOptions(), PROGRAM, ...args], {
    env: { ...common(), ...environment },
  });
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
    const [program = '', ...rest] = [...wrapper, process.execPath, ...nodeOptions(), PROGRAM, ...args];
    this.#child = spawn(program, rest, {
      env: { ...common(), ...environment },
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

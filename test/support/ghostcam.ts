/** The built program, run as its users run it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';

export const PROGRAM = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

/**
 * The command that runs a program as its first line says, by this Node: variables of its environment and Node's options.
 * @param more Further options of Node.
 */
export function commandOf(program = PROGRAM, more: readonly string[] = []): string[] {
  const { variables, options } = firstLineOf(program);
  return ['/usr/bin/env', ...variables, process.execPath, ...more, ...options, program];
}

/** What the first line of a program says: `NAME=value` for its environment, and options for Node. */
export function firstLineOf(program = PROGRAM): { variables: string[]; options: string[] } {
  const [, before = '', after = '--'] =
    /^#!\/usr\/bin\/env -S (.*?)\bnode (.+)/.exec(readFileSync(program, 'utf8')) ?? [];
  return { variables: before.split(' ').filter(Boolean), options: after.split(' ') };
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

/** Runs a command to its end. `environment` is added to {@link common}. @param wrapper A program and its arguments that run it. */
export async function ghostcam(
  args: readonly string[],
  environment: Record<string, string> = {},
  wrapper: readonly string[] = [],
): Promise<Finished> {
  const [file = '', ...before] = [...wrapper, ...commandOf()];
  const child = spawn(file, [...before, ...args], {
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
    const [program = '', ...rest] = [...wrapper, ...commandOf(), ...args];
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

  /** Resolves with how it ended by itself. */
  get ended(): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
    return this.#closed;
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

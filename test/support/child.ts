import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';

const running = new Set<ChildProcessWithoutNullStreams>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A real program that a test talks to. Its output is kept for the message of whatever goes wrong. */
export class Child {
  readonly #name: string;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #closed: Promise<void>;
  readonly #watchers = new Set<() => void>();
  #output = '';
  #over = false;

  constructor(command: string, args: readonly string[]) {
    this.#name = command;
    this.#child = spawn(command, args);
    running.add(this.#child);
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text;
        this.#notify();
      });
    }
    this.#child.on('error', (error) => {
      this.#output += `${error.message}\n`;
    });
    // Not events.once(): a failed start is an 'error' too, and outputMatch() reports it.
    this.#closed = new Promise((resolve) => {
      this.#child.once('close', () => {
        running.delete(this.#child);
        this.#over = true;
        this.#notify();
        resolve();
      });
    });
  }

  /** Everything it has written. */
  get output(): string {
    return this.#output;
  }

  /** Waits until its output matches. @throws Error with the output when it ends first. */
  outputMatch(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const check = () => {
        const match = pattern.exec(this.#output);
        if (match === null && !this.#over) return;
        this.#watchers.delete(check);
        if (match !== null) resolve(match);
        else reject(new Error(`${this.#name} ended before it said ${pattern}:\n${this.#output}`));
      };
      this.#watchers.add(check);
      check();
    });
  }

  /** Resolves when it is gone. */
  get closed(): Promise<void> {
    return this.#closed;
  }

  /** Types into its standard input. */
  write(text: string): void {
    this.#child.stdin.write(text);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Ends it, also when frozen; resolves when it is gone. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    this.#child.kill(signal);
    this.#child.kill('SIGCONT');
    await this.#closed;
  }

  #notify(): void {
    for (const check of [...this.#watchers]) check();
  }
}

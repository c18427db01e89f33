/** Says "alive" by the modification time of a file, for a container's health check. */
import { closeSync, constants, futimesSync, openSync } from 'node:fs';
import type { Clock } from '../clock.js';
import type { Log } from './log.js';

/** Without O_NONBLOCK a named pipe that nobody reads would stop the event loop. */
const FLAGS = constants.O_WRONLY | constants.O_CREAT | constants.O_NONBLOCK;

export class Heartbeat {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #log: Log;
  #lastProblem: string | undefined;

  constructor(path: string, clock: Clock, log: Log) {
    this.#path = path;
    this.#clock = clock;
    this.#log = log;
  }

  /** Never throws: a file that cannot be written is logged once, until it could be written in between. */
  beat(): void {
    const problem = this.#touch();
    if (problem !== undefined && problem !== this.#lastProblem) {
      this.#log.warn(`the heartbeat file cannot be written (${problem}): ${JSON.stringify(this.#path)}`, {
        remedy: 'name a file that this user may write to with --heartbeat',
      });
    }
    this.#lastProblem = problem;
  }

  /** @returns Why it could not be touched: the system's code. */
  #touch(): string | undefined {
    try {
      const file = openSync(this.#path, FLAGS, 0o644);
      try {
        const now = this.#clock.wallTime() / 1000;
        futimesSync(file, now, now);
      } finally {
        closeSync(file);
      }
      return undefined;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code ?? (error as Error).message;
    }
  }
}

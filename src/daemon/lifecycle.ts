/** Starts the parts of the daemon in order and stops them in reverse. */

import type { Log } from '../observe/log.js';
import { logError } from '../observe/log-error.js';

/** What every part of the daemon can be asked for. */
export interface Part {
  /** Resolves when the part works, or has begun to try. Rejects when it never will. */
  start?(): void | Promise<void>;
  /** Resolves when the part has let go of everything. Also called after a start() that failed half-way. */
  stop(): void | Promise<void>;
}

export class Lifecycle {
  readonly #log: Log;
  readonly #started: { name: string; part: Part }[] = [];

  constructor(log: Log) {
    this.#log = log;
  }

  /** Starts a part, which is stopped before all those that were started earlier. Rejects as its start() does. */
  async start(name: string, part: Part): Promise<void> {
    this.#started.push({ name, part });
    await part.start?.();
  }

  /** Stops what was started, the newest first. Never rejects: a part that fails to stop must not keep the others running. */
  async stop(): Promise<void> {
    for (let last = this.#started.pop(); last !== undefined; last = this.#started.pop()) {
      try {
        await last.part.stop();
      } catch (error) {
        logError(this.#log, `${last.name} could not be stopped`, error);
      }
    }
  }
}

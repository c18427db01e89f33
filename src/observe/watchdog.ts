/** Checks at intervals that the daemon does its work, and says so to whoever restarts it when that ceases. */
import type { Log } from './log.js';

export interface WatchdogOptions {
  /** What stands still since the last call; undefined: nothing does. */
  stuck: () => string | undefined;
  intervalMs: number;
  /** Called for as long as nothing stands still. */
  alive: () => void;
  log: Log;
}

export class Watchdog {
  readonly #options: WatchdogOptions;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: WatchdogOptions) {
    this.#options = options;
  }

  start(): void {
    const { stuck, intervalMs, alive, log } = this.#options;
    let last: string | undefined;
    alive();
    this.#timer = setInterval(() => {
      const problem = stuck();
      if (problem === undefined) alive();
      // Where nobody starts it anew it is said once.
      else if (problem !== last) log.error(`${problem}: leaving it to the watchdog to start ghostcam anew`);
      last = problem;
    }, intervalMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

/** Warnings that strangers can cause as often as they like: at most one line in a time, with a count of those left out. */
import type { Clock } from '../clock.js';
import type { Log } from './log.js';

export class LimitedLog {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #intervalMs: number;
  #lastAt = Number.NEGATIVE_INFINITY;
  #leftOut = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(log: Log, clock: Clock, intervalMs: number) {
    this.#log = log;
    this.#clock = clock;
    this.#intervalMs = intervalMs;
  }

  /** Writes the warning, or counts it when there was one a moment ago. */
  warn(message: string, fields: Record<string, unknown> = {}): void {
    const elapsed = this.#clock.monotonic() - this.#lastAt;
    if (elapsed < this.#intervalMs) {
      this.#leftOut += 1;
      this.#timer ??= setTimeout(() => this.#report(), this.#intervalMs - elapsed).unref();
      return;
    }
    this.#lastAt = this.#clock.monotonic();
    this.#log.warn(message, fields);
  }

  /** Writes what was counted. */
  stop(): void {
    if (this.#leftOut > 0) this.#report();
  }

  #report(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#log.warn(`${this.#leftOut} more of the same kind in the last ${this.#intervalMs / 1000} s`);
    this.#leftOut = 0;
    this.#lastAt = this.#clock.monotonic();
  }
}

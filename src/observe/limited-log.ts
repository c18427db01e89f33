/** Lines that strangers can cause as often as they like: few of them in a time, one by default, with a count of those left out. */
import type { Clock } from '../clock.js';
import type { Log } from './log.js';

export class LimitedLog {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #most: number;
  /** Of the time that runs. */
  #beganAt = Number.NEGATIVE_INFINITY;
  #written = 0;
  #leftOut = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param most Lines in `intervalMs` milliseconds. */
  constructor(log: Log, clock: Clock, intervalMs: number, most = 1) {
    this.#log = log;
    this.#clock = clock;
    this.#intervalMs = intervalMs;
    this.#most = most;
  }

  /** Writes the warning, or counts it when there were enough a moment ago. */
  warn(message: string, fields: Record<string, unknown> = {}): void {
    if (this.#isRoom()) this.#log.warn(message, fields);
  }

  /** The same of what needs nobody's attention. */
  info(message: string): void {
    if (this.#isRoom()) this.#log.info(message);
  }

  #isRoom(): boolean {
    const now = this.#clock.monotonic();
    const elapsed = now - this.#beganAt;
    if (elapsed >= this.#intervalMs) {
      this.#beganAt = now;
      this.#written = 0;
    } else if (this.#written >= this.#most) {
      this.#leftOut += 1;
      this.#timer ??= setTimeout(() => this.#report(), this.#intervalMs - elapsed).unref();
      return false;
    }
    this.#written += 1;
    return true;
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
    this.#beganAt = this.#clock.monotonic();
    this.#written = this.#most;
  }
}

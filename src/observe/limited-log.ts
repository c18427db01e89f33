/** Lines that strangers can cause as often as they like: few of them in a time, one by default, then a count of the others and the last of them. */
import type { Clock } from '../clock.js';
import type { Log } from './log.js';

const MINUTE_MS = 60_000;

export interface Limits {
  /** Of the lines, and so of their count. */
  level: 'info' | 'warn' | 'error';
  /** What the lines are or are about, in the plural: the count says it. */
  what: string;
  /** Milliseconds; a minute by default. */
  intervalMs?: number;
  /** Lines in that time; 1 by default. */
  most?: number;
}

export class LimitedLog {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #limits: Required<Limits>;
  /** Of the time that runs. */
  #beganAt = Number.NEGATIVE_INFINITY;
  #written = 0;
  #leftOut = 0;
  #last = '';
  #timer: NodeJS.Timeout | undefined;

  constructor(log: Log, clock: Clock, { intervalMs = MINUTE_MS, most = 1, ...limits }: Limits) {
    this.#log = log;
    this.#clock = clock;
    this.#limits = { ...limits, intervalMs, most };
  }

  /** Writes the line, or counts it when there were enough a moment ago. */
  write(message: string, fields: Record<string, unknown> = {}): void {
    if (this.#isRoom()) this.#log[this.#limits.level](message, fields);
    else this.#last = message;
  }

  #isRoom(): boolean {
    const { intervalMs, most } = this.#limits;
    const now = this.#clock.monotonic();
    const elapsed = now - this.#beganAt;
    if (elapsed >= intervalMs) {
      this.#beganAt = now;
      this.#written = 0;
    } else if (this.#written >= most) {
      this.#leftOut += 1;
      this.#timer ??= setTimeout(() => this.#report(), intervalMs - elapsed).unref();
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
    const { level, what, intervalMs, most } = this.#limits;
    // What holds now may be the last one: the state of a camera, a setting.
    this.#log[level](
      `${this.#leftOut} more ${what} in the last ${intervalMs / 1000} s; the last: ${this.#last}`,
    );
    this.#leftOut = 0;
    this.#beganAt = this.#clock.monotonic();
    this.#written = most;
  }
}

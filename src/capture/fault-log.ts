/** Which faults of a camera are logged: each at its first time, then at growing intervals, with how often it was seen. */
import type { Clock } from '../clock.js';

const FIRST_INTERVAL_MS = 60_000;
const LAST_INTERVAL_MS = 3_600_000;
const GROWTH = 4;
/** Reasons can hold what a camera says, which can be new each time: from then on those that are new are one fault. */
const MAX_FAULTS = 16;
const OTHERS = Symbol('reasons beyond those');

interface Fault {
  count: number;
  /** How often it was seen when it was logged last, when that was, and how long it is not logged from then on. */
  logged: number;
  at: number;
  interval: number;
}

export class FaultLog {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #faults = new Map<string | typeof OTHERS, Fault>();

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** How often the fault was seen since it was logged last, this time included, when it is to be logged now. */
  seen(reason: string): number | undefined {
    const now = this.#clock.monotonic();
    const key = this.#faults.has(reason) || this.#faults.size < MAX_FAULTS ? reason : OTHERS;
    const fault = this.#faults.get(key);
    if (fault === undefined) {
      this.#faults.set(key, { count: 1, logged: 1, at: now, interval: FIRST_INTERVAL_MS });
      return 1;
    }
    fault.count += 1;
    if (now - fault.at < fault.interval) return undefined;
    const times = fault.count - fault.logged;
    const interval = Math.min(LAST_INTERVAL_MS, fault.interval * GROWTH);
    Object.assign(fault, { logged: fault.count, at: now, interval });
    return times;
  }

  /** What was wrong is over: the next time is the first again. */
  clear(): void {
    this.#faults.clear();
  }
}

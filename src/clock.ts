import { setTimeout as delay } from 'node:timers/promises';

/** Time as supervision sees it; tests pass their own. */
export interface Clock {
  /** Milliseconds since the Unix epoch, for messages: may jump, as on a board without a clock chip at its first NTP answer. */
  wallTime(): number;
  /** Milliseconds that never jump, for measuring. */
  monotonic(): number;
  /** Resolves after so many milliseconds, or at once when the signal aborts: look at the signal to tell. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  wallTime: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) => delay(ms, undefined, { signal }).catch(() => {}),
};

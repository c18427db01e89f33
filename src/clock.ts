/** Time: the wall clock, which people read and which jumps, the monotonic clock, by which durations are measured, and turns of the event loop. */
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';

/** The one source of time. Tests pass their own. */
export interface Clock {
  /**
   * Milliseconds since the Unix epoch, for what people read. It jumps: a board without a battery clock starts in the past and
   * is corrected by its first NTP answer.
   */
  wallTime(): number;
  /** Milliseconds since an arbitrary moment, for durations. It never jumps. */
  monotonic(): number;
  /** Resolves after so many milliseconds, or at once when the signal aborts, which the signal itself says. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** One moment on both clocks, in milliseconds. */
export interface Moment {
  wall: number;
  monotonic: number;
}

export const systemClock: Clock = {
  wallTime: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) => delay(ms, undefined, { signal }).catch(() => {}),
};

/** Now, on both clocks. */
export function momentOf(clock: Clock): Moment {
  return { wall: clock.wallTime(), monotonic: clock.monotonic() };
}

/** Resolves when all that had arrived is read: two turns of the event loop have one complete poll for input between them. */
export async function pollForInput(): Promise<void> {
  await turn();
  await turn();
}

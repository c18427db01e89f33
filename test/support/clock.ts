import { type Clock, systemClock } from '../../src/clock.js';

/** Time that runs so many times as fast, so that a test need not wait a minute for what takes a minute. */
export function fastClock(factor: number): Clock {
  return {
    wallTime: () => systemClock.wallTime(),
    monotonic: () => systemClock.monotonic() * factor,
    sleep: (ms, signal) => systemClock.sleep(ms / factor, signal),
  };
}

/** How late the event loop runs its timers: what a blocking call in the daemon would show up as. */
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';

export interface EventLoopDelay {
  p50: number;
  p99: number;
}

export class EventLoopMonitor {
  readonly #resolutionMs: number;
  readonly #histogram: IntervalHistogram;

  /** @param resolutionMs How often a timer wakes the process: fifty times a second take .25 % of a core of an x86, ten .07 %. */
  constructor(resolutionMs: number) {
    this.#resolutionMs = resolutionMs;
    this.#histogram = monitorEventLoopDelay({ resolution: resolutionMs });
  }

  start(): void {
    this.#histogram.enable();
  }

  stop(): void {
    this.#histogram.disable();
  }

  /** Milliseconds of lateness since the last call, rounded to 0.1. */
  flush(): EventLoopDelay {
    // The histogram holds the intervals between ticks of a timer, so an idle loop reads as the timer's own period.
    const late = (percentile: number) =>
      Math.max(0, Math.round((this.#histogram.percentile(percentile) / 1e6 - this.#resolutionMs) * 10) / 10);
    const delay = { p50: late(50), p99: late(99) };
    this.#histogram.reset();
    return delay;
  }
}

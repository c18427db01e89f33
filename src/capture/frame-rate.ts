/** How many frames a camera gives. */
import type { Clock } from '../clock.js';

const WINDOW_MS = 10_000;

/** Frames a second over the last ten seconds. */
export class FrameRate {
  readonly #clock: Clock;
  readonly #times: number[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** So many frames have come since the last call. */
  tick(frames = 1): void {
    const now = this.#clock.monotonic();
    const before = this.#times.at(-1) ?? now;
    for (let frame = 1; frame <= frames; frame++)
      this.#times.push(before + ((now - before) * frame) / frames);
    this.#forgetOld();
  }

  perSecond(): number {
    this.#forgetOld();
    const first = this.#times[0];
    if (first === undefined) return 0;
    // Over the time up to now, not to the last frame: a camera that fell silent slows down instead of keeping its rate.
    const elapsed = this.#clock.monotonic() - first;
    return elapsed > 0 ? ((this.#times.length - 1) * 1_000) / elapsed : 0;
  }

  #forgetOld(): void {
    const oldest = this.#clock.monotonic() - WINDOW_MS;
    while (this.#times.length > 0 && (this.#times[0] as number) < oldest) this.#times.shift();
  }
}

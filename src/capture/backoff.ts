/** How long to wait before ffmpeg is started again. */

const FIRST_MS = 1_000;
const LAST_MS = 30_000;
/** For a camera that was there a moment ago, as long as it takes to close its old connection. */
const QUICK_MS = 200;
/** A run whose frames came for this long was good: what ended it is new trouble, and the camera may be back already. */
const GOOD_RUN_MS = 5_000;
/** Up to this share of the delay is taken off at random, so that cameras behind one switch do not return in step. */
const JITTER = 0.25;

/**
 * Delays between attempts: 1, 2, 4 … 30 seconds, less jitter, for a camera that gives no picture. One that gave some is tried again
 * at once first; after a good run this begins anew.
 */
export class Backoff {
  readonly #random: () => number;
  /** 0: the next delay is the quick one; n: 2^(n-1) seconds. */
  #step = 0;

  /** @param random Uniform in [0, 1). */
  constructor(random: () => number) {
    this.#random = random;
  }

  /**
   * Milliseconds to wait before the next attempt.
   * @param framesCameFor Milliseconds from the first frame of the run that ended to its end; undefined: it had none.
   */
  next(framesCameFor: number | undefined): number {
    if (framesCameFor === undefined) this.#step = Math.max(1, this.#step);
    else if (framesCameFor >= GOOD_RUN_MS) this.#step = 0;
    const whole = this.#step === 0 ? QUICK_MS : Math.min(LAST_MS, FIRST_MS * 2 ** (this.#step - 1));
    if (whole < LAST_MS) this.#step += 1;
    return Math.round(whole * (1 - JITTER * this.#random()));
  }
}

const firstMs = 1_000;
const lastMs = 30_000;
/** Up to this share of the delay is taken off at random, so that cameras behind one switch do not return in step. */
const jitter = 0.25;

/** Delays between attempts: 1, 2, 4 … 30 seconds, less jitter. */
export class Backoff {
  readonly #random: () => number;
  #attempts = 0;

  /** @param random Uniform in [0, 1). */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** Milliseconds to wait before the next attempt. */
  next(): number {
    const whole = Math.min(lastMs, firstMs * 2 ** this.#attempts);
    if (whole < lastMs) this.#attempts += 1;
    return Math.round(whole * (1 - jitter * this.#random()));
  }

  /** Begin again at one second: what was tried has worked. */
  reset(): void {
    this.#attempts = 0;
  }
}

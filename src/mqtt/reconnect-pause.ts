/** How long to wait before the next attempt to connect, and whether another client has the same client identifier. */

import { REASON } from './reason-sentences.js';
import type { SessionEnd } from './session.js';

/** A broker that comes back must not meet all of its nodes in the same instant. */
const MIN_MS = 1000;
const SPREAD_MS = 2000;
/** Refusals, which seldom mend themselves. */
const REFUSED_MAX_MS = 30_000;
/** A connection that ends sooner, with a reason or because the broker sent what is no MQTT, is as good as refused: the next one would end the same. */
const REFUSED_WITHIN_MS = 20_000;
/** Two clients that throw each other out: while one waits the other works. */
const TAKEN_OVER_MAX_MS = 300_000;
/** A connection that lasted longer was a good one: its end begins a new count. */
const GOOD_MS = 600_000;
/** Accepted connections closed one after the other without a reason, which make the other client the likely one. */
const SUSPICIOUS = 3;

export class ReconnectPause {
  readonly #random: () => number;
  #refusals = 0;
  #takeovers = 0;
  #unexplained = 0;

  /** @param random Uniform in [0, 1). */
  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** Whether accepted connections have been closed so often that another client must have the same identifier. */
  get suspectsTakeover(): boolean {
    return this.#takeovers === 0 && this.#unexplained >= SUSPICIOUS;
  }

  /**
   * @param explained Whether the end has a cause that is known, such as a message that is too large.
   * @returns Milliseconds.
   */
  after({ accepted, reasonCode, error, lastedMs }: SessionEnd, explained: boolean): number {
    if (lastedMs > GOOD_MS) {
      this.#takeovers = 0;
      this.#unexplained = 0;
    }
    const closed = accepted && reasonCode === undefined && error === undefined;
    const isRefusal = accepted
      ? !closed && !explained && lastedMs < REFUSED_WITHIN_MS
      : reasonCode !== undefined;
    this.#refusals = isRefusal ? this.#refusals + 1 : 0;
    if (reasonCode === REASON.sessionTakenOver) this.#takeovers += 1;
    // A broker that is being restarted refuses connections in between.
    if (!accepted) this.#unexplained = 0;
    else if (closed && !explained) this.#unexplained += 1;
    const doublings = this.suspectsTakeover ? this.#unexplained - SUSPICIOUS + 1 : this.#takeovers;
    const [factor, limit] =
      doublings > 0
        ? [2 ** doublings, TAKEN_OVER_MAX_MS]
        : [2 ** Math.max(0, this.#refusals - 2), REFUSED_MAX_MS];
    const pause = (MIN_MS + this.#random() * SPREAD_MS) * Math.min(factor, 1024);
    return Math.min(pause, limit * (0.75 + this.#random() / 4));
  }
}

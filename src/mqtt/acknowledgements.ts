/**
 * Whether the broker still acknowledges what it is sent at QoS 1. A broker that hangs behind its socket answers the keep-alive and nothing
 * else, one that limits its clients forgets single messages: what it has not acknowledged may only be sent again on another connection
 * (MQTT 5, 4.4).
 */
import type { Clock } from '../clock.js';

const PATIENCE_MS = 60_000;
const MAX_PATIENCE_MS = 16 * PATIENCE_MS;

export class Acknowledgements {
  readonly #clock: Pick<Clock, 'monotonic'>;
  /** When each message was sent that is not acknowledged, oldest first. */
  readonly #open = new Set<{ sentAt: number }>();
  /** From then on the oldest can have been on its way to the broker's work. */
  #progressAt = Number.NEGATIVE_INFINITY;
  /** Doubled by each connection that ends for this reason: each sends the same again. */
  #patience = PATIENCE_MS;

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** A new connection, on which all is sent again. */
  connected(): void {
    this.#open.clear();
    this.#progressAt = this.#clock.monotonic();
  }

  /** Notes a message that is sent. Returns what to call when the broker has acknowledged or refused it. */
  sent(): () => void {
    const entry = { sentAt: this.#clock.monotonic() };
    this.#open.add(entry);
    return () => {
      const [oldest] = this.#open;
      // Brokers acknowledge in order: what passes the oldest by is no progress towards it.
      if (entry === oldest) {
        this.#progressAt = this.#clock.monotonic();
        this.#patience = PATIENCE_MS;
      }
      this.#open.delete(entry);
    };
  }

  /** What was sent still waits on this side. */
  held(): void {
    this.#progressAt = this.#clock.monotonic();
  }

  /** Seconds for which the oldest message has not been acknowledged, when that is too long; asked once for each connection. */
  overdue(): number | undefined {
    const [oldest] = this.#open;
    if (oldest === undefined) return undefined;
    const waited = this.#clock.monotonic() - Math.max(oldest.sentAt, this.#progressAt);
    if (waited < this.#patience) return undefined;
    this.#patience = Math.min(MAX_PATIENCE_MS, 2 * this.#patience);
    return Math.round(waited / 1000);
  }
}

/**
 * The size limit of a broker that gives no number: it closes the connection at a message that is too large. What was sent and
 * not yet known to be processed when a connection closes is suspected, the largest first, unless the broker has processed as much on that
 * connection: then it was killed, or the network failed. A size at which the connection has closed twice is not sent again for an hour.
 */
import type { Clock } from '../clock.js';

/** Smaller messages are sent by every broker, so that the cause is another. */
const MIN_BYTES = 1024;
/** A connection that closes later after a message closes for another reason. */
const SUSPECT_MS = 5000;
/** The suspicion may be wrong: an unlucky network closes connections as well. */
const FORGIVE_MS = 3_600_000;

interface Sent {
  number: number;
  topic: string;
  bytes: number;
  at: number;
}

export class SizeSuspicion {
  readonly #clock: Clock;
  /** How many messages were sent so far. */
  #count = 0;
  /** Of the connection of the moment, oldest first: what may be suspected and the broker may not have processed yet. */
  #unconfirmed: Sent[] = [];
  /** The largest message that the broker has processed on the connection of the moment. */
  #processed = 0;
  /** The message at which the connection has closed once, and the largest that was processed since. */
  #suspect: { bytes: number; processed: number } | undefined;
  #limit: { bytes: number; since: number } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The size from which messages are put aside; Infinity: none are. */
  get limit(): number {
    if (this.#limit !== undefined && this.#clock.monotonic() - this.#limit.since > FORGIVE_MS)
      this.#limit = undefined;
    return this.#limit?.bytes ?? Number.POSITIVE_INFINITY;
  }

  /** Notes a message that is sent. Returns its number, for {@link confirmed}. */
  sent(topic: string, bytes: number): number {
    this.#count += 1;
    // A small one is never suspected.
    if (bytes < MIN_BYTES) return this.#count;
    const at = this.#clock.monotonic();
    while (this.#unconfirmed[0] !== undefined && at - this.#unconfirmed[0].at > SUSPECT_MS)
      this.#unconfirmed.shift();
    this.#unconfirmed.push({ number: this.#count, topic, bytes, at });
    return this.#count;
  }

  /** The broker has acknowledged a message, and so all that was sent before it. */
  confirmed(number: number): void {
    while (this.#unconfirmed[0] !== undefined && this.#unconfirmed[0].number <= number) {
      this.#confirm(this.#unconfirmed[0].bytes);
      this.#unconfirmed.shift();
    }
  }

  /** A new connection: what was sent on the last one is not on its way any more. */
  connected(): void {
    this.#unconfirmed = [];
    this.#processed = 0;
  }

  /**
   * The broker has closed the connection without another reason.
   * @param certain It said that a packet was too large.
   * @returns The message that is suspected, and whether its size is put aside from now on; undefined: none is.
   */
  closed(certain: boolean): { topic: string; bytes: number; putAside: boolean } | undefined {
    const now = this.#clock.monotonic();
    const [largest] = this.#unconfirmed
      .filter(({ at }) => certain || now - at <= SUSPECT_MS)
      .filter(({ bytes }) => bytes > this.#processed)
      .sort((a, b) => b.bytes - a.bytes);
    this.#unconfirmed = [];
    if (largest === undefined) return undefined;
    const { topic, bytes } = largest;
    const putAside = certain || (this.#suspect !== undefined && bytes > this.#suspect.processed);
    this.#suspect = putAside ? undefined : { bytes, processed: 0 };
    if (putAside) this.#limit = { bytes, since: now };
    return { topic, bytes, putAside };
  }

  #confirm(bytes: number): void {
    this.#processed = Math.max(this.#processed, bytes);
    if (this.#suspect === undefined) return;
    this.#suspect.processed = Math.max(this.#suspect.processed, bytes);
    if (bytes >= this.#suspect.bytes) this.#suspect = undefined;
  }
}

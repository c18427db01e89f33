/**
 * Names of tracks: the moment the program was started and a counter, both in base 36. Unique on a node across restarts, because
 * two starts are never in the same millisecond, also on a board whose clock is wrong until the network is there.
 */
export class TrackIds {
  readonly #start: string;
  #count = 0;

  /** @param startedAt Milliseconds since the Unix epoch. */
  constructor(startedAt: number) {
    this.#start = startedAt.toString(36);
  }

  next(): string {
    this.#count += 1;
    return `${this.#start}-${this.#count.toString(36)}`;
  }
}

/** Buffers that are used again. V8 counts the bytes of those that are made anew, and collects its whole heap for them. */

/** So many are kept in any case, … */
const ALWAYS = 4;
/** … others as long as they were needed within this time. */
const KEPT_MS = 60_000;

export class SpareBuffers {
  /** The one that was given back last is taken first, so that those that nobody needs are at the beginning. */
  readonly #spare: Uint8Array[] = [];
  /** The fewest that there were since the last look: nobody needed them. */
  #unneeded = 0;
  #look: NodeJS.Timeout | undefined;

  /** One of exactly so many bytes. */
  take(bytes: number): Uint8Array {
    const index = this.#spare.findLastIndex(({ length }) => length === bytes);
    if (index < 0) return new Uint8Array(bytes);
    const [buffer] = this.#spare.splice(index, 1) as [Uint8Array];
    this.#unneeded = Math.min(this.#unneeded, this.#spare.length);
    return buffer;
  }

  /** Its former user must not touch it any more. */
  giveBack(buffer: Uint8Array): void {
    this.#spare.push(buffer);
    this.#lookLater();
  }

  #lookLater(): void {
    if (this.#spare.length > ALWAYS) this.#look ??= setTimeout(() => this.#drop(), KEPT_MS).unref();
  }

  #drop(): void {
    this.#look = undefined;
    this.#spare.splice(0, Math.min(this.#unneeded, this.#spare.length - ALWAYS));
    this.#unneeded = this.#spare.length;
    this.#lookLater();
  }
}

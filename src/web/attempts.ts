/** Bounds how often a password may be guessed: for each address, and in all. */
import type { Clock } from '../clock.js';

const WINDOW_MS = 60_000;
/** Wrong passwords of one address, and of all, in a window. */
const MAX_OF_ADDRESS = 5;
const MAX_OF_ALL = 50;

export class Attempts {
  readonly #clock: Clock;
  #began: number;
  #all = 0;
  readonly #ofAddress = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#began = clock.monotonic();
  }

  /** Seconds until this address may try again; 0: it may. */
  waitS(address: string): number {
    this.#turn();
    const exhausted = this.#all >= MAX_OF_ALL || (this.#ofAddress.get(address) ?? 0) >= MAX_OF_ADDRESS;
    return exhausted ? Math.ceil((this.#began + WINDOW_MS - this.#clock.monotonic()) / 1000) : 0;
  }

  failed(address: string): void {
    this.#turn();
    this.#all += 1;
    this.#ofAddress.set(address, (this.#ofAddress.get(address) ?? 0) + 1);
  }

  /** At most MAX_OF_ALL addresses are remembered, until the window ends. */
  #turn(): void {
    const now = this.#clock.monotonic();
    if (now - this.#began < WINDOW_MS) return;
    this.#began = now;
    this.#all = 0;
    this.#ofAddress.clear();
  }
}

/** Who may see the page: sessions by cookie, kept in memory, so that they end with the daemon. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../clock.js';

const MAX_SESSIONS = 100;
/** A session that is not used for so long ends. */
const IDLE_MS = 30 * 24 * 3_600_000;

export class Sessions {
  readonly #password: Buffer;
  readonly #clock: Clock;
  /** When each was used last, by the hash of its token; the one used longest ago first. */
  readonly #used = new Map<string, number>();

  constructor(password: string, clock: Clock) {
    this.#password = hash(password);
    this.#clock = clock;
  }

  /** Takes the same time for every wrong password. */
  isPassword(text: string): boolean {
    return timingSafeEqual(hash(text), this.#password);
  }

  /** @returns The token of a new session. */
  begin(): string {
    const token = randomBytes(32).toString('base64url');
    this.#used.set(key(token), this.#clock.monotonic());
    const [oldest] = this.#used.keys();
    if (this.#used.size > MAX_SESSIONS && oldest !== undefined) this.#used.delete(oldest);
    return token;
  }

  /** Whether the session stands; it is used by asking. */
  has(token: string): boolean {
    const id = key(token);
    const used = this.#used.get(id);
    if (used === undefined) return false;
    this.#used.delete(id);
    const now = this.#clock.monotonic();
    if (now - used > IDLE_MS) return false;
    this.#used.set(id, now);
    return true;
  }

  end(token: string): void {
    this.#used.delete(key(token));
  }
}

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Tokens are looked up by their hash, so that the time of the look-up says nothing of them. */
function key(token: string): string {
  return hash(token).toString('base64');
}

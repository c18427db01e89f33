/** What a broker has retained, for commands that look for it and clear it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { askToRetain, askToSubscribe, NotGranted } from './answer.js';
import type { Session } from './session.js';
import { explainEnd, openSession, type SingleSessionParts } from './single-session.js';

/** The broker sends what it has retained right after it has granted the subscription: so long nothing must have come any more. */
const QUIET_MS = 500;
const LONGEST_MS = 10_000;

export class RetainedMessages {
  readonly #session: Session;
  /** By topic. */
  readonly found: ReadonlyMap<string, Buffer>;

  private constructor(session: Session, found: ReadonlyMap<string, Buffer>) {
    this.#session = session;
    this.found = found;
  }

  /** Connects and collects what is retained on topics that match. Rejects as openSession does, and with NotGranted, also where the connection ends meanwhile. */
  static async open(
    filters: readonly string[],
    parts: Omit<SingleSessionParts, 'onMessage'>,
  ): Promise<RetainedMessages> {
    const found = new Map<string, Buffer>();
    let lastAt = parts.clock.monotonic();
    const onMessage = (topic: string, payload: Buffer, retained: boolean) => {
      if (retained) found.set(topic, payload);
      lastAt = parts.clock.monotonic();
    };
    const { session } = await openSession({ ...parts, onMessage });
    try {
      for (const filter of filters) await askToSubscribe(session, filter);
    } catch (error) {
      if (session.connected) await session.close(true);
      throw error;
    }
    lastAt = parts.clock.monotonic();
    const end = lastAt + LONGEST_MS;
    while (parts.clock.monotonic() < Math.min(end, lastAt + QUIET_MS)) await sleep(QUIET_MS / 10);
    // What has not come by now may be there all the same.
    if (!session.connected) throw new NotGranted('ended', explainEnd(await session.ended));
    return new RetainedMessages(session, found);
  }

  /** Rejects with NotGranted. */
  async clear(topic: string): Promise<void> {
    await askToRetain(this.#session, topic, '');
  }

  async close(): Promise<void> {
    if (this.#session.connected) await this.#session.close(true);
  }
}

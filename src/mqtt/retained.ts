/** What a broker has retained, for commands that look for it and clear it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { answered, Unanswered } from './answer.js';
import { explainBrokerError } from './reason-sentences.js';
import type { Session } from './session.js';
import { openSession, type SingleSessionParts } from './single-session.js';

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

  /** Connects and collects what is retained on topics that match. Rejects with an Error whose message says why it cannot. */
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
    for (const filter of filters) {
      try {
        await answered(session.subscribe(filter), 'a subscription');
      } catch (error) {
        await session.close(true);
        if (error instanceof Unanswered) throw error;
        throw new Error(`it does not let this user subscribe to ${filter}`);
      }
    }
    lastAt = parts.clock.monotonic();
    const end = lastAt + LONGEST_MS;
    while (parts.clock.monotonic() < Math.min(end, lastAt + QUIET_MS)) await sleep(QUIET_MS / 10);
    return new RetainedMessages(session, found);
  }

  /** Rejects with an Error whose message says why it cannot be cleared. */
  async clear(topic: string): Promise<void> {
    try {
      await answered(this.#session.publish(topic, '', { qos: 1, retain: true }), 'a message at QoS 1');
    } catch (error) {
      throw new Error(explainBrokerError(error as Error));
    }
  }

  async close(): Promise<void> {
    if (this.#session.connected) await this.#session.close(true);
  }
}

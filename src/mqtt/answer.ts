/** What commands ask of a broker: granted, refused, or not answered at all, as by brokers that hang. */
import { setTimeout as sleep } from 'node:timers/promises';
import { PacketTooLarge } from './delivery/size-errors.js';
import { isRefusal } from './reason-sentences.js';
import type { Session } from './session.js';
import { explainEnd } from './single-session.js';

const ANSWER_MS = 10_000;

/**
 * Why the broker has not done what it was asked for; the message speaks of it as `it`. `refused`: it does not let this user.
 * `unanswered`: it is there, and said nothing in time. `ended`: the connection is no more.
 */
export class NotGranted extends Error {
  readonly kind: 'refused' | 'unanswered' | 'ended';
  constructor(kind: NotGranted['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

/** What was asked for, such as `a subscription`, and of what, as in `it does not let this user subscribe to a/b`. */
interface Asked {
  what: string;
  verb: string;
}

/**
 * Resolves when the broker has granted it. Rejects with NotGranted, or with PacketTooLarge.
 * @param answer Of the session.
 */
async function granted(session: Session, answer: Promise<void>, asked: Asked): Promise<void> {
  const over = new AbortController();
  const late = sleep(ANSWER_MS, undefined, { signal: over.signal }).then(() => {
    throw new NotGranted('unanswered', `it does not answer ${asked.what} within ${ANSWER_MS / 1000} s`);
  });
  const gone = session.ended.then((end) => {
    throw new NotGranted('ended', explainEnd(end));
  });
  for (const failure of [late, gone]) failure.catch(() => {});
  try {
    await Promise.race([answer, late, gone]);
  } catch (error) {
    if (error instanceof NotGranted || error instanceof PacketTooLarge) throw error;
    if (isRefusal(error as Error)) throw new NotGranted('refused', `it does not let this user ${asked.verb}`);
    throw new NotGranted('ended', explainEnd(await session.ended));
  } finally {
    over.abort();
  }
}

/** Subscribes, or rejects as {@link granted} does. */
export function askToSubscribe(session: Session, filter: string): Promise<void> {
  return granted(session, session.subscribe(filter), {
    what: 'a subscription',
    verb: `subscribe to ${filter}`,
  });
}

/** Publishes a retained message as the daemon does, or rejects as {@link granted} does, or with PacketTooLarge. */
export function askToRetain(session: Session, topic: string, payload: string): Promise<void> {
  return granted(session, session.publish(topic, payload, { qos: 1, retain: true }), {
    what: 'a message at QoS 1',
    verb: `publish ${topic}`,
  });
}

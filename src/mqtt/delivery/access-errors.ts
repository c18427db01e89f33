/** What the broker's access list denies: each topic is logged once, not at each attempt, and again when it was allowed in between. */
import type { LimitedLog } from '../../observe/limited-log.js';
import { reasonSentence } from '../reason-sentences.js';
import { NamedTopics } from './named-topics.js';

export type Request = 'publish' | 'subscribe';

const WORDS: Record<Request, { request: string; right: string }> = {
  publish: { request: 'to publish', right: 'write' },
  subscribe: { request: 'the subscription to', right: 'read' },
};

/** Reason codes by which brokers deny access: not authorized, and unspecified, which is all that a SUBACK of MQTT 3.1.1 says. */
const ACCESS_CODES: readonly number[] = [128, 135];

export class AccessErrors {
  readonly #log: LimitedLog;
  readonly #denied = new NamedTopics();

  constructor(log: LimitedLog) {
    this.#log = log;
  }

  denied(request: Request, topic: string, error: Error & { code?: number | string }): void {
    if (!this.#denied.add(`${request} ${topic}`)) return;
    const words = WORDS[request];
    const remedy =
      typeof error.code === 'number' && !ACCESS_CODES.includes(error.code)
        ? `of the broker: ${reasonSentence(error.code)}`
        : `allow this user to ${words.right} the topic in the broker’s access list`;
    this.#log.write(`the broker refused ${words.request} ${topic}: ${error.message}`, { remedy });
  }

  allowed(request: Request, topic: string): void {
    this.#denied.delete(`${request} ${topic}`);
  }
}

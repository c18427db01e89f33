/** What the broker's access list denies: each topic is logged once, not at each attempt, and again when it was allowed in between. */
import type { Log } from '../observe/log.js';

export type Request = 'publish' | 'subscribe';

const WORDS: Record<Request, { request: string; right: string }> = {
  publish: { request: 'to publish', right: 'write' },
  subscribe: { request: 'the subscription to', right: 'read' },
};

export class AccessErrors {
  readonly #log: Log;
  readonly #denied = new Set<string>();

  constructor(log: Log) {
    this.#log = log;
  }

  denied(request: Request, topic: string, error: Error): void {
    const key = `${request} ${topic}`;
    if (this.#denied.has(key)) return;
    this.#denied.add(key);
    const words = WORDS[request];
    this.#log.error(`the broker refused ${words.request} ${topic}: ${error.message}`, {
      remedy: `allow this user to ${words.right} the topic in the broker’s access list`,
    });
  }

  allowed(request: Request, topic: string): void {
    this.#denied.delete(`${request} ${topic}`);
  }
}

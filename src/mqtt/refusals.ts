import type { Log } from '../observe/log.js';

type Request = 'to publish' | 'the subscription to';

const RIGHT: Record<Request, string> = { 'to publish': 'write', 'the subscription to': 'read' };

/** What the broker's access list forbids: each topic is named once, not at each attempt, and again when it was allowed in between. */
export class Refusals {
  readonly #log: Log;
  readonly #told = new Set<string>();

  constructor(log: Log) {
    this.#log = log;
  }

  refused(request: Request, topic: string, error: Error): void {
    const line = said(request, topic);
    if (this.#told.has(line)) return;
    this.#told.add(line);
    this.#log.error(`${line}: ${error.message}`, {
      remedy: `allow this user to ${RIGHT[request]} the topic in the broker’s access list`,
    });
  }

  accepted(request: Request, topic: string): void {
    this.#told.delete(said(request, topic));
  }
}

function said(request: Request, topic: string): string {
  return `the broker refused ${request} ${topic}`;
}

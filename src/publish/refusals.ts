import type { ErrorWithReasonCode } from 'mqtt';
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
    const line = `the broker refused ${request} ${topic}`;
    if (this.#told.has(line)) return;
    this.#told.add(line);
    this.#log.error(`${line}: ${error.message}`, {
      remedy: `allow this user to ${RIGHT[request]} the topic in the broker’s access list`,
    });
  }

  accepted(request: Request, topic: string): void {
    this.#told.delete(`the broker refused ${request} ${topic}`);
  }
}

/** Whether the broker has answered with a refusal, by a reason code of MQTT 5 (2.4); otherwise the connection has ended. */
export function isRefusal(error: Error): boolean {
  return (error as ErrorWithReasonCode).code >= 0x80;
}

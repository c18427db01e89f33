/** Messages that are too large for the broker: each topic is logged once, not at each attempt, and again when one passed in between. */
import type { LimitedLog } from '../../observe/limited-log.js';
import { NamedTopics } from './named-topics.js';

/** A message that is larger than the broker allows, and so is not sent. */
export class PacketTooLarge extends Error {
  readonly bytes: number;
  readonly limit: number;

  constructor(bytes: number, limit: number) {
    super(`a packet of ${bytes} bytes, where the broker allows ${limit}`);
    this.bytes = bytes;
    this.limit = limit;
  }
}

export class SizeErrors {
  readonly #log: LimitedLog;
  readonly #named = new NamedTopics();

  constructor(log: LimitedLog) {
    this.#log = log;
  }

  /** @param reason A clause that follows the name of the topic. */
  tooLarge(topic: string, reason: string): void {
    if (!this.#named.add(topic)) return;
    this.#log.write(`a message on ${topic} is too large for the broker and is not sent: ${reason}`, {
      remedy:
        'raise the maximum packet size of the broker, lower CAMERA_SNAPSHOT_MAX_KB, or name fewer labels in CAMERA_LABELS',
    });
  }

  sent(topic: string): void {
    this.#named.delete(topic);
  }
}

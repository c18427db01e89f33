/** Messages that are too large for the broker: each topic is logged once, not at each attempt, and again when one passed in between. */
import type { Log } from '../../observe/log.js';

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
  readonly #log: Log;
  readonly #logged = new Set<string>();

  constructor(log: Log) {
    this.#log = log;
  }

  /** @param reason A clause that follows the name of the topic. */
  tooLarge(topic: string, reason: string): void {
    if (this.#logged.has(topic)) return;
    this.#logged.add(topic);
    this.#log.error(`a message on ${topic} is too large for the broker and is not sent: ${reason}`, {
      remedy:
        'raise the maximum packet size of the broker, lower CAMERA_SNAPSHOT_MAX_KB, or name fewer labels in CAMERA_LABELS',
    });
  }

  sent(topic: string): void {
    this.#logged.delete(topic);
  }
}

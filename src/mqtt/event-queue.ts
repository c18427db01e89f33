/**
 * The delivery class of events: each is published once, at QoS 1, oldest first, however long the broker is away. One is in
 * flight at a time, so their order holds and a broker that comes back is not flooded.
 *
 * mqtt.js would itself send again what was not acknowledged when the connection broke, but could not mark it as late; so the
 * message in flight is taken back from it. A broker that dies between passing a message on and acknowledging it makes a
 * subscriber see that message twice: QoS 1 cannot do better, and id and type of an event tell the repetition.
 */
import type { MqttClient } from 'mqtt';
import type { Clock } from '../clock.js';
import type { Log } from '../observe/log.js';
import type { AccessErrors } from './access-errors.js';
import { isRefusal } from './reasons.js';

/** A few hundred objects' lives, in about half a megabyte. */
const CAPACITY = 1000;
/** A message that is published so much later than it was given is marked. */
const LATE_MS = 1000;

interface Entry {
  topic: string;
  message: object;
  /** By the monotonic clock. */
  givenAt: number;
}

export class EventQueue {
  readonly #log: Log;
  readonly #accessErrors: AccessErrors;
  readonly #clock: Clock;
  readonly #entries: Entry[] = [];
  readonly #waiting: (() => void)[] = [];
  /** Only while it is connected. */
  #client: MqttClient | undefined;
  /** Of the first entry, while it is in flight. */
  #messageId: number | undefined;
  #dropped = 0;

  constructor(log: Log, accessErrors: AccessErrors, clock: Clock) {
    this.#log = log;
    this.#accessErrors = accessErrors;
    this.#clock = clock;
  }

  /** Events that were given up because too many were waiting. */
  get dropped(): number {
    return this.#dropped;
  }

  push(topic: string, message: object): void {
    this.#entries.push({ topic, message, givenAt: this.#clock.monotonic() });
    if (this.#entries.length > CAPACITY) {
      this.#entries.splice(this.#messageId === undefined ? 0 : 1, 1);
      if (this.#dropped++ === 0) {
        this.#log.warn(`more than ${CAPACITY} events wait for the broker: the oldest are given up`);
      }
    }
    this.#next();
  }

  connected(client: MqttClient): void {
    this.#client = client;
    this.#next();
  }

  disconnected(): void {
    const client = this.#client;
    const messageId = this.#messageId;
    this.#client = undefined;
    this.#messageId = undefined;
    if (messageId !== undefined) client?.removeOutgoingMessage(messageId);
  }

  /** Resolves when nothing is left to publish. */
  drained(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#entries.length === 0) resolve();
      else this.#waiting.push(resolve);
    });
  }

  #next(): void {
    const client = this.#client;
    const entry = this.#entries[0];
    if (entry === undefined) {
      for (const resolve of this.#waiting.splice(0)) resolve();
      return;
    }
    if (client === undefined || this.#messageId !== undefined) return;
    const { topic, message, givenAt } = entry;
    const late = this.#clock.monotonic() - givenAt > LATE_MS;
    const payload = JSON.stringify(late ? { ...message, late } : message);
    client.publish(topic, payload, { qos: 1 }, (error) => {
      // Taken back by disconnected(): it stays the first, for the next connection.
      if (this.#messageId === undefined || this.#entries[0] !== entry) return;
      if (!error) this.#accessErrors.allowed('publish', topic);
      else if (isRefusal(error)) this.#accessErrors.denied('publish', topic, error);
      else return; // disconnected() follows
      this.#messageId = undefined;
      this.#entries.shift();
      this.#next();
    });
    this.#messageId = client.getLastMessageId();
  }
}

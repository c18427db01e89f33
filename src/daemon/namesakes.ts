/**
 * Another daemon of the same name: with another client identifier the broker lets both in, and each publishes over what the other has
 * said. Known by health messages that are none of ours, and by `offline` as the node's state while this one is online, which the last
 * will of an earlier connection says as well.
 */
import type { Clock } from '../clock.js';
import type { Broker } from '../mqtt/broker.js';
import type { NodeStatePayload } from '../mqtt/payloads.js';
import type { Topics } from '../mqtt/topics.js';
import { LimitedLog } from '../observe/limited-log.js';
import type { Log } from '../observe/log.js';

/** One minute of health messages: an echo that takes longer belongs to a connection that is no more. */
const KEPT = 6;
const WARNING_INTERVAL_MS = 3_600_000;
const OFFLINE_INTERVAL_MS = 60_000;

export interface NamesakesParts {
  broker: Pick<Broker, 'subscribe' | 'repeat'>;
  topics: Topics;
  nodeId: string;
  clock: Clock;
  log: Log;
}

export class Namesakes {
  readonly #parts: NamesakesParts;
  /** The newest health messages of this daemon, which come back from the broker. */
  readonly #own: Buffer[] = [];
  readonly #warnings: LimitedLog;
  readonly #corrections: LimitedLog;
  #stopped = false;

  constructor(parts: NamesakesParts) {
    const { log, clock } = parts;
    this.#parts = parts;
    this.#warnings = new LimitedLog(log, clock, {
      level: 'warn',
      what: 'messages of another daemon with this name',
      intervalMs: WARNING_INTERVAL_MS,
    });
    this.#corrections = new LimitedLog(log, clock, {
      level: 'info',
      what: 'messages that this node is offline',
      intervalMs: OFFLINE_INTERVAL_MS,
    });
  }

  /** To be called when the node has said that it is online. */
  start(): void {
    const { broker, topics } = this.#parts;
    broker.subscribe(topics.health, (_, payload) => this.#onHealth(payload));
    broker.subscribe(topics.nodeState, (_, payload, retained) => {
      if (!retained) this.#onState(payload);
    });
  }

  /** To be called before the node says that it is offline. */
  stop(): void {
    this.#stopped = true;
    this.#warnings.stop();
    this.#corrections.stop();
  }

  /** A health message of this daemon is about to be published. */
  saying(health: string): void {
    this.#own.push(Buffer.from(health));
    if (this.#own.length > KEPT) this.#own.shift();
  }

  #onHealth(payload: Buffer): void {
    if (this.#stopped || this.#own.some((own) => own.equals(payload))) return;
    const { nodeId, topics } = this.#parts;
    this.#warnings.write(
      `another daemon publishes on ${topics.health} too, and each overwrites what the other says: set NODE_ID to another name on one of the two boards; here it is ${JSON.stringify(nodeId)}`,
    );
  }

  #onState(payload: Buffer): void {
    const offline: NodeStatePayload = 'offline';
    if (this.#stopped || payload.toString() !== offline) return;
    const { broker, topics } = this.#parts;
    this.#corrections.write(
      `${topics.nodeState} said offline, of an earlier connection or of another daemon with this name: it says online again`,
    );
    broker.repeat(topics.nodeState);
  }
}

/**
 * The delivery class of events: each is published once, at QoS 1, oldest first, however long the broker is away. One is in
 * flight at a time, so their order holds and a broker that comes back is not flooded.
 *
 * A broker that dies between passing a message on and acknowledging it makes a subscriber see that message twice: QoS 1 cannot do
 * better, and id and type of an event show the repetition.
 */
import type { Clock } from '../../clock.js';
import { LimitedLog } from '../../observe/limited-log.js';
import type { Log } from '../../observe/log.js';
import type { Session } from '../session.js';
import type { DeliveryErrors } from './delivery-errors.js';

/** A few hundred objects' lives, in about half a megabyte. */
const CAPACITY = 1000;
/** A message that is published so much later than it was given says so. */
const LATE_MS = 1000;

/** A broker can be away for days. */
const OVERFLOW_INTERVAL_MS = 3_600_000;

interface Entry {
  topic: string;
  message: object;
  /** Of the monotonic clock. */
  givenAt: number;
}

export class EventQueue {
  readonly #overflow: LimitedLog;
  readonly #errors: DeliveryErrors;
  readonly #clock: Clock;
  readonly #entries: Entry[] = [];
  readonly #waiting: (() => void)[] = [];
  /** Only while it is connected. */
  #session: Session | undefined;
  /** Whether the first entry is on its way. */
  #inFlight = false;
  #dropped = 0;

  constructor(log: Log, errors: DeliveryErrors, clock: Clock) {
    this.#overflow = new LimitedLog(log, clock, {
      level: 'warn',
      what: 'events given up',
      intervalMs: OVERFLOW_INTERVAL_MS,
    });
    this.#errors = errors;
    this.#clock = clock;
  }

  /** Events that were given up because too many were waiting, or because the broker does not take them. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Events that were not acknowledged yet. */
  get waiting(): number {
    return this.#entries.length;
  }

  push(topic: string, message: object): void {
    this.#entries.push({ topic, message, givenAt: this.#clock.monotonic() });
    if (this.#entries.length > CAPACITY) {
      this.#entries.splice(this.#inFlight ? 1 : 0, 1);
      this.#dropped++;
      this.#overflow.write(`more than ${CAPACITY} events wait for the broker: the oldest are given up`);
    }
    this.#next();
  }

  connected(session: Session): void {
    this.#session = session;
    this.#next();
  }

  disconnected(): void {
    this.#session = undefined;
    this.#inFlight = false;
  }

  /** Resolves when nothing is left to publish. */
  drained(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#entries.length === 0) resolve();
      else this.#waiting.push(resolve);
    });
  }

  #next(): void {
    const [entry] = this.#entries;
    if (entry === undefined) {
      for (const resolve of this.#waiting.splice(0)) resolve();
      return;
    }
    if (this.#session === undefined || this.#inFlight) return;
    this.#inFlight = true;
    void this.#publish(this.#session, entry);
  }

  async #publish(session: Session, entry: Entry): Promise<void> {
    const { topic, message, givenAt } = entry;
    const late = this.#clock.monotonic() - givenAt > LATE_MS;
    const payload = JSON.stringify(late ? { ...message, late } : message);
    let problem: Error | undefined;
    try {
      await session.publish(topic, payload, { qos: 1 });
    } catch (error) {
      problem = error as Error;
    }
    // On a connection that is gone: the entry stays the first, for the next one.
    if (this.#session !== session) return;
    if (problem === undefined) this.#errors.succeeded(topic);
    else if (this.#errors.failed(topic, problem)) this.#dropped++;
    else return; // disconnected() follows
    this.#inFlight = false;
    this.#entries.shift();
    this.#next();
  }
}

/** What can go wrong with one message while the connection holds, for all classes of delivery. */
import type { Clock } from '../../clock.js';
import { LimitedLog } from '../../observe/limited-log.js';
import type { Log } from '../../observe/log.js';
import { isRefusal, REASON } from '../reason-sentences.js';
import { AccessErrors } from './access-errors.js';
import { PacketTooLarge, SizeErrors } from './size-errors.js';

/** Of a minute: a broker may refuse every topic of many cameras, or one topic again and again with others in between. */
const MAX_LINES = 20;

export class DeliveryErrors {
  readonly access: AccessErrors;
  readonly #size: SizeErrors;

  constructor(log: Log, clock: Clock) {
    const limited = new LimitedLog(log, clock, {
      level: 'error',
      what: 'messages and subscriptions that the broker does not take',
      most: MAX_LINES,
    });
    this.access = new AccessErrors(limited);
    this.#size = new SizeErrors(limited);
  }

  /** Logs why a message was not accepted. Returns false when it was because the connection has ended, which is no error of the message. */
  failed(topic: string, error: Error): boolean {
    if (error instanceof PacketTooLarge) this.#size.tooLarge(topic, error.message);
    else if (!isRefusal(error)) return false;
    else if (error.code === REASON.packetTooLarge) this.#size.tooLarge(topic, error.message);
    else this.access.denied('publish', topic, error);
    return true;
  }

  /** The connection has closed after this message more than once. */
  putAside(topic: string, bytes: number): void {
    this.#size.tooLarge(topic, `the broker closes the connection at its ${bytes} bytes`);
  }

  succeeded(topic: string): void {
    this.access.allowed('publish', topic);
    this.#size.sent(topic);
  }
}

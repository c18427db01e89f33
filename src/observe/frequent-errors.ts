/** Errors that each frame, message or request may meet: a few of them in a minute are logged, and how many there were beside. */
import type { Clock } from '../clock.js';
import { LimitedLog } from './limited-log.js';
import type { Log } from './log.js';
import { errorLine } from './log-error.js';

const LIMITS = { level: 'error', what: 'errors like these', most: 5 } as const;

export class FrequentErrors {
  readonly #lines: LimitedLog;

  constructor(log: Log, clock: Clock) {
    this.#lines = new LimitedLog(log, clock, LIMITS);
  }

  /** As `logError` does, or counts it when there were enough a moment ago. */
  log(what: string, error: unknown, fields: Record<string, unknown> = {}): void {
    this.#lines.write(...errorLine(what, error, fields));
  }
}

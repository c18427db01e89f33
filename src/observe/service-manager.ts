/** Notifies systemd of how the daemon does: sd_notify(3), sd_watchdog_enabled(3). Does nothing where systemd did not start it. */
import type { Log } from './log.js';

export interface ServiceManagerOptions {
  /** NOTIFY_SOCKET and WATCHDOG_USEC, as systemd set them. */
  socket: string | undefined;
  watchdogUsec: string | undefined;
  /** Sends one datagram; returns why it could not, '' when it could. */
  send: (socket: string, message: string) => string;
  log: Log;
}

export class ServiceManager {
  readonly #options: ServiceManagerOptions;
  #isReady = false;
  /** Logged once, not with each notification. */
  #lastProblem = '';

  constructor(options: ServiceManagerOptions) {
    this.#options = options;
  }

  /** Milliseconds after which systemd starts anew what was not alive(); undefined: it has no watchdog. */
  get watchdogMs(): number | undefined {
    const { watchdogUsec } = this.#options;
    return watchdogUsec === undefined ? undefined : Number(watchdogUsec) / 1000;
  }

  /** The daemon is up. */
  ready(): void {
    this.#isReady = true;
    this.#notify('READY=1');
  }

  /** What `systemctl status` shows in a line of its own; empty: nothing. */
  status(text: string): void {
    this.#notify(`STATUS=${text}`);
  }

  alive(): void {
    if (this.watchdogMs !== undefined) this.#notify('WATCHDOG=1');
  }

  /** After ready; before it, the exit code says it all. */
  stopping(): void {
    if (this.#isReady) this.#notify('STOPPING=1');
  }

  #notify(message: string): void {
    const { socket, send, log } = this.#options;
    if (socket === undefined) return;
    const problem = send(socket, message);
    if (problem !== '' && problem !== this.#lastProblem) {
      log.warn(`systemd cannot be notified of ${message}: ${problem}`);
    }
    this.#lastProblem = problem;
  }
}

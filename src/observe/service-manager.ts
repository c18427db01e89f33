/** Tells systemd how the daemon does: sd_notify(3), sd_watchdog_enabled(3). Does nothing where systemd did not start it. */
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
  #timer: NodeJS.Timeout | undefined;
  #isReady = false;

  constructor(options: ServiceManagerOptions) {
    this.#options = options;
  }

  /** The daemon is up. From now on the watchdog is kept quiet for as long as `stuck` returns nothing. */
  ready(stuck: () => string | undefined): void {
    this.#isReady = true;
    this.#notify('READY=1');
    const { watchdogUsec, log } = this.#options;
    if (watchdogUsec === undefined) return;
    // Three times in the time that systemd waits: one missed look is no catastrophe.
    this.#timer = setInterval(
      () => {
        const problem = stuck();
        if (problem === undefined) this.#notify('WATCHDOG=1');
        else log.error(`${problem}: leaving it to systemd's watchdog to start ghostcam anew`);
      },
      Number(watchdogUsec) / 1000 / 3,
    );
  }

  /** After ready; before it, the exit code says it all. */
  stopping(): void {
    clearInterval(this.#timer);
    if (this.#isReady) this.#notify('STOPPING=1');
  }

  #notify(message: string): void {
    const { socket, send, log } = this.#options;
    if (socket === undefined) return;
    const problem = send(socket, message);
    if (problem !== '') log.warn(`systemd cannot be told ${message}: ${problem}`);
  }
}

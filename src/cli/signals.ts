/** Signals: those that end the program, and SIGHUP, which has two meanings. */
import { closeSync, constants, openSync } from 'node:fs';
import { isatty } from 'node:tty';

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/**
 * Keeps SIGUSR1 from opening a port for debuggers, on which every user of the machine could read the cameras' passwords out of this process,
 * and SIGUSR2 from ending it: programs that rotate logs send them.
 */
export function ignoreUserSignals(): void {
  for (const name of ['SIGUSR1', 'SIGUSR2']) process.on(name, () => {});
}

/** The next signal that asks the program to end; until then it is kept from ending it. */
export function nextSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const settle = (signal: NodeJS.Signals) => {
      for (const name of SIGNALS) process.off(name, settle);
      resolve(signal);
    };
    for (const name of SIGNALS) process.on(name, settle);
  });
}

/**
 * Calls `reload` on each SIGHUP that somebody sends. The one of a terminal that was closed ends the program as SIGTERM does: nobody is
 * there any more who could end it otherwise.
 */
export function onHangup(reload: () => void): void {
  const hadTerminal = hasTerminal();
  const terminals = [0, 1, 2].filter((fd) => isatty(fd));
  process.on('SIGHUP', () => {
    if (!hadTerminal || hasTerminal()) {
      reload();
      return;
    }
    leave(terminals);
    process.kill(process.pid, 'SIGTERM');
  });
}

/** At its end Node restores the terminals that it was started with, and aborts when one of them does not answer. */
function leave(terminals: readonly number[]): void {
  for (const fd of terminals) {
    closeSync(fd);
    // The lowest number that is free, which is this one.
    openSync('/dev/null', constants.O_RDWR);
  }
}

/** Whether this process has a terminal that controls it (tty(4)). */
function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', constants.O_RDONLY | constants.O_NOCTTY | constants.O_NONBLOCK));
    return true;
  } catch {
    return false;
  }
}

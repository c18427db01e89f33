/** Standard output and standard error of a command: readers that leave or stand still, disks that are full. */
import { EXIT } from './exit-codes.js';

/** How long what was printed to standard error may wait for its reader at the end. */
const STDERR_GRACE_MS = 1000;
const POLL_MS = 50;

/** An output that cannot be written to is not a bug: without listeners its error would end the program with a stack. */
export function handleOutputErrors(): void {
  process.stderr.on('error', () => {});
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // `ghostcam detect … | head` closes our output early, which is no failure.
    if (error.code === 'EPIPE') process.exit(EXIT.ok);
    process.stderr.write(`ghostcam: the output cannot be written (${error.code})\n`);
    process.exit(EXIT.failure);
  });
}

/**
 * Ends the program once standard output is written; standard error is waited for at most a second, so that a log reader that
 * stands still does not keep the program from ending.
 */
export function exitWhenPrinted(): void {
  let waitedMs = 0;
  const poll = setInterval(() => {
    waitedMs += POLL_MS;
    if (process.stdout.writableLength === 0 && waitedMs >= STDERR_GRACE_MS) process.exit();
  }, POLL_MS);
  // Where nothing else is left to do, the program ends by itself.
  poll.unref();
}

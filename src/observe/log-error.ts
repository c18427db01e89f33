/** How errors are logged: an expected one by its message, an unknown one with its stack. */
import { GhostcamError } from '../errors.js';
import type { Log } from './log.js';

/**
 * Logs what failed and why. An error of this project says what is wrong and what to do; any other one is a bug, which can be
 * found by its stack alone. What every frame, message or request may meet goes to `FrequentErrors` instead.
 * @param what The sentence that the reason follows, such as `a frame could not be inferred`.
 */
export function logError(log: Log, what: string, error: unknown, fields: Record<string, unknown> = {}): void {
  log.error(...errorLine(what, error, fields));
}

/** The message and the fields of that line. */
export function errorLine(
  what: string,
  error: unknown,
  fields: Record<string, unknown>,
): [message: string, fields: Record<string, unknown>] {
  if (error instanceof GhostcamError) {
    const { message, remedy } = error;
    return [`${what}: ${message}`, { ...fields, ...(remedy === undefined ? {} : { remedy }) }];
  }
  return [`${what}, because of a bug in ghostcam`, { ...fields, err: asError(error) }];
}

/** Anything can be thrown; only an Error has a stack. */
function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(`thrown: ${String(error)}`);
}

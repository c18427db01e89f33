import { createLog, type Log } from '../../src/observe/log.js';
import type { LogOutput } from '../../src/observe/log-output.js';

/** Keeps what is written. */
export function memoryOutput(lines: string[]): LogOutput {
  return { write: (line) => void lines.push(line), lost: 0 };
}

/** The real log at its finest level, whose lines are kept instead of written. */
export function memoryLog(): { log: Log; lines: string[] } {
  const lines: string[] = [];
  return { log: createLog({ level: 'debug', output: memoryOutput(lines) }), lines };
}

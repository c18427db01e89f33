import { createLog, type Log } from '../../src/observe/log.js';

/** The real log at its finest level, whose lines are kept instead of written. */
export function memoryLog(): { log: Log; lines: string[] } {
  const lines: string[] = [];
  return { log: createLog({ level: 'debug', write: (line) => lines.push(line) }), lines };
}

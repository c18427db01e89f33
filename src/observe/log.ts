/** The log: one readable line per happening on stderr, with known secrets removed whatever the caller wrote. */
import { pino } from 'pino';
import pretty from 'pino-pretty';
import type { LogLevel } from '../config/types.js';
import { redactText } from '../secrets/redact.js';
import { type LogOutput, standardErrorOutput } from './log-output.js';

type Fields = Record<string, unknown>;

export interface Log {
  debug(message: string, fields?: Fields): void;
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
  /** Lines that could not be written since the start. */
  readonly lost: number;
}

export interface LogOptions {
  level: LogLevel;
  /** Literals that must never be written. */
  secrets?: readonly string[];
  /** Where lines go; default: stderr. */
  output?: LogOutput;
  colorize?: boolean;
}

export function createLog({
  level,
  secrets = [],
  output = standardErrorOutput(),
  colorize = false,
}: LogOptions): Log {
  const format = pretty.prettyFactory({
    colorize,
    singleLine: true,
    ignore: 'pid,hostname',
    translateTime: 'SYS:yyyy-mm-dd HH:MM:ss.l',
  });
  const stream = { write: (line: string) => output.write(redactText(format(line), secrets)) };
  const logger = pino({ level }, stream);
  return {
    debug: (message, fields = {}) => logger.debug(fields, message),
    info: (message, fields = {}) => logger.info(fields, message),
    warn: (message, fields = {}) => logger.warn(fields, message),
    error: (message, fields = {}) => logger.error(fields, message),
    get lost() {
      return output.lost;
    },
  };
}

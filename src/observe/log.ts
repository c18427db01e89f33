/** The log: one readable line per happening on stderr, with known secrets removed whatever the caller wrote. */
import { pino } from 'pino';
import pretty from 'pino-pretty';
import type { LogLevel } from '../config/types.js';
import { redactText } from '../secrets/redact.js';

type Fields = Record<string, unknown>;

export interface Log {
  debug(message: string, fields?: Fields): void;
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
  /** The same log with fields added to every line. */
  child(fields: Fields): Log;
}

export interface LogOptions {
  level: LogLevel;
  /** Literals that must never be written. */
  secrets?: readonly string[];
  /** Where lines go; default: stderr. */
  write?: (line: string) => void;
  colorize?: boolean;
}

export function createLog({ level, secrets = [], write = writeStderr, colorize = false }: LogOptions): Log {
  const format = pretty.prettyFactory({
    colorize,
    singleLine: true,
    ignore: 'pid,hostname',
    translateTime: 'SYS:yyyy-mm-dd HH:MM:ss.l',
  });
  const stream = { write: (line: string) => write(redactText(format(line), secrets)) };
  return wrap(pino({ level }, stream));
}

function wrap(logger: pino.Logger): Log {
  return {
    debug: (message, fields = {}) => logger.debug(fields, message),
    info: (message, fields = {}) => logger.info(fields, message),
    warn: (message, fields = {}) => logger.warn(fields, message),
    error: (message, fields = {}) => logger.error(fields, message),
    child: (fields) => wrap(logger.child(fields)),
  };
}

function writeStderr(line: string): void {
  process.stderr.write(line);
}

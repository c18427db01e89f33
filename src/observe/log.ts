/** The log: one readable line per happening on stderr, a sentence, with known secrets removed whatever the caller wrote. */
import { inspect } from 'node:util';
import { systemClock } from '../clock.js';
import type { LogLevel } from '../config/types.js';
import { printable } from '../secrets/printable.js';
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

export interface AdjustableLog extends Log {
  /** Takes another level, and further literals that must never be written; those that are known stay secret. */
  adjust(options: { level: LogLevel; secrets: readonly string[] }): void;
}

export interface LogOptions {
  level: LogLevel;
  /** Literals that must never be written. */
  secrets?: readonly string[];
  /** Where lines go; default: stderr. */
  output?: LogOutput;
  colorize?: boolean;
}

const SEVERITY: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 };
/** Codes of terminals: blue, green, yellow, red. */
const COLORS: Record<LogLevel, number> = { debug: 34, info: 32, warn: 33, error: 31 };

/** One line each on standard error unless `output` says otherwise, credentials removed. */
export function createLog({
  level,
  secrets = [],
  output = standardErrorOutput(),
  colorize = false,
}: LogOptions): AdjustableLog {
  let lowest = level;
  let known = secrets;
  const redact = (text: string) => redactText(text, known);
  const line =
    (of: LogLevel) =>
    (message: string, fields: Fields = {}) => {
      if (SEVERITY[of] < SEVERITY[lowest]) return;
      const { err, ...facts } = redacted(fields, redact) as Fields;
      // A further line is indented: nobody who gets text into the log can write a line of it.
      const text = indented(`${redact(message)}${inParentheses(facts)}`);
      const error =
        err === undefined ? '' : `\n    ${indented(`err: ${inspect(err, { depth: MAX_DEPTH })}`)}`;
      const [name, shown] = colorize
        ? [`\x1b[${COLORS[of]}m${of.toUpperCase()}\x1b[39m`, `\x1b[36m${text}\x1b[39m`]
        : [of.toUpperCase(), text];
      output.write(`[${timestamp(new Date(systemClock.wallTime()))}] ${name}: ${shown}${error}\n`);
    };
  return {
    debug: line('debug'),
    info: line('info'),
    warn: line('warn'),
    error: line('error'),
    adjust({ level: next, secrets: more }) {
      lowest = next;
      known = [...new Set([...known, ...more])];
    },
    get lost() {
      return output.lost;
    },
  };
}

/** Local time to the millisecond, as `2026-11-27 08:09:10.123`. */
function timestamp(date: Date): string {
  const minutes = date.getTimezoneOffset();
  return new Date(date.getTime() - 60_000 * minutes).toISOString().replace('T', ' ').slice(0, -1);
}

function indented(text: string): string {
  return text.replaceAll('\n', '\n    ');
}

/** `(camera front; threads 2)`: a line is read by people, who are spared the quotes and braces of JSON. */
function inParentheses(facts: Fields): string {
  const items = Object.entries(facts)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) =>
      printable(`${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`),
    );
  return items.length === 0 ? '' : ` (${items.join('; ')})`;
}

type Redact = (text: string) => string;

/** Fields are deeper than this by mistake only. */
const MAX_DEPTH = 8;

/** The same with every text in it redacted. */
function redacted(value: unknown, redact: Redact, depth = 0): unknown {
  if (typeof value === 'string') return redact(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth > MAX_DEPTH) return '…';
  if (value instanceof Error) return redactedError(value, redact, depth);
  if (Array.isArray(value)) return value.map((item) => redacted(item, redact, depth + 1));
  if ('toJSON' in value && typeof value.toJSON === 'function')
    return redacted(value.toJSON(), redact, depth + 1);
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [redact(key), redacted(item, redact, depth + 1)]),
  );
}

/** An error of the same class, so that it is shown as one. */
function redactedError(error: Error, redact: Redact, depth: number): Error {
  const copy: Error = Object.create(Object.getPrototypeOf(error));
  for (const [key, { value, enumerable = false }] of Object.entries(
    Object.getOwnPropertyDescriptors(error),
  )) {
    Object.defineProperty(copy, key, { value: redacted(value, redact, depth + 1), enumerable });
  }
  return copy;
}

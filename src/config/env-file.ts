/**
 * Reads an env file: `NAME=value` lines, blank lines, `#` comments, an optional `export`, optional single or
 * double quotes. Unlike dotenv's dialects a `#` inside an unquoted value starts a comment only after white
 * space, because camera passwords hold `#`; and a line that is none of these is a mistake, not silence.
 */
import { isLikelyName } from './likely-name.js';
import type { Mistake } from './mistake.js';

export interface EnvEntry {
  value: string;
  /** `file:line`, or where else the value came from. */
  origin: string;
  /** The line is a mistake, and `value` only what stands there: the variable is set, and to nothing. */
  refused?: true;
  /** A comment follows on the line, or what was read as one: the value has no quotes. */
  hasComment?: true;
}

/** A file with more is none of ours. */
const MAX_MISTAKES = 1000;

/** Its byte order mark, or the NUL beside each letter of plain English, as they are read as UTF-8. */
const UTF_16 = /^(?:\uFFFD\uFFFD|[^\0]\0|\0[^\0])/;

/** Quotes of many languages around the whole value; `'` and `"` around them say that they are meant. */
const TYPOGRAPHIC = /^[\u2018-\u201F\u00AB\u00BB\u2039\u203A].*[\u2018-\u201F\u00AB\u00BB\u2039\u203A]$/;

const ASSIGNMENT = /^(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=(.*)$/s;

/** Parses `text`; `file` is only the name shown in origins. */
export function parseEnvFile(
  text: string,
  file: string,
): { entries: Map<string, EnvEntry>; mistakes: Mistake[] } {
  const entries = new Map<string, EnvEntry>();
  const mistakes: Mistake[] = [];
  if (UTF_16.test(text)) {
    mistakes.push({
      variable: file,
      problem: 'it is in UTF-16, which editors call Unicode',
      expected: 'a file that is saved as UTF-8',
    });
    return { entries, mistakes };
  }
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|[\r\n]/);
  for (const [index, raw] of lines.entries()) {
    if (mistakes.length >= MAX_MISTAKES) {
      mistakes.push({ variable: file, problem: 'it is no env file, or has too many mistakes to name each' });
      break;
    }
    const line = raw.trim();
    const origin = `${file}:${index + 1}`;
    if (line === '' || line.startsWith('#')) continue;
    const [, name, assigned] = ASSIGNMENT.exec(line) ?? [];
    if (name === undefined || assigned === undefined) {
      // The line itself is not repeated: it may hold a password.
      mistakes.push({
        variable: origin,
        problem: 'not a NAME=value line',
        expected: 'NAME=value, or # for a comment',
      });
      continue;
    }
    const rest = assigned.trimStart();
    const earlier = entries.get(name);
    if (earlier) {
      mistakes.push({
        ...named(name, origin),
        problem: `set a second time (first in ${earlier.origin})`,
        expected: 'one line per variable',
      });
      continue;
    }
    const value = unquote(rest);
    const problem = quoteProblem(rest, value);
    if (problem !== undefined) {
      mistakes.push({
        ...named(name, origin),
        problem,
        expected: `${isLikelyName(name) ? name : 'NAME'}="value"`,
      });
      entries.set(name, { value: rest, origin, refused: true });
      continue;
    }
    const isCut = !/^["']/.test(rest) && value !== rest;
    entries.set(name, { value: value ?? '', origin, ...(isCut && { hasComment: true }) });
  }
  return { entries, mistakes };
}

/** What is wrong with the quotes of a value; undefined: nothing is, or it has none. */
function quoteProblem(text: string, value: string | undefined): string | undefined {
  if (value === undefined) return 'the quote that opens its value is not closed';
  if (value !== text && /^["']/.test(text)) return undefined;
  return TYPOGRAPHIC.test(value)
    ? 'its quotes are typographic, as text programs write them, and would be part of the value'
    : undefined;
}

/** The value without quotes or trailing comment; undefined when a quote is left open. */
function unquote(text: string): string | undefined {
  const quote = text[0];
  if (quote !== '"' && quote !== "'") return text.replace(/\s#.*$/, '').trimEnd();
  const end = text.indexOf(quote, 1);
  if (end < 0) return undefined;
  const after = text.slice(end + 1).trim();
  return after === '' || after.startsWith('#') ? text.slice(1, end) : undefined;
}

/** By the line alone where what stands before the `=` may be the end of a password. */
function named(name: string, origin: string): Pick<Mistake, 'variable' | 'origin'> {
  return isLikelyName(name) ? { variable: name, origin } : { variable: origin };
}

/**
 * Secrets whose letters beyond ASCII another program has spelled in its own way: another character set, replacement characters, `&auml;`,
 * `%u00e4`, letters without their accents. What stands between these letters is as it was, save for its case.
 */
import { HIDDEN } from '../address/address.js';
import { oncePerList } from './once-per-list.js';

/** Fewer letters of ASCII are words. */
const MIN_ASCII_LENGTH = 4;
/** Of one letter: `&ccedil;`, `\u{00e4}`. */
const MAX_SPELLING = 8;

/** ASCII in lower case, and how many characters may stand before it. */
interface Part {
  text: string;
  gap: number;
}

/** The line with `***` in the place of each such secret. Linear in the length of the line. */
export function withoutRespelled(line: string, secrets: readonly string[]): string {
  return prepare(secrets).reduce(without, line);
}

const prepare = oncePerList((secrets) => secrets.map(partsOf).filter((parts) => parts.length > 0));

/** None of a secret that is ASCII, or has little of it. */
function partsOf(secret: string): Part[] {
  const parts = [...secret.matchAll(/([^\0-\x7f]*)([\0-\x7f]+)/g)].map(([, foreign = '', text = '']) => ({
    text: lowerCase(text),
    gap: foreign.length * MAX_SPELLING,
  }));
  const length = parts.reduce((sum, { text }) => sum + text.length, 0);
  return length === secret.length || length < MIN_ASCII_LENGTH ? [] : parts;
}

/** Of ASCII alone, so that the length stays. */
function lowerCase(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

function without(line: string, [first, ...rest]: readonly Part[]): string {
  if (first === undefined) return line;
  const text = lowerCase(line);
  let shown = '';
  let from = 0;
  for (let at = text.indexOf(first.text); at >= 0; at = text.indexOf(first.text, at + 1)) {
    if (at < from) continue;
    const end = endOf(text, at + first.text.length, rest);
    if (end === undefined) continue;
    shown += line.slice(from, at) + HIDDEN;
    from = end;
  }
  return shown + line.slice(from);
}

/** Where the parts end that follow each other from here on; undefined: they do not. */
function endOf(text: string, start: number, parts: readonly Part[]): number | undefined {
  let end = start;
  for (const { text: part, gap } of parts) {
    const at = text.slice(end, end + gap + part.length).indexOf(part);
    if (at < 0) return undefined;
    end += at + part.length;
  }
  return end;
}

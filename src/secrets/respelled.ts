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

interface Secret {
  parts: readonly Part[];
  /** Before the first part and behind the last one a spelling of the letters there, or else the secret is a word that may mean itself. */
  edges: { before: RegExp; after: RegExp; isNeeded: boolean };
}

/** ASCII in lower case, and how many characters may stand before it. */
interface Part {
  text: string;
  gap: number;
}

interface Range {
  begin: number;
  end: number;
}

/** The line with `***` in the place of each such secret. Linear in the length of the line. */
export function withoutRespelled(line: string, secrets: readonly string[]): string {
  return prepare(secrets).reduce(without, line);
}

const prepare = oncePerList((secrets) =>
  secrets.map(secretOf).filter((secret): secret is Secret => secret !== undefined),
);

/** Undefined: it is ASCII, or has little of it. */
function secretOf(text: string): Secret | undefined {
  // Accents of their own would be letters beyond ASCII behind ones of it.
  const secret = text.normalize('NFC');
  const found = [...secret.matchAll(/([^\0-\x7f]*)([\0-\x7f]+)/g)];
  const parts = found.map(([, foreign = '', text = '']) => ({
    text: lowerCase(text),
    gap: foreign.length * MAX_SPELLING,
  }));
  const length = parts.reduce((sum, { text }) => sum + text.length, 0);
  if (length === secret.length || length < MIN_ASCII_LENGTH) return undefined;
  const [only, ...others] = found;
  // Parts that follow each other make no word that a log has for itself, nor do digits, signs and capitals between small letters.
  const isNeeded = others.length === 0 && /^[A-Za-z]?(?:[a-z]+|[A-Z]+)$/.test(only?.[2] ?? '');
  const behind = /[^\0-\x7f]*$/.exec(secret)?.[0] ?? '';
  return { parts, edges: { ...edges(only?.[1] ?? '', behind), isNeeded } };
}

/** What programs write for a letter that they do not have, or not in this way. */
const SPELLING = String.raw`(?:[^\0-\x7f]|\?|&#?\w{1,8};|[%\\](?:[ux]?\{?[\da-f]{2,6}\}?|[0-3][0-7]{2})|\+[\w+/]{2,16}-)`;

/** Of the letters at either end; those that are without their accents are one word with the rest. */
function edges(before: string, after: string): Pick<Secret['edges'], 'before' | 'after'> {
  const plain = (foreign: string) => lowerCase(foreign.normalize('NFD').replace(/[^\0-\x7f]/g, '')) || '(?!)';
  return {
    before: new RegExp(`(?:${SPELLING}|(?<![a-z0-9])${plain(before)})$`, 'i'),
    after: new RegExp(`^(?:${SPELLING}|${plain(after)}(?![a-z0-9]))`, 'i'),
  };
}

/** Of ASCII alone, so that the length stays. */
function lowerCase(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

function without(line: string, secret: Secret): string {
  const [first, ...rest] = secret.parts;
  if (first === undefined) return line;
  const text = lowerCase(line);
  let shown = '';
  let from = 0;
  for (let at = text.indexOf(first.text); at >= 0; at = text.indexOf(first.text, at + 1)) {
    if (at < from) continue;
    const end = endOf(text, at + first.text.length, rest);
    const range = end === undefined ? undefined : withEdges(text, { begin: at, end }, secret.edges);
    if (range === undefined) continue;
    shown += line.slice(from, Math.max(from, range.begin)) + HIDDEN;
    from = range.end;
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

/** With the spellings beside it; undefined: there is none, and nothing else shows that it is the secret. */
function withEdges(
  text: string,
  { begin, end }: Range,
  { before, after, isNeeded }: Secret['edges'],
): Range | undefined {
  const [left = ''] = before.exec(text.slice(Math.max(0, begin - MAX_EDGE), begin)) ?? [];
  const [right = ''] = after.exec(text.slice(end, end + MAX_EDGE)) ?? [];
  if (isNeeded && left === '' && right === '') return undefined;
  return { begin: begin - left.length, end: end + right.length };
}

/** Of the longest spelling. */
const MAX_EDGE = 24;

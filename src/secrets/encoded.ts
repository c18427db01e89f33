/**
 * Secrets in text that another program has encoded: byte by byte, as in URLs, HTML, JSON and C, or as a whole, in hexadecimal
 * digits or base64, whatever else was encoded with them. Every expression here is linear in the length of the text.
 */
import { HIDDEN } from '../address/address.js';
import { oncePerList } from './once-per-list.js';

/** Shorter ones are hidden where the whole of what is encoded is the secret. */
const MIN_PART_LENGTH = 6;
const MIN_LENGTH = 3;

/** Bytes as the characters of a string, U+0000 to U+00FF, so that strings of them can be searched. */
type Bytes = string;

interface Secret {
  /** In each encoding of characters that cameras use, shortest form of UTF-16 included. */
  bytes: readonly Bytes[];
  hexadecimal: readonly string[];
  isShort: boolean;
}

/** The line with `***` in the place of each secret that is encoded in it. */
export function withoutEncoded(line: string, secrets: readonly string[]): string {
  if (secrets.length === 0) return line;
  const known = prepare(secrets);
  return withoutBytes(withoutRuns(line, known), known);
}

const prepare = oncePerList((secrets) => secrets.filter(({ length }) => length >= MIN_LENGTH).map(secretOf));

function secretOf(text: string): Secret {
  const bytes = [
    ...new Set((['utf8', 'latin1', 'utf16le'] as const).map((encoding) => bytesOf(text, encoding))),
  ];
  return {
    bytes,
    hexadecimal: bytes.map((form) => Buffer.from(form, 'latin1').toString('hex')),
    isShort: text.length < MIN_PART_LENGTH,
  };
}

function bytesOf(text: string, encoding: 'utf8' | 'latin1' | 'utf16le'): Bytes {
  const bytes = Buffer.from(text, encoding).toString('latin1');
  // The last byte of UTF-16 in the other order is the first here.
  return encoding === 'utf16le' ? bytes.replace(/\0$/, '') : bytes;
}

/** Hexadecimal digits, with or without what dumps put between them. */
const HEXADECIMAL = /(?<![0-9a-z])(?:0x|\\x)?[0-9a-f]{2}(?:[ :,-]{0,2}(?:0x|\\x)?[0-9a-f]{2}){2,}/gi;
const BASE64 = /[\w+/-]{4,}/g;

function withoutRuns(line: string, secrets: readonly Secret[]): string {
  return line
    .replace(HEXADECIMAL, (run) => (isHexadecimal(run, secrets) ? HIDDEN : run))
    .replace(BASE64, (run) => (isBase64(run, secrets) ? HIDDEN : run));
}

function isHexadecimal(run: string, secrets: readonly Secret[]): boolean {
  const digits = run.replace(/0x|\\x|[^0-9a-f]/gi, '').toLowerCase();
  return secrets.some(({ hexadecimal, isShort }) =>
    hexadecimal.some((form) => (isShort ? digits === form : digits.includes(form))),
  );
}

/** The secret may begin at any bit of it, and a word may stand before it. */
function isBase64(run: string, secrets: readonly Secret[]): boolean {
  return [0, 1, 2, 3].some((offset) => {
    const decoded = Buffer.from(run.slice(offset), 'base64').toString('latin1');
    return secrets.some(({ bytes, isShort }) =>
      bytes.some((form) => (isShort ? offset === 0 && decoded === form : decoded.includes(form))),
    );
  });
}

/** `%2B` and `%252B`, `\x2b`, `\053`, `\u002b` and `%u002b` (halves of pairs together), `\u{2b}`, `&#43;`, `&#x2b;`, `&amp;`, NUL. */
const UNIT =
  /%(?:25){0,3}([0-9a-f]{2})|\\x([0-9a-f]{2})|\\([0-3][0-7]{2})|((?:[\\%]u[0-9a-f]{4})+)|&#(\d{1,7});|(?:&#x([0-9a-f]{1,6});|\\[ux]\{([0-9a-f]{1,6})\})|&(amp|lt|gt|quot|apos);|\0/gi;
const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const MAX_CODE_POINT = 0x10ffff;

interface Decoded {
  bytes: Bytes;
  /** For each byte where its unit begins and ends in the text, and whether it was encoded. */
  begins: number[];
  ends: number[];
  encoded: boolean[];
}

function withoutBytes(line: string, secrets: readonly Secret[]): string {
  const decoded = decodeUnits(line);
  if (decoded === undefined) return line;
  const { bytes, begins, ends, encoded } = decoded;
  const hidden: [number, number][] = [];
  for (const { bytes: forms, isShort } of secrets) {
    for (const form of forms) {
      for (let at = bytes.indexOf(form); at >= 0; at = bytes.indexOf(form, at + form.length)) {
        const last = at + form.length - 1;
        if (isShort && !encoded.slice(at, last + 1).every(Boolean)) continue;
        hidden.push([begins[at] ?? 0, ends[last] ?? line.length]);
      }
    }
  }
  return without(line, hidden);
}

/** Undefined: nothing in the line is encoded. */
function decodeUnits(line: string): Decoded | undefined {
  const decoded: Decoded = { bytes: '', begins: [], ends: [], encoded: [] };
  const parts: string[] = [];
  const add = (bytes: Bytes, begin: number, end: number, isEncoded: boolean) => {
    parts.push(bytes);
    for (let index = 0; index < bytes.length; index++) {
      decoded.begins.push(begin);
      decoded.ends.push(end);
      decoded.encoded.push(isEncoded);
    }
  };
  let from = 0;
  const plain = (to: number) => {
    for (const character of line.slice(from, to)) {
      add(Buffer.from(character).toString('latin1'), from, from + character.length, false);
      from += character.length;
    }
  };
  for (const match of line.matchAll(UNIT)) {
    plain(match.index);
    from = match.index + match[0].length;
    add(unitBytes(match), match.index, from, true);
  }
  if (from === 0) return undefined;
  plain(line.length);
  decoded.bytes = parts.join('');
  return decoded;
}

function unitBytes([, percent, x, octal, unicode, decimal, html, braced, name]: RegExpMatchArray): Bytes {
  const byte = percent ?? x;
  if (byte !== undefined) return String.fromCharCode(Number.parseInt(byte, 16));
  if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
  if (unicode !== undefined) {
    const codes = unicode.split(/[\\%]u/i).slice(1);
    return Buffer.from(String.fromCharCode(...codes.map((code) => Number.parseInt(code, 16)))).toString(
      'latin1',
    );
  }
  if (name !== undefined) return NAMED[name.toLowerCase()] ?? '';
  const hexadecimal = html ?? braced;
  if (decimal === undefined && hexadecimal === undefined) return '';
  const code = decimal === undefined ? Number.parseInt(hexadecimal ?? '', 16) : Number(decimal);
  return code > MAX_CODE_POINT ? '' : Buffer.from(String.fromCodePoint(code)).toString('latin1');
}

function without(line: string, ranges: [number, number][]): string {
  let shown = '';
  let from = 0;
  for (const [begin, end] of ranges.sort(([a], [b]) => a - b)) {
    if (begin >= from) shown += line.slice(from, begin) + HIDDEN;
    from = Math.max(from, end);
  }
  return shown + line.slice(from);
}

/**
 * Clears text of credentials before it leaves the process: known literals, and what has the form of a credential. Text may
 * come from strangers, so every expression here is linear in its length or bounded.
 */
import { isIPv6 } from 'node:net';
import { displayPath, displayQuery, HIDDEN } from '../address/address.js';
import { withoutEncoded } from './encoded.js';
import { oncePerList } from './once-per-list.js';
import { printable } from './printable.js';
import { withoutRespelled } from './respelled.js';

/** What is longer is cut: no message for people is. */
const MAX_TEXT_LENGTH = 2 ** 18;
const MAX_LINES = 2000;
const MAX_LINE_LENGTH = 8192;
/** Literals below this length are hidden as whole words only, those below the other not at all. */
const MIN_SUBSTRING_LENGTH = 6;
const MIN_WORD_LENGTH = 3;

/**
 * The text without credentials and without characters that a terminal or a reader of lines would obey.
 * @param secrets Literals that must not be in it, in every form in which they could be.
 */
export function redactText(text: string, secrets: readonly string[] = []): string {
  const lines = cut(text, MAX_TEXT_LENGTH).split('\n', MAX_LINES);
  return lines
    .map((line) => withoutLiterals(cut(line, MAX_LINE_LENGTH), secrets))
    .map((line) => withoutRespelled(withoutEncoded(line, secrets), secrets))
    .map((line) => printable(withoutForms(line)))
    .join('\n');
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}

function withoutLiterals(line: string, secrets: readonly string[]): string {
  let shown = line;
  for (const secret of longestFirst(secrets)) {
    if (secret.length >= MIN_SUBSTRING_LENGTH)
      shown = withoutCutEnd(shown.replaceAll(secret, HIDDEN), secret);
    else if (secret.length >= MIN_WORD_LENGTH) shown = withoutWord(shown, secret);
  }
  return shown;
}

const longestFirst = oncePerList((secrets) => [...secrets].sort((a, b) => b.length - a.length));

/** Programs cut their lines: the beginning of a secret may be at the end. */
function withoutCutEnd(line: string, secret: string): string {
  for (let length = secret.length - 1; length >= MIN_SUBSTRING_LENGTH; length--) {
    if (line.endsWith(secret.slice(0, length))) return `${line.slice(0, -length)}${HIDDEN}`;
  }
  return line;
}

function withoutWord(line: string, word: string): string {
  let shown = '';
  let from = 0;
  for (let at = line.indexOf(word); at >= 0; at = line.indexOf(word, from)) {
    const end = at + word.length;
    const isWord = !isLetter(line[at - 1]) && !isLetter(line[end]);
    shown += `${line.slice(from, at)}${isWord ? HIDDEN : word}`;
    from = end;
  }
  return shown + line.slice(from);
}

function isLetter(character: string | undefined): boolean {
  return character !== undefined && /[\p{L}\p{N}]/u.test(character);
}

const HEADER = /\b((?:proxy-)?authorization|(?:set-)?cookie|x-api-key)(["']?\s{0,4}[:=]).*/i;
const BASIC = /\bbasic\s{1,4}([\w+/=~-]{4,4096})/gi;
const BEARER = /\bbearer\s{1,4}[\w+/=.~-]{8,}/gi;
/** What is computed from the password (RFC 7616, 3.4.1): who has it may try passwords for as long as they like. */
const DIGEST_RESPONSE = /\bresponse=("?)[\da-f]{32,128}\1/gi;
const SCHEME = /(?<![a-z0-9+.-])[a-z][a-z0-9+.-]{0,15}:\/\//gi;
const KNOWN_SCHEME = /^(?:rtsps?|rtmps?|https?|mqtts?|wss?|tcp|udp|tls|ssl|ftp|file)$/i;
/** `user:password@host` without a scheme, from the beginning of a word on. */
const LOGIN = /(?<![^\s"'(<,;=[{/])[^\s"'<>@:/()[\]{}]{1,64}:(?!\/\/)[^\s"<>]{1,256}@(?=[\w[])/g;
const QUERY = /\?(?=[\w.[\]%-]{1,64}=)([^\s"]*)/g;
const PAIRS = /(?<![\w.[\]%&-])[\w.[\]%-]{1,64}=[^\s"&]{0,512}&[\w.[\]%-]{1,64}=[^\s"]*/g;
const PARAMETER =
  /\b(user(?:name)?|usr|login|pass(?:word|wd|phrase)?|pwd|token|key|auth|secret)=[^&/?#\s"]{1,512}/gi;

/** Hides what has the form of a credential, whether it is known or not. */
function withoutForms(line: string): string {
  return withoutAddresses(line.replace(HEADER, `$1$2 ${HIDDEN}`))
    .replace(BASIC, (match, code: string) => (isLogin(code) ? `Basic ${HIDDEN}` : match))
    .replace(BEARER, `Bearer ${HIDDEN}`)
    .replace(DIGEST_RESPONSE, `response=${HIDDEN}`)
    .replace(LOGIN, `${HIDDEN}@`)
    .replace(QUERY, (_, query: string) => `?${displayQuery(query)}`)
    .replace(PAIRS, displayQuery)
    .replace(PARAMETER, `$1=${HIDDEN}`);
}

function isLogin(base64: string): boolean {
  return Buffer.from(base64, 'base64').includes(':');
}

/** Hides the credentials of every address in the line, those with blanks in them too. */
function withoutAddresses(line: string): string {
  const begins = Array.from(line.matchAll(SCHEME), ({ 0: prefix, index }) => ({ prefix, index }));
  if (begins.length === 0) return line;
  const firm = begins.filter(({ prefix }) => KNOWN_SCHEME.test(prefix.slice(0, -'://'.length)));
  let shown = '';
  let from = 0;
  for (const { prefix, index } of begins) {
    // Within the user information of the address before.
    if (index < from) continue;
    const start = index + prefix.length;
    const next = firm.find((other) => other.index >= start)?.index ?? line.length;
    const limit = start + withBlanks(line.slice(start, next));
    const host = /^file:/i.test(prefix) ? start : hostStart(line, start, limit);
    const stop = line.slice(host, limit).search(/[\s"<>]/);
    const end = stop < 0 ? limit : host + stop;
    shown +=
      line.slice(from, start) + (host > start ? `${HIDDEN}@` : '') + displayRest(line.slice(host, end));
    from = end;
  }
  return shown + line.slice(from);
}

/** A pass phrase has no more blanks, or `@` in a line means something else. */
const WITH_BLANKS = /^(?:\S{0,256}\s){0,6}\S{0,4096}/;

/** How much of the text the user information of an address can reach into. */
function withBlanks(text: string): number {
  // What was hidden already ends with it.
  if (text.startsWith(`${HIDDEN}@`)) return text.search(/\s|$/);
  return WITH_BLANKS.exec(text)?.[0].length ?? 0;
}

/** Behind the last `@` before `limit`, other than one between blanks as in ffmpeg's log; `start` where there is none. */
function hostStart(line: string, start: number, limit: number): number {
  for (let at = line.lastIndexOf('@', limit - 1); at >= start; at = line.lastIndexOf('@', at - 1)) {
    if (!/^\s@\s/.test(line.slice(at - 1, at + 2))) return at + 1;
    if (at === 0) break;
  }
  return start;
}

/** Host, path and query, without the values of parameters. */
function displayRest(rest: string): string {
  const [authority = ''] = /^[^/?]*/.exec(rest) ?? [];
  const question = rest.indexOf('?');
  const path = displayPath(rest.slice(authority.length, question < 0 ? undefined : question));
  // What follows the host and is no port is the end of a password.
  const literal = ipv6Literal(authority);
  const name = authority.slice(literal.length).replace(/^([^:]*):(?!\d{1,5}\b)(?=.).*$/, `$1:${HIDDEN}`);
  return `${literal}${name}${path}${question < 0 ? '' : `?${displayQuery(rest.slice(question + 1))}`}`;
}

/** The IPv6 address in brackets at the beginning of the text; empty: there is none. */
function ipv6Literal(text: string): string {
  const [literal = '', address = ''] = /^\[([^\]]{2,64})\]/.exec(text) ?? [];
  return isIPv6(address.replace(/%.*/s, '')) ? literal : '';
}

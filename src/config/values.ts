/** Turns the text of one variable into its value, or says what was expected: the whole validation of single values. */
import { accessSync, constants, statSync } from 'node:fs';

/**
 * What a parser throws: the message is what is wrong with the text, `expected` what would be right. The message repeats the
 * text unless it may be secret.
 */
export class Unexpected extends Error {
  readonly expected: string;
  constructor(expected: string, problem: string) {
    super(problem);
    this.expected = expected;
  }
}

export type Parser<T> = (text: string) => T;

const received = (text: string) => `received ${JSON.stringify(text)}`;

export function number(min: number, max: number): Parser<number> {
  return (text) => {
    const value = Number(text);
    if (!Number.isFinite(value) || value < min || value > max) {
      throw new Unexpected(`a number from ${min} to ${max}`, received(text));
    }
    return value;
  };
}

export function integer(min: number, max: number): Parser<number> {
  return (text) => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < min || value > max) {
      throw new Unexpected(`a whole number from ${min} to ${max}`, received(text));
    }
    return value;
  };
}

export function choice<const T extends readonly string[]>(...allowed: T): Parser<T[number]> {
  return (text) => {
    const value = text.toLowerCase();
    if (!allowed.includes(value)) throw new Unexpected(`one of ${allowed.join(', ')}`, received(text));
    return value as T[number];
  };
}

/** Some of these words, separated by commas, or `none`. */
export function choices<const T extends readonly string[]>(...allowed: T): Parser<T[number][]> {
  return (text) => {
    if (isNone(text)) return [];
    const items = list(text.toLowerCase());
    if (!items.every((item) => allowed.includes(item))) {
      throw new Unexpected(`some of ${allowed.join(', ')}, or none`, received(text));
    }
    return items as T[number][];
  };
}

/** The word for an empty list. */
export function isNone(text: string): boolean {
  return text.trim().toLowerCase() === 'none';
}

export function boolean(text: string): boolean {
  if (/^(true|on|yes|1)$/i.test(text)) return true;
  if (/^(false|off|no|0)$/i.test(text)) return false;
  throw new Unexpected('true or false', received(text));
}

/** A comma-separated list without empty items or repeats. */
export function list(text: string): string[] {
  const items = text.split(',').map((item) => item.trim());
  if (items.some((item) => item === ''))
    throw new Unexpected('names separated by single commas', received(text));
  const repeated = items.find((item, index) => items.indexOf(item) !== index);
  if (repeated !== undefined)
    throw new Unexpected('each name once', `${JSON.stringify(repeated)} appears twice`);
  return items;
}

/** One level of an MQTT topic (MQTT 3.1.1, 4.7): no separator, wildcard, space or control character. */
export function topicSegment(text: string): string {
  if (!/^[^+#/\s\p{Cc}$][^+#/\s\p{Cc}]*$/u.test(text)) {
    throw new Unexpected('a name without spaces, /, + or #', received(text));
  }
  return text;
}

/** An MQTT topic: segments separated by `/`, none empty. */
export function topic(text: string): string {
  try {
    for (const segment of text.split('/')) topicSegment(segment);
  } catch {
    throw new Unexpected('topic levels separated by /, without spaces, + or #', received(text));
  }
  return text;
}

/** Camera names become topic segments and parts of variable names. */
export function cameraNames(text: string): string[] {
  const names = list(text);
  for (const name of names) {
    if (!/^[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?$/i.test(name)) {
      throw new Unexpected('names of letters, digits, _ and -, such as front,back_yard', received(name));
    }
  }
  return names;
}

const BROKER_EXPECTED = 'mqtt://, mqtts://, ws:// or wss:// and a host';

/** One address, or several separated by commas: those of the servers of one broker, of one scheme. */
export function brokerUrls(text: string): string[] {
  // A comma in a password is no separator.
  const urls = text.split(/\s*,\s*(?=[a-z]+:\/\/)/i);
  for (const address of urls) url(address, ['mqtt', 'mqtts', 'ws', 'wss'], BROKER_EXPECTED);
  if (new Set(urls.map((address) => new URL(address).protocol)).size > 1) {
    throw new Unexpected('addresses of one scheme', 'received different schemes');
  }
  return urls;
}

const CAMERA_EXPECTED = 'rtsp(s):// or http(s):// and a host, a file that exists, or test:';

/** A camera's address. The text may hold credentials, so a problem never repeats it. */
export function cameraUrl(text: string): string {
  if (text === 'test:') return text;
  if (SCHEME.test(text) && !/^file:/i.test(text)) {
    return url(text, ['rtsp', 'rtsps', 'http', 'https'], CAMERA_EXPECTED);
  }
  const path = text.replace(/^file:(?:\/\/)?/i, '');
  if (isFile(path)) return path;
  // An address whose scheme was forgotten looks like a path, and may hold a password.
  const what = /[@=]/.test(path) ? 'of that name' : JSON.stringify(path);
  throw new Unexpected(CAMERA_EXPECTED, `there is no file ${what}`);
}

const SCHEME = /^([a-z][a-z0-9+.-]*):\/\//i;

function url(text: string, schemes: readonly string[], expected: string): string {
  const scheme = SCHEME.exec(text)?.[1];
  if (scheme === undefined) throw new Unexpected(expected, 'it does not begin with a scheme and ://');
  if (!schemes.includes(scheme.toLowerCase()))
    throw new Unexpected(expected, `received the scheme ${scheme}://`);
  let parsed: URL;
  try {
    parsed = new URL(text);
  } catch {
    throw new Unexpected(`${expected}; write special characters of a password as %XX`, 'not a valid URL');
  }
  if (parsed.hostname === '') throw new Unexpected(expected, 'there is no host');
  return text;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** A readable file. */
export function file(path: string): string {
  if (path.includes('-----BEGIN ')) {
    throw new Unexpected('the path of a file', 'received the content of a PEM file');
  }
  if (!isFile(path)) throw new Unexpected('a file that exists', `there is no file ${JSON.stringify(path)}`);
  try {
    accessSync(path, constants.R_OK);
  } catch {
    throw new Unexpected('a file that this user may read', `no permission to read ${JSON.stringify(path)}`);
  }
  return path;
}

export function text(value: string): string {
  return value;
}

/** Turns the text of one variable into its value, or says what was expected: the whole validation of single values. */
import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { type BrokerAddresses, parseBrokerAddresses } from '../address/broker.js';
import { type CameraAddress, parseCameraAddress } from '../address/camera.js';
import { AddressError } from '../address/parse.js';
import { isMqttString, isTopicLevel, MAX_MQTT_BYTES } from '../mqtt-strings.js';
import { describeFileProblem, FileError, fileProblem, readTextFile } from './files.js';

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

export interface Parser<T> {
  /** @param variable The one that holds the text, for messages. */
  (text: string, variable?: string): T;
  /** Of a number: the least and the largest. */
  readonly range?: readonly [min: number, max: number];
}

/** Longer texts are cut in messages. */
const MAX_QUOTED = 80;

/** So much of the text as a message has room for. */
export function shortened(text: string): string {
  return text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text;
}

/** The text as a message repeats it. */
export function quoted(text: string): string {
  return JSON.stringify(shortened(text));
}

const received = (text: string) => `received ${quoted(text)}`;

/** Decimal digits only: a blank is no 0, and 0x10 no 16. */
function toNumber(text: string): number {
  return /^-?(?:\d{1,20}(?:\.\d{0,20})?|\.\d{1,20})(?:e-?\d{1,3})?$/i.test(text) ? Number(text) : Number.NaN;
}

/** A number within the limits, which belong to it. */
export function number(min: number, max: number): Parser<number> {
  const parse = (text: string) => {
    const value = toNumber(text);
    if (!Number.isFinite(value) || value < min || value > max) {
      throw new Unexpected(`a number from ${min} to ${max}`, received(text));
    }
    return value;
  };
  return Object.assign(parse, { range: [min, max] as const });
}

/** A whole number within the limits, which belong to it. */
export function integer(min: number, max: number): Parser<number> {
  const parse = (text: string) => {
    const value = toNumber(text);
    if (!Number.isInteger(value) || value < min || value > max) {
      throw new Unexpected(`a whole number from ${min} to ${max}`, received(text));
    }
    return value;
  };
  return Object.assign(parse, { range: [min, max] as const });
}

/** One of these words, in any case of letters. */
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

/** `true`, `on`, `yes`, `1` and their contraries, in any case of letters. */
export function boolean(text: string): boolean {
  if (/^(true|on|yes|1)$/i.test(text)) return true;
  if (/^(false|off|no|0)$/i.test(text)) return false;
  throw new Unexpected('true or false', received(text));
}

/** The first item that was there before; undefined: all differ. */
export function firstRepeated(items: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return items.find((item) => seen.size === seen.add(item).size);
}

/** A comma-separated list without empty items or repeats. */
export function list(text: string): string[] {
  const items = text.split(',').map((item) => item.trim());
  if (items.some((item) => item === ''))
    throw new Unexpected('names separated by single commas', received(text));
  const repeated = firstRepeated(items);
  if (repeated !== undefined) throw new Unexpected('each name once', `${quoted(repeated)} appears twice`);
  return items;
}

/** Characters of the longest topic level and base topic: room for all that is put behind them. */
const MAX_TOPIC = 250;

/** One level of an MQTT topic, without spaces; `$` at its beginning is the broker's own. */
export function topicSegment(text: string): string {
  if (!isTopicLevel(text) || /\s/.test(text) || text.startsWith('$') || text.length > MAX_TOPIC) {
    throw new Unexpected(
      `a name of at most ${MAX_TOPIC} characters, without spaces, /, + or #`,
      received(text),
    );
  }
  return text;
}

/** An MQTT topic: segments separated by `/`, none empty. */
export function topic(text: string): string {
  try {
    for (const segment of text.split('/')) topicSegment(segment);
    if (text.length > MAX_TOPIC) throw new Error('too long');
  } catch {
    throw new Unexpected(
      `topic levels separated by /, at most ${MAX_TOPIC} characters, without spaces, + or #`,
      received(text),
    );
  }
  return text;
}

const MAX_CAMERAS = 100;
/** Characters of the longest name of a camera. */
const MAX_CAMERA_NAME = 64;

/** Letters, digits, and `_` and `-` between them, 64 at most. */
export function isCameraName(text: string): boolean {
  return text.length <= MAX_CAMERA_NAME && /^[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?$/i.test(text);
}

/** Camera names become topic segments and parts of variable names. */
export function cameraNames(text: string): string[] {
  const names = list(text);
  if (names.length > MAX_CAMERAS) {
    throw new Unexpected(`at most ${MAX_CAMERAS} cameras`, `received ${names.length} names`);
  }
  const wrong = names.filter((name) => !isCameraName(name));
  if (wrong.length === 0) return names;
  throw new Unexpected(
    `names of letters, digits, _ and -, of at most ${MAX_CAMERA_NAME} characters, such as front,back_yard`,
    `received ${wrong.map(quoted).join(', ')}`,
  );
}

const BROKER_EXPECTED = 'mqtt://, mqtts://, ws:// or wss:// and a host';

/** The addresses of a broker's servers, as {@link parseBrokerAddresses} reads them. */
export function brokerAddresses(text: string, variable = 'MQTT_URL'): BrokerAddresses {
  const addresses = address(() => parseBrokerAddresses(text), BROKER_EXPECTED, variable);
  if (!isMqttString(addresses.username ?? ''))
    throw new Unexpected('one without control characters', 'its user name cannot be sent over MQTT');
  return addresses;
}

/** Text that MQTT can carry, such as a client identifier. It may be secret: it is not repeated. */
export function mqttString(text: string): string {
  if (isMqttString(text)) return text;
  throw new Unexpected(
    `text of at most ${MAX_MQTT_BYTES} bytes, without control characters and code points that Unicode keeps free of characters`,
    'it cannot be sent over MQTT',
  );
}

/** A password at the broker: bytes, of which only the number is limited (MQTT 5.0, 3.1.3.6). */
export function mqttPassword(text: string): string {
  if (Buffer.byteLength(text) <= MAX_MQTT_BYTES) return text;
  throw new Unexpected(`at most ${MAX_MQTT_BYTES} bytes`, 'it cannot be sent over MQTT');
}

/** `user:password` alone; `127.0.0.1:8970`, `person: threshold 0.5` and what has more parts are none. */
export function isLogin(text: string): boolean {
  return /^[^\s:,;]{1,64}:(?=\S{0,255}[a-z])[^\s:,;]{4,256}$/i.test(text);
}

/** An address whose scheme was forgotten looks like a path, and may hold a password; so may be a password in the wrong line. */
function mayBeSecret(path: string): boolean {
  return /[@=?]/.test(path) || !/[./]/.test(path) || isLogin(path);
}

const CAMERA_EXPECTED = 'rtsp(s):// or http(s):// and a host, v4l2:/dev/video0, a file that exists, or test:';

/** A camera's address, as {@link parseCameraAddress} reads it; a file must exist. */
export function cameraAddress(text: string, variable = 'CAMERA_URL'): CameraAddress {
  const parsed = address(() => parseCameraAddress(text), CAMERA_EXPECTED, variable);
  if (parsed.scheme !== 'file') return parsed;
  const problem = fileProblem(parsed.path);
  if (problem === undefined) return parsed;
  // Of other programs: `ffmpeg:rtsp://…`, `-rtsp_transport tcp -i rtsp://…`.
  if (/.(?:rtsps?|https?):\/\//i.test(parsed.path))
    throw new Unexpected(CAMERA_EXPECTED, 'something stands before the address');
  const path = mayBeSecret(parsed.path) ? 'of that name' : quoted(parsed.path);
  throw new Unexpected(CAMERA_EXPECTED, describeFileProblem(problem, path));
}

/** What the parser says of an address, with the remedy where credentials may be the cause. */
function address<T>(parse: () => T, expected: string, variable: string): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof AddressError)) throw error;
    const setting = (name: string) => variable.replace(/URL$/, name);
    const remedy = `; give user name and password as ${setting('USERNAME')} and ${setting('PASSWORD')}, or write their special characters as %XX (@ is %40, # is %23, / is %2F, % is %25)`;
    throw new Unexpected(error.concernsCredentials ? `${expected}${remedy}` : expected, error.message);
  }
}

/** The user name of a camera: HTTP and RTSP end it at a colon (RFC 7617, 2). */
export function cameraUsername(text: string): string {
  if (text.includes(':')) throw new Unexpected('a user name without a colon', 'it holds a colon');
  return text;
}

/** The path of a readable file. */
export function file(path: string): string {
  if (path.includes('-----BEGIN ')) {
    throw new Unexpected('the path of a file', 'received the content of a PEM file');
  }
  const problem = fileProblem(path);
  if (problem !== undefined) {
    throw new Unexpected('a file that exists', describeFileProblem(problem, quoted(path)));
  }
  return path;
}

/** Digests of files of certificates that can be read: to try those of a system's bundle takes 40 ms of x86, for each camera. */
const readable = new Set<string>();

/** The path of a file of certificates, all of which can be read. */
export function certificates(path: string): string {
  const pem = pemOf(path);
  const digest = createHash('sha256').update(pem).digest('base64');
  if (readable.has(digest)) return path;
  const found = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g);
  if (found === null) throw new Unexpected(PEM_EXPECTED, `${quoted(path)} holds no certificate in PEM`);
  for (const certificate of found) {
    try {
      new X509Certificate(certificate);
    } catch {
      throw new Unexpected(PEM_EXPECTED, `a certificate in ${quoted(path)} cannot be read`);
    }
  }
  readable.add(digest);
  return path;
}

/** The path of a file with a private key; whether it can be used is seen beside its certificate. */
export function privateKey(path: string): string {
  if (!/-----BEGIN [A-Z ]{0,32}PRIVATE KEY-----/.test(pemOf(path)))
    throw new Unexpected(
      'a file in PEM, which begins with -----BEGIN PRIVATE KEY----- or the like',
      `${quoted(path)} holds no private key in PEM`,
    );
  return path;
}

/**
 * What keeps a certificate and its key, both in files that are there, from being used together; undefined: nothing.
 * @param certificate As {@link certificates} has accepted it. @param key As {@link privateKey} has.
 */
export function keyProblem(certificate: string, key: string): string | undefined {
  const pem = pemOf(key);
  if (/ENCRYPTED/.test(pem)) return 'it has a pass phrase';
  try {
    if (new X509Certificate(pemOf(certificate)).checkPrivateKey(createPrivateKey(pem))) return undefined;
    return 'it is the key of another certificate';
  } catch {
    return 'it cannot be read';
  }
}

const PEM_EXPECTED =
  'a file in PEM, which begins with -----BEGIN CERTIFICATE----- (openssl x509 -inform der -in FILE -out FILE.pem makes one of DER)';
/** Bundles of all authorities that are known take a quarter of it. */
const MAX_PEM_BYTES = 2 ** 20;

function pemOf(path: string): string {
  try {
    return readTextFile(file(path), MAX_PEM_BYTES);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    throw new Unexpected('a file in PEM', describeFileProblem(error, quoted(path)));
  }
}

/** Any text: what no text may hold is refused where it is read. */
export function text(value: string): string {
  return value;
}

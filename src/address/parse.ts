/**
 * Reads the addresses that people write. The form is that of RFC 3986, but passwords are often written without the encoding
 * that it asks for: `#`, `/`, `?`, `@`, `:`, `%`, blanks and other letters in a user name or password are understood wherever
 * the address can be read in one way only. A `#` is understood nowhere else, because no camera or broker has fragments.
 */
import { isIP, isIPv4, isIPv6 } from 'node:net';
import { domainToASCII } from 'node:url';
import { Address } from './address.js';

/** Says what is wrong with an address, without repeating any of it but its scheme. */
export class AddressError extends Error {
  /** The user name or password may be the cause. */
  readonly concernsCredentials: boolean;

  constructor(problem: string, concernsCredentials = false) {
    super(problem);
    this.concernsCredentials = concernsCredentials;
  }
}

const MAX_LENGTH = 4096;
const SCHEME = /^([a-z][a-z0-9+.-]{0,15}):\/\//i;
/** What a second scheme would be; any other word before `://` may be a user name. */
const KNOWN_SCHEME = /^(?:rtsps?|rtmps?|https?|mqtts?|wss?|tcp|udp|ssl|tls|file|ftp):\/\//i;
const MAX_PORT = 65_535;

/** Host, port and what follows. */
interface Target {
  host: string;
  port: number | undefined;
  path: string;
  query: string | undefined;
}

interface Reading {
  userInfo: string | undefined;
  target: Target;
}

/**
 * Reads `scheme://[user[:password]@]host[:port][/path][?query]`.
 * @throws AddressError for everything else, and where two readings are possible.
 */
export function parseAddress<const S extends string>(text: string, schemes: readonly S[]): Address<S> {
  const trimmed = text.trim();
  if (trimmed.length > MAX_LENGTH) throw new AddressError(`it has more than ${MAX_LENGTH} characters`);
  if (/\p{Cc}/u.test(trimmed)) throw new AddressError('it holds a line break or another control character');
  // No UTF-8 has them, so that no URL can hold them either.
  if (/\p{Cs}/u.test(trimmed))
    throw new AddressError('it holds half of a surrogate pair, which is no character');
  const [prefix, word] = SCHEME.exec(trimmed) ?? [];
  if (prefix === undefined || word === undefined) {
    throw new AddressError('it does not begin with a scheme and ://');
  }
  const scheme = schemes.find((allowed) => allowed === word.toLowerCase());
  if (scheme === undefined) throw new AddressError(`received the scheme ${word}://`);
  const rest = trimmed.slice(prefix.length);
  if (KNOWN_SCHEME.test(rest)) throw new AddressError('a second scheme follows the first');
  const { userInfo, target } = onlyReading(rest);
  return new Address({ scheme, ...target, ...credentials(userInfo) });
}

/** The one way in which the text after the scheme can be read. */
function onlyReading(rest: string): Reading {
  const readings: Reading[] = [];
  let problem: AddressError | undefined;
  for (const at of [-1, ...Array.from(rest.matchAll(/@/g), ({ index }) => index)]) {
    const userInfo = at < 0 ? undefined : rest.slice(0, at);
    if (!isUserInfo(userInfo, rest)) continue;
    try {
      readings.push({ userInfo, target: parseTarget(rest.slice(at + 1)) });
    } catch (error) {
      if (!(error instanceof AddressError)) throw error;
      problem = new AddressError(error.message, rest.includes('@'));
    }
  }
  const [standard, ...others] = readings;
  if (standard === undefined) throw problem ?? new AddressError('there is no host', true);
  // Nobody writes an IP address and a slash into a password.
  if (others.length > 0 && isIP(standard.target.host) === 0) {
    throw new AddressError('it can be read in two ways, because of a /, ? or @ that is not encoded', true);
  }
  return standard;
}

/**
 * Whether the text before an `@` can be a user name and password. A user name holds none of `/?#`; and without one, the `@`
 * is not in the part that ends at the first of these.
 */
function isUserInfo(userInfo: string | undefined, rest: string): boolean {
  if (userInfo === undefined) return !/^[^/?#]*@/.test(rest);
  return /^[^/?#:]*(?::|$)/.test(userInfo);
}

/** Reads `host[:port][/path][?query]`. */
function parseTarget(text: string): Target {
  const [, bracketed, name, colon, digits, tail] =
    /^(?:\[([^\]]*)\]|([^/?#@:[\]]*))(?:(:)([^/?#@]*))?(.*)$/su.exec(text) ?? [];
  if (tail === undefined) throw new AddressError('there is no host');
  if (bracketed === undefined && tail.startsWith('[')) throw new AddressError('its host is no IPv6 address');
  if (tail.includes('#')) throw new AddressError('a # is understood in a password only');
  if (tail !== '' && !/^[/?]/.test(tail))
    throw new AddressError('what follows the host is no port and no path');
  const host = bracketed === undefined ? hostName(name ?? '') : ipv6(bracketed);
  const question = tail.indexOf('?');
  return {
    host,
    port: colon === undefined ? undefined : portNumber(digits ?? ''),
    path: question < 0 ? tail : tail.slice(0, question),
    query: question < 0 ? undefined : tail.slice(question + 1),
  };
}

const LABEL = /^(?!-)[\p{L}\p{N}_-]{1,63}$/u;
/** What programs take for an IPv4 address: a name whose last part is a number. */
const NUMERIC = /(?:^|\.)(?:\d+|0x[\da-f]*)$/i;

function hostName(text: string): string {
  if (text === '') throw new AddressError('there is no host');
  const name = text.endsWith('.') ? text.slice(0, -1) : text;
  if (name.length > 253 || !name.split('.').every((label) => LABEL.test(label))) {
    throw new AddressError('its host is no host name');
  }
  if (NUMERIC.test(name) && !isIPv4(name)) throw new AddressError('its host is no IPv4 address');
  const ascii = domainToASCII(text);
  if (ascii === '') throw new AddressError('its host is no host name');
  return /^[\x21-\x7e]+$/.test(text) ? text : ascii;
}

/** An IPv6 address with its zone as the system takes it: in a URL that of a link-local address is written %25eth0 (RFC 6874). */
export function withPlainZone(address: string): string {
  return address.replace(/%25(?=[^%]+$)/, '%');
}

function ipv6(text: string): string {
  const host = withPlainZone(text);
  if (!isIPv6(host)) throw new AddressError('its host is no IPv6 address');
  return host;
}

function portNumber(digits: string): number {
  const port = /^\d{1,5}$/.test(digits) ? Number(digits) : 0;
  if (port < 1 || port > MAX_PORT) throw new AddressError(`its port is no number from 1 to ${MAX_PORT}`);
  return port;
}

interface Credentials {
  username: string | undefined;
  password: string | undefined;
}

/** The first colon separates user name and password, which may hold others. */
function credentials(userInfo = ''): Credentials {
  if (userInfo === '') return { username: undefined, password: undefined };
  const colon = userInfo.indexOf(':');
  if (colon < 0) return { username: decode(userInfo), password: undefined };
  return { username: decode(userInfo.slice(0, colon)), password: decode(userInfo.slice(colon + 1)) };
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** %XX as the character that it stands for; a `%` without two hexadecimal digits is itself. */
function decode(text: string): string {
  const decoded = text.replace(/(?:%[0-9a-f]{2})+/gi, (encoded) => {
    const bytes = Uint8Array.from(encoded.slice(1).split('%'), (byte) => Number.parseInt(byte, 16));
    try {
      return UTF8.decode(bytes);
    } catch {
      throw new AddressError('a %XX in its user name or password is no UTF-8', true);
    }
  });
  if (/\p{Cc}/u.test(decoded)) {
    throw new AddressError('a %XX in its user name or password is a control character', true);
  }
  return decoded;
}

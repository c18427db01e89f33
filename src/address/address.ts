/** The address of a camera or broker in parts, with its credentials decoded. */
import { inspect } from 'node:util';

export interface AddressParts<S extends string = string> {
  /** In lower case, without the colon. */
  scheme: S;
  /** A name in ASCII or an IP address, IPv6 without brackets; empty for a device, a file and the test picture. */
  host: string;
  /** Undefined: the scheme's own. */
  port: number | undefined;
  /** Begins with `/`, or is empty; the path of a file as it was given. */
  path: string;
  /** Without the `?`; undefined: there is none. */
  query: string | undefined;
  username: string | undefined;
  password: string | undefined;
}

export const HIDDEN = '***';

/**
 * As text it is always {@link Address.display}: a template, a log line or JSON that holds an address shows no credential.
 */
export class Address<S extends string = string> implements AddressParts<S> {
  readonly scheme: S;
  readonly host: string;
  readonly port: number | undefined;
  readonly path: string;
  readonly query: string | undefined;
  readonly username: string | undefined;
  readonly password: string | undefined;

  constructor(parts: AddressParts<S>) {
    this.scheme = parts.scheme;
    this.host = parts.host;
    this.port = parts.port;
    this.path = parts.path;
    this.query = parts.query;
    this.username = parts.username;
    this.password = parts.password;
  }

  /** The same address with these credentials. */
  withCredentials(credentials: Pick<AddressParts, 'username' | 'password'>): Address<S> {
    return new Address({ ...this, ...credentials });
  }

  /** For a program that reads URLs (RFC 3986): credentials are in it, encoded. */
  href(): string {
    // `file:` keeps ffmpeg from taking a colon in the path for a protocol.
    if (this.scheme === 'file') return `file:${this.path}`;
    if (this.scheme === 'v4l2') return this.path;
    if (this.scheme === 'test') return 'test:';
    const query = this.query === undefined ? '' : `?${encodeRest(this.query)}`;
    return `${this.scheme}://${this.#userInfo()}${this.authority()}${encodeRest(this.path)}${query}`;
  }

  /** For people: without credentials, of a query only the names of its parameters. */
  display(): string {
    if (this.scheme === 'file') return this.path;
    if (this.scheme === 'v4l2') return `v4l2:${this.path}`;
    if (this.scheme === 'test') return 'test:';
    const userInfo = this.username === undefined && this.password === undefined ? '' : `${HIDDEN}@`;
    const query = this.query === undefined ? '' : `?${displayQuery(this.query)}`;
    return `${this.scheme}://${userInfo}${this.authority()}${displayPath(this.path)}${query}`;
  }

  toString(): string {
    return this.display();
  }

  toJSON(): string {
    return this.display();
  }

  /** What console.log and error reports show. */
  [inspect.custom](): string {
    return this.display();
  }

  /** Host and port, as they stand in a URL. */
  authority(): string {
    const host = this.host.includes(':') ? `[${this.host}]` : this.host;
    return this.port === undefined ? host : `${host}:${this.port}`;
  }

  #userInfo(): string {
    if (this.username === undefined && this.password === undefined) return '';
    const password = this.password === undefined ? '' : `:${encodeURIComponent(this.password)}`;
    return `${encodeURIComponent(this.username ?? '')}${password}@`;
  }
}

/** Only what a URL may not hold (RFC 3986, 2): the rest stays as the camera's maker wrote it. */
function encodeRest(text: string): string {
  return text.replace(/[^\x21-\x7e]+|["<>\\^`{|}]+/g, encodeURIComponent);
}

/** Makers put credentials into paths too: `/user=admin&password=x&channel=1`, `/user:admin,password:x`, and {@link tokensOfPath}. */
export function displayPath(path: string): string {
  return withoutUserInfo(path)
    .replace(/(?<![\w.-])([\w.-]{1,64})(?:(=)[^&;/]*|(:)[^&;/]{3,})/g, `$1$2$3${HIDDEN}`)
    .replace(PATH_WORD, (word) => (isToken(word) ? HIDDEN : word));
}

const PATH_WORD = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}|[\da-z]{12,4096}/gi;

/**
 * What nobody would guess is the only credential of some cameras (UniFi Protect): `/GzSqOXkR6lHUXuPd`, hexadecimal digits, or a UUID.
 * Words such as `h264Preview` and `channels` are none.
 */
function isToken(word: string): boolean {
  if (!/\d/.test(word) || !/[a-z]/i.test(word)) return false;
  return (/[a-z]/.test(word) && /[A-Z]/.test(word)) || /^[\da-f-]+$/i.test(word);
}

/** The parts of a path that are credentials by their look. */
export function tokensOfPath(path: string): string[] {
  return (path.match(PATH_WORD) ?? []).filter(isToken);
}

/** A raw slash in a user name makes the rest of it, and the password, a part of the path: `rtsp://DOMAIN/user:password@camera/x`. */
function withoutUserInfo(path: string): string {
  const colon = path.indexOf(':');
  const at = path.lastIndexOf('@');
  if (colon < 0 || at < colon) return path;
  return `${path.slice(0, path.lastIndexOf('/', colon) + 1)}${HIDDEN}${path.slice(at)}`;
}

/** `loginuse=admin&loginpas=x` -> `loginuse=***&loginpas=***`. What is no parameter with a name may be a credential. */
export function displayQuery(query: string): string {
  return query
    .split('&')
    .map((parameter) => {
      const name = /^([\w.[\]-]{1,64})=/.exec(parameter)?.[1];
      return name === undefined ? HIDDEN : `${name}=${HIDDEN}`;
    })
    .join('&');
}

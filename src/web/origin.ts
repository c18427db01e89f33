/**
 * Which requests are meant for this page: a name in `Host` that is nobody's but ours, and an `Origin` that is the page itself. Without
 * this any page of the web could reach a daemon in the visitor's network, by a name of its own that it lets point there (DNS rebinding).
 */
import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import { shortened } from '../config/values.js';

/** Nobody can register these: RFC 6761, RFC 6762, RFC 8375, and .internal as ICANN has reserved it; .lan is what routers use. */
const LOCAL_NAME = /^(?:[^.]+|.+\.(?:local|localhost|lan|internal|home\.arpa))$/;

/** What is wrong with a request; undefined: nothing. */
export interface Refusal {
  error: string;
  remedy: string;
}

export class OriginGuard {
  readonly #names: ReadonlySet<string>;

  /** @param names Public names under which the page is reached. */
  constructor(names: readonly string[]) {
    this.#names = new Set(names);
  }

  /** @param unsafe The request changes something, or opens a WebSocket. */
  refusal(headers: IncomingHttpHeaders, unsafe: boolean): Refusal | undefined {
    const { host = '', origin } = headers;
    const name = hostName(host);
    if (name === undefined || !this.#isOurs(name)) {
      const shown = name === undefined ? 'this name' : shortened(name);
      return {
        error: 'the page does not answer to this name',
        remedy: `WEB_HOSTS=${shown} in the env file makes it do so`,
      };
    }
    if (!unsafe) return undefined;
    const site = headers['sec-fetch-site'];
    const foreign =
      origin === undefined ? /^(?:cross|same)-site$/.test(String(site)) : !this.#isSame(origin, host);
    if (!foreign) return undefined;
    return {
      error: 'the request comes from another page',
      remedy: 'where a reverse proxy changes the host name, WEB_HOSTS names the public one',
    };
  }

  #isOurs(name: string): boolean {
    return isIP(name) !== 0 || LOCAL_NAME.test(name) || this.#names.has(name);
  }

  #isSame(origin: string, host: string): boolean {
    if (!URL.canParse(origin)) return false;
    const url = new URL(origin);
    const sent = url.host;
    const received = host.toLowerCase();
    // A browser leaves the scheme's own port out of both.
    return (
      sent === received ||
      `${sent}:80` === received ||
      `${sent}:443` === received ||
      this.#names.has(url.hostname)
    );
  }
}

/** Without the port, lower case, IPv6 without brackets; undefined: it is none. */
function hostName(host: string): string | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9_.-]+?)\.?)(?::\d{1,5})?$/i.exec(host);
  return (match?.[1] ?? match?.[2])?.toLowerCase();
}

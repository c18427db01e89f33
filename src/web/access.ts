/** Whether a request may see the page: by the cookie of a session, or by HTTP's Basic authentication (RFC 7617) for scripts. */
import type { IncomingHttpHeaders } from 'node:http';
import { parse } from 'hono/utils/cookie';
import type { Clock } from '../clock.js';
import { Attempts } from './attempts.js';
import { Sessions } from './sessions.js';

export const COOKIE = 'ghostcam_session';

export type Verdict = 'allowed' | 'refused' | { waitS: number };

export class Access {
  /** Undefined: nobody needs a password. */
  readonly #sessions: Sessions | undefined;
  readonly #attempts: Attempts;

  constructor(password: string | undefined, clock: Clock) {
    this.#sessions = password === undefined ? undefined : new Sessions(password, clock);
    this.#attempts = new Attempts(clock);
  }

  /** @param address Of the client, by which wrong passwords are counted. */
  verdict(headers: IncomingHttpHeaders, address: string): Verdict {
    if (this.#sessions === undefined) return 'allowed';
    const token = tokenOf(headers);
    if (token !== undefined && this.#sessions.has(token)) return 'allowed';
    const password = basicPassword(headers.authorization);
    return password === undefined ? 'refused' : this.#try(password, address, this.#sessions);
  }

  /** @returns The token of a new session; undefined: no password is needed, and there are none. */
  login(password: string, address: string): { token: string | undefined } | Exclude<Verdict, 'allowed'> {
    if (this.#sessions === undefined) return { token: undefined };
    const verdict = this.#try(password, address, this.#sessions);
    return verdict === 'allowed' ? { token: this.#sessions.begin() } : verdict;
  }

  /** Whether this is the password, for programs that can send it in their own way only. */
  password(text: string, address: string): Verdict {
    return this.#sessions === undefined ? 'allowed' : this.#try(text, address, this.#sessions);
  }

  logout(headers: IncomingHttpHeaders): void {
    const token = tokenOf(headers);
    if (token !== undefined) this.#sessions?.end(token);
  }

  #try(password: string, address: string, sessions: Sessions): Verdict {
    const waitS = this.#attempts.waitS(address);
    if (waitS > 0) return { waitS };
    if (sessions.isPassword(password)) return 'allowed';
    this.#attempts.failed(address);
    return 'refused';
  }
}

function tokenOf({ cookie }: IncomingHttpHeaders): string | undefined {
  return cookie === undefined ? undefined : parse(cookie, COOKIE)[COOKIE];
}

/** The user name may be any: there is one password. */
function basicPassword(authorization: string | undefined): string | undefined {
  const [, encoded] = /^Basic\s+([A-Za-z0-9+/=]+)$/i.exec(authorization ?? '') ?? [];
  if (encoded === undefined) return undefined;
  const pair = Buffer.from(encoded, 'base64').toString();
  return pair.includes(':') ? pair.slice(pair.indexOf(':') + 1) : undefined;
}

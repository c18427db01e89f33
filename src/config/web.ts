/** The texts of the page's settings, and what must hold between them. */
import { isIP } from 'node:net';
import type { Mistake } from './mistake.js';
import { isNone, list, quoted, Unexpected } from './values.js';

/** Where the page is served. */
export interface ListenAddress {
  host: string;
  port: number;
}

const LISTEN = 'an address and a port such as 127.0.0.1:8970, 0.0.0.0:8970 or [::]:8970, or off';
const MIN_PASSWORD = 8;

/** `ADDRESS:PORT`, IPv6 in brackets, or `localhost`; or `off`. */
export function listenAddress(text: string): ListenAddress | 'off' {
  if (text.toLowerCase() === 'off') return 'off';
  const [, bracketed, plain, digits = ''] =
    /^(?:\[([0-9a-f:.]+)\]|([^:[\]\s]+)):(\d{1,5})$/i.exec(text) ?? [];
  const host = bracketed ?? plain ?? '';
  const port = Number(digits);
  const valid = bracketed === undefined ? isIP(host) === 4 || host === 'localhost' : isIP(host) === 6;
  if (!valid || port < 1 || port > 65_535) throw new Unexpected(LISTEN, `received ${quoted(text)}`);
  return { host, port };
}

/** Whether nobody but this machine reaches it. */
function isLoopback({ host }: ListenAddress): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}

/** Host names, without ports. */
export function hostNames(text: string): string[] {
  if (isNone(text)) return [];
  const names = list(text.toLowerCase());
  const wrong = names.find(
    (name) => name.length > 253 || !/^[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?$/.test(name),
  );
  if (wrong !== undefined)
    throw new Unexpected(
      'host names without ports, such as cameras.example.org',
      `received ${quoted(wrong)}`,
    );
  return names;
}

/** Origins as a browser names them: scheme, host and, unless it is the scheme's own, port; or `self`, the page's own. */
export function origins(text: string): string[] {
  if (isNone(text)) return [];
  return list(text).map((item) => {
    if (item === 'self') return item;
    const origin = URL.canParse(item) ? new URL(item).origin : 'null';
    if (!/^https?:\/\//.test(origin) || item.replace(/\/$/, '').toLowerCase() !== origin)
      throw new Unexpected(
        'self, or origins such as http://homeassistant.local:8123',
        `received ${quoted(item)}`,
      );
    return origin;
  });
}

/** A page that other machines can reach needs a password, and one that cannot be guessed soon. */
export function webMistakes(web: ListenAddress | 'off', password: string | undefined): Mistake[] {
  if (web === 'off') return [];
  if (password !== undefined && password.length < MIN_PASSWORD) {
    const problem = `shorter than ${MIN_PASSWORD} characters`;
    return [{ variable: 'WEB_PASSWORD', problem, expected: 'a longer one' }];
  }
  if (password !== undefined || isLoopback(web)) return [];
  const problem = `${web.host} can be reached by other machines, and WEB_PASSWORD is not set`;
  return [
    {
      variable: 'WEB',
      problem,
      expected: 'WEB_PASSWORD, or an address of this machine alone such as 127.0.0.1',
    },
  ];
}

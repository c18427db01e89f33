/** The target `addresses`: addresses of cameras and brokers as people write them, in the process. */
import type { Address } from '../../src/address/address.js';
import { displayBrokerAddresses, parseBrokerAddresses } from '../../src/address/broker.js';
import { parseCameraAddress } from '../../src/address/camera.js';
import { AddressError } from '../../src/address/parse.js';
import { mutateText, type Target } from './target.js';

/** Other credentials, which an address shows as little. */
const OTHERS = { username: 'x', password: 'y' };

export function addressesTarget(): Target {
  return {
    name: 'addresses',
    limitMs: 2000,
    seeds: () => [
      'rtsp://admin:12#3/4?5@camera:554/Streaming/Channels/101?channel=1&pwd=secret',
      'http://user:p%40ss@[fe80::1%25eth0]:80/user=admin&password=x',
      'mqtt://u:pa:ss@one,mqtt://two:1884',
      'wss://e@broker.example.org/mqtt?token=abc',
      'file:///tmp/a%20b.mp4',
      'test:',
      'rtsp://admin:\ud800@camera/\ud800?a=\ud800',
    ],
    mutate: mutateText,
    run: (input) => [outcomeOf('camera', () => camera(input)), outcomeOf('broker', () => broker(input))],
  };
}

function outcomeOf(what: string, read: () => string): string {
  try {
    return `${what} ${read()}`;
  } catch (error) {
    if (!(error instanceof AddressError)) throw error;
    if (/\p{Cc}/u.test(error.message) || error.message.length > 200)
      throw new Error(`a message that cannot be read: ${JSON.stringify(error.message)}`);
    return `${what} ${error.message.replace(/scheme .*/s, 'scheme')}`;
  }
}

function camera(text: string): string {
  const address = parseCameraAddress(text);
  if (address.scheme === 'file' || address.scheme === 'test') return address.scheme;
  checkDisplay(address);
  const again = parseCameraAddress(address.href());
  checkSame(address, again);
  return `${address.scheme} ${describe(address)}`;
}

function broker(text: string): string {
  const addresses = parseBrokerAddresses(text);
  const { servers, username, password } = addresses;
  for (const server of servers) checkDisplay(server.withCredentials({ username, password }));
  if (username !== undefined || password !== undefined) {
    if (displayBrokerAddresses(addresses) !== displayBrokerAddresses({ ...addresses, ...OTHERS }))
      throw new Error('what is shown of the servers depends on the credentials');
  }
  const [first] = servers;
  const whole = first.withCredentials({ username, password });
  const again = parseBrokerAddresses(whole.href());
  checkSame(whole, again.servers[0].withCredentials(again));
  return `${servers.length} ${describe(whole)}`;
}

/** What is shown is the same for all credentials. */
function checkDisplay(address: Address): void {
  if (address.username === undefined && address.password === undefined) return;
  if (address.display() !== address.withCredentials(OTHERS).display())
    throw new Error('what is shown depends on the credentials');
  if (address.display() !== `${address}` || JSON.stringify(address) !== JSON.stringify(address.display()))
    throw new Error('it is shown in another way too');
}

/** What other programs are given means the same address. */
function checkSame(one: Address, other: Address): void {
  // A zone that begins with 25 cannot be distinguished from an encoded one.
  if (one.host.includes('%25')) return;
  const same = (['scheme', 'host', 'port', 'username', 'password'] as const).every(
    (part) => one[part] === other[part],
  );
  if (!same || one.href() !== other.href()) throw new Error(`${one.href()} is read as ${other.href()}`);
}

function describe({ host, port, path, query, username, password }: Address): string {
  const given = [port, path || undefined, query, username, password].map((part) =>
    Number(part !== undefined),
  );
  return `${host.includes(':')} ${given.join('')}`;
}

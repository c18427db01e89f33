/** The addresses of MQTT brokers. */
import { isDeepStrictEqual } from 'node:util';
import { Address } from './address.js';
import { AddressError, parseAddress } from './parse.js';

const BROKER_SCHEMES = ['mqtt', 'mqtts', 'ws', 'wss'] as const;

export type BrokerAddress = Address<(typeof BROKER_SCHEMES)[number]>;

/** The servers of one broker, without credentials, and the credentials that hold for all of them. */
export interface BrokerAddresses {
  servers: readonly [BrokerAddress, ...BrokerAddress[]];
  username: string | undefined;
  password: string | undefined;
}

/**
 * Reads one address, or several of one scheme separated by commas. Credentials are those of the first address that has any.
 * @throws AddressError
 */
export function parseBrokerAddresses(text: string): BrokerAddresses {
  // A comma in a password is no separator.
  const parts = text.split(/,\s{0,16}(?=[a-z]{2,5}:\/\/)/i);
  const addresses = parts.map((part) => parseAddress(part, BROKER_SCHEMES));
  if (new Set(addresses.map(({ scheme }) => scheme)).size > 1) {
    throw new AddressError('received different schemes');
  }
  const [credentials = { username: undefined, password: undefined }, ...others] = addresses
    .filter(({ username, password }) => username !== undefined || password !== undefined)
    .map(({ username, password }) => ({ username, password }));
  if (others.some((other) => !isDeepStrictEqual(other, credentials))) {
    throw new AddressError('its servers have different user names or passwords', true);
  }
  const [first, ...rest] = addresses.map(
    (address) => new Address({ ...address, username: undefined, password: undefined }),
  );
  if (first === undefined) throw new AddressError('there is no address');
  return { servers: [first, ...rest], ...credentials };
}

/** For people: the servers, and that there are credentials. */
export function displayBrokerAddresses({ servers, username, password }: BrokerAddresses): string {
  return servers.map((server) => server.withCredentials({ username, password }).display()).join(',');
}

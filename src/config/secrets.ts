/** The literals of a configuration that must not leave the process in text. */
import { secretsOfAddress, secretsOfLogin } from '../secrets/literals.js';
import type { Config } from './types.js';

/** A value of a query that is also the name of a camera or of the node is none: half of the log would not be readable. */
export function secretsOf({ cameras, mqtt, nodeId, webPassword }: Config): string[] {
  const names = new Set([nodeId, ...cameras.map(({ name }) => name)]);
  const addresses = [...mqtt.servers, ...cameras.map(({ url }) => url)];
  return [
    ...secretsOfLogin(mqtt),
    ...secretsOfLogin({ username: undefined, password: webPassword }),
    ...addresses.flatMap(secretsOfAddress).filter((secret) => !names.has(secret)),
  ];
}

/** The literals of a configuration that must not leave the process in text. */
import { secretsOfAddress, secretsOfLogin, tokensOfLogin } from '../secrets/literals.js';
import type { Config } from './types.js';

/** A value of a query, or a user name without a password, that is also the name of a camera or of the node is none: half of the log would not be readable. */
export function secretsOf({ cameras, mqtt, nodeId, webPassword }: Config): string[] {
  const names = new Set([nodeId, ...cameras.map(({ name }) => name)]);
  const addresses = [...mqtt.servers, ...cameras.map(({ url }) => url)];
  return [
    ...secretsOfLogin(mqtt),
    ...secretsOfLogin({ username: undefined, password: webPassword }),
    ...[...tokensOfLogin(mqtt), ...addresses.flatMap(secretsOfAddress)].filter(
      (secret) => !names.has(secret),
    ),
  ];
}

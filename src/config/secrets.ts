/** Every literal of a configuration that must not leave the process in text. */
import { secretsOfUrl } from './redact.js';
import type { Config } from './types.js';

export function secretsOf({ cameras, mqtt }: Config): string[] {
  const whole = [mqtt.username, mqtt.password].filter((text) => text !== undefined);
  return [
    ...whole,
    ...[mqtt.url, ...(mqtt.otherUrls ?? [])].flatMap(secretsOfUrl),
    ...cameras.flatMap(({ url }) => secretsOfUrl(url)),
  ];
}

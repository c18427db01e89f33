/**
 * Every literal of a configuration that must not leave the process in text. The user name at the broker is none: it is a
 * word such as "ghostcam", without which half of the log could not be read.
 */
import { secretsOfUrl } from '../secrets/redact.js';
import type { Config } from './types.js';

export function secretsOf({ cameras, mqtt }: Config): string[] {
  return [
    ...(mqtt.password === undefined ? [] : [mqtt.password]),
    ...[mqtt.url, ...(mqtt.otherUrls ?? [])].flatMap(secretsOfUrl),
    ...cameras.flatMap(({ url }) => secretsOfUrl(url)),
  ];
}

/** The settings that took effect, as text for people. */
import { redactText } from '../secrets/redact.js';
import type { EffectiveValue } from './source.js';

/** `NAME = value (origin)` lines; secrets hidden, of addresses only the credentials. */
export function describeEffective(effective: readonly EffectiveValue[]): string {
  const width = Math.max(...effective.map(({ name }) => name.length));
  return effective
    .map((setting) => `${setting.name.padEnd(width)} = ${shown(setting)}  (${setting.origin})`)
    .join('\n');
}

function shown({ text, refused, value, row }: EffectiveValue): string {
  if (text === undefined) return row.defaultShown ?? row.default ?? '';
  if (refused) return 'refused';
  if (!row.secret) return redactText(text);
  return row.display === undefined ? '***' : row.display(value);
}

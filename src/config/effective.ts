/** The settings that took effect, as text for people. */
import { redactText, redactUrl } from '../secrets/redact.js';
import type { EffectiveValue } from './source.js';

/** `NAME = value (origin)` lines; secrets hidden, of addresses only the credentials. */
export function describeEffective(effective: readonly EffectiveValue[]): string {
  const width = Math.max(...effective.map(({ name }) => name.length));
  return effective
    .map((setting) => `${setting.name.padEnd(width)} = ${shown(setting)}  (${setting.origin})`)
    .join('\n');
}

function shown({ text, row }: EffectiveValue): string {
  if (text === undefined) return row.defaultShown ?? row.default ?? '';
  if (row.secret === 'all') return '***';
  return row.secret === 'address' ? redactUrl(text) : redactText(text, []);
}

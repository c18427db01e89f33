/** The settings that took effect, as text for people. */
import { printable } from '../secrets/printable.js';
import { redactText } from '../secrets/redact.js';
import { type EffectiveValue, mayBeAddress } from './source.js';

/** The settings whose values are not the defaults, and those that were refused. */
export function differing(effective: readonly EffectiveValue[]): EffectiveValue[] {
  return effective.filter(({ text, row }) => text !== undefined && text !== row.default);
}

/** `NAME = value (origin)` lines, one for each variable; secrets hidden, of addresses only the credentials. */
export function describeEffective(effective: readonly EffectiveValue[]): string {
  const settings = distinct(effective);
  const width = Math.max(...settings.map(({ name }) => name.length));
  return settings
    .map((setting) => printable(`${setting.name.padEnd(width)} = ${shown(setting)}  (${setting.origin})`))
    .join('\n');
}

/** A default of all cameras is read for each of them. */
function distinct(effective: readonly EffectiveValue[]): EffectiveValue[] {
  return [...new Map(effective.map((setting) => [setting.name, setting])).values()];
}

function shown({ text, refused, value, row }: EffectiveValue): string {
  if (text === undefined) return row.defaultShown ?? row.default ?? '';
  if (refused) return 'refused, see below';
  if (!row.secret) return mayBeAddress(text) ? 'an address, which is not shown' : redactText(text);
  return row.display === undefined ? '***' : row.display(value);
}

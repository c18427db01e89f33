/** Labels that users name: whether they exist is known with the model only. */
import type { Mistake } from './mistake.js';
import type { EffectiveValue } from './source.js';
import type { Config, NamedLabel } from './types.js';
import { closest } from './unknown.js';

/** The labels that a setting names. */
export function namedLabels({ name, value, origin, row }: EffectiveValue): NamedLabel[] {
  const labels = value === undefined ? [] : (row.labels?.(value) ?? []);
  return labels.map((label) => ({ label, variable: name, origin }));
}

/** Labels that the model does not have; those of a default of all cameras are reported once. */
export function unknownLabels(config: Config, known: readonly string[]): Mistake[] {
  const unknown = config.namedLabels.filter(({ label }) => !known.includes(label));
  const each = new Map(unknown.map((named) => [`${named.variable} ${named.label}`, named]));
  return [...each.values()].map(({ label, variable, origin }) => {
    const suggestion = closest(label, known);
    return {
      variable,
      origin,
      problem: `the model has no label ${JSON.stringify(label)}`,
      expected: `labels of ${known.join(', ')}`,
      ...(suggestion === undefined ? {} : { suggestion }),
    };
  });
}

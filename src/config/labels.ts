/** Labels that users name: whether they exist is known with the model only. */
import type { Zone } from '../geometry/zones.js';
import type { Mistake } from './mistake.js';
import type { EffectiveValue } from './source.js';
import type { Config, NamedLabel } from './types.js';
import { closest } from './unknown.js';

/** The labels that a setting names. */
export function namedLabels({ name, value, origin, row }: EffectiveValue): NamedLabel[] {
  const labels = value === undefined ? [] : (row.labels?.(value) ?? []);
  return labels.map((label) => ({ label, variable: name, origin }));
}

/** Zones for labels that the camera does not report: nothing would ever be in them. */
export function unreportedZoneLabels(
  { zones, labels }: { zones: readonly Zone[]; labels: readonly string[] | undefined },
  found: { ZONES: Pick<EffectiveValue, 'name' | 'origin'>; LABELS: Pick<EffectiveValue, 'name'> },
): Mistake[] {
  if (labels === undefined) return [];
  const { name: variable, origin } = found.ZONES;
  return zones.flatMap((zone) => {
    const missing = zone.labels?.find((label) => !labels.includes(label));
    if (missing === undefined) return [];
    const problem = `zone ${zone.name} is for ${JSON.stringify(missing)}, which ${found.LABELS.name} leaves out`;
    return [{ variable, origin, problem, expected: `labels of ${labels.join(', ')}` }];
  });
}

/** Labels that the model does not have; those of a default of all cameras are reported once. */
export function unknownLabels(
  { namedLabels }: Pick<Config, 'namedLabels'>,
  known: readonly string[],
): Mistake[] {
  const unknown = namedLabels.filter(({ label }) => !known.includes(label));
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

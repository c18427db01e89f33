/** One mistake in the configuration; all of them are reported at once. */
export interface Mistake {
  /** The variable (or file:line) that is wrong. */
  variable: string;
  /** Where it was set, when that is known and not already in `variable`. */
  origin?: string;
  problem: string;
  expected?: string;
  /** The nearest known name, for a typo. */
  suggestion?: string;
}

/** `1 mistake`, `3 mistakes`. */
export function countOf({ length }: readonly Mistake[]): string {
  return length === 1 ? '1 mistake' : `${length} mistakes`;
}

/** The mistake as one line for people. */
export function describeMistake({ variable, origin, problem, expected, suggestion }: Mistake): string {
  return [
    `${variable}${origin ? ` (${origin})` : ''}: ${problem}`,
    expected ? `; expected ${expected}` : '',
    suggestion ? `; did you mean ${suggestion}?` : '',
  ].join('');
}

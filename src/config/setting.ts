/** What a row of the table of settings holds, and the types that follow from its rows. */
import type { Parser } from './values.js';

/**
 * How a changed setting takes effect when the env file is read anew: `live`: at once; `camera`: its camera is started anew;
 * `process`: at the daemon's next start.
 */
export type Applied = 'live' | 'camera' | 'process';

/** One setting: everything that the program and its documents know of it. */
export interface Setting<T = unknown> {
  parse: Parser<T>;
  applied: Applied;
  /** One sentence for tables. */
  description: string;
  /** Further sentences for docs/settings.md and the example file. */
  details?: string;
  /** Text that is parsed when the variable is unset or empty; undefined: the value may be absent. */
  default?: string;
  /** Shown in documents where the default is computed or absent. */
  defaultShown?: string;
  /** Holds a credential, so NAME_FILE is read as well, and the text is never shown. */
  secret?: true;
  /** The value may be any text: what looks like a comment behind it may be the rest of it. */
  anyText?: true;
  /** What is shown of a secret's value. */
  display?(value: T): string;
  /** The labels that a value names: whether the model has them is known later. */
  labels?(value: T): readonly string[];
}

export type Settings = Readonly<Record<string, Setting>>;

/** A row whose value type follows from its parser, and its optionality from its default. */
export function setting<T, const O extends Omit<Setting<T>, 'parse'>>(
  parse: Parser<T>,
  options: O,
): { parse: Parser<T> } & O {
  return { parse, ...options };
}

/** `STALL_TIMEOUT` -> `stallTimeout`. */
export type CamelCase<S extends string> = S extends `${infer Head}_${infer Tail}`
  ? `${Lowercase<Head>}${Capitalize<CamelCase<Tail>>}`
  : Lowercase<S>;

/** The value of a row: with a default it is always there. */
export type ValueOf<R extends Setting> = R extends Setting<infer T> & { default: string }
  ? T
  : R extends Setting<infer T>
    ? T | undefined
    : never;

/** The values of a table, by camel-case name. */
export type Values<R extends Settings> = {
  readonly [K in keyof R & string as CamelCase<K>]: ValueOf<R[K]>;
};

/** The value of each row, as `read` gives it, under its camel-case name. */
export function mapSettings<R extends Settings>(
  rows: R,
  read: (name: keyof R & string, row: Setting) => unknown,
): Values<R> {
  const entries = Object.entries(rows).map(([name, row]) => [camelCase(name), read(name, row)]);
  return Object.fromEntries(entries) as Values<R>;
}

/** The value that a row has while its variable is unset. */
export function defaultOf<T>(row: Setting<T>): T | undefined {
  return row.default === undefined ? undefined : row.parse(row.default);
}

/** `STALL_TIMEOUT` -> `stallTimeout`. */
export function camelCase(name: string): string {
  return name.toLowerCase().replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase());
}

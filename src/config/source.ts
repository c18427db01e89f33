/** Looks variables up: process environment over env file, NAME_FILE in place of a secret NAME, and notes what was used. */
import { redactText } from '../secrets/redact.js';
import type { EnvEntry } from './env-file.js';
import { FileError, readTextFile } from './files.js';
import type { Mistake } from './mistake.js';
import { defaultOf, mapSettings, type Setting, type Settings, type Values } from './setting.js';
import { isLogin, Unexpected } from './values.js';

/** One setting as it took effect, for `ghostcam check`. */
export interface EffectiveValue {
  /** The variable that it was read from; where none is set, the one that would come first. */
  name: string;
  value: unknown;
  /** As it was written; undefined: it is the default. */
  text?: string;
  /** What was written is a mistake, and `value` the default instead. */
  refused?: true;
  row: Setting;
  /** `file:line`, `environment`, or `default`. */
  origin: string;
}

/** A table's values, and how each of them came about. */
export interface Read<R extends Settings> {
  values: Values<R>;
  found: Readonly<Record<keyof R, EffectiveValue>>;
}

/** A secret is a line; a file is no secret when it has more than this. */
const MAX_SECRET_BYTES = 2 ** 16;

export class VariableSource {
  readonly mistakes: Mistake[];
  /** Every setting that was read, in order. */
  readonly effective: EffectiveValue[] = [];
  readonly #entries: Map<string, EnvEntry>;

  constructor(
    fileEntries: ReadonlyMap<string, EnvEntry>,
    environment: Readonly<Record<string, string | undefined>>,
    mistakes: Mistake[],
  ) {
    this.mistakes = mistakes;
    this.#entries = new Map(fileEntries);
    for (const [name, value] of Object.entries(environment)) {
      if (value !== undefined) this.#entries.set(name, { value, origin: 'environment' });
    }
  }

  /** Every variable that is set. */
  get names(): string[] {
    return [...this.#entries.keys()].filter((name) => this.#entry(name) !== undefined);
  }

  /**
   * Reads each setting of a table: the value of the first of its variables that is set, else the default. A wrong value is
   * recorded as a mistake and the default taken, so that reading goes on and every mistake is found.
   */
  readAll<R extends Settings>(
    rows: R,
    namesOf: (name: keyof R & string) => readonly [string, ...string[]],
  ): Read<R> {
    const found: Partial<Record<keyof R, EffectiveValue>> = {};
    const values = mapSettings(rows, (name, row) => {
      const effective = this.#read(namesOf(name), row);
      found[name] = effective;
      this.effective.push(effective);
      return effective.value;
    });
    return { values, found: found as Record<keyof R, EffectiveValue> };
  }

  /** Records what is wrong with the variables of a table, whoever reads them. */
  examine<R extends Settings>(rows: R, nameOf: (name: keyof R & string) => string): void {
    for (const [name, row] of Object.entries(rows)) this.#read([nameOf(name)], row);
  }

  /** Records a mistake, once for each variable: a default of all cameras is read for each of them. */
  report(mistake: Mistake): void {
    const same = ({ variable, problem }: Mistake) =>
      variable === mistake.variable && problem === mistake.problem;
    if (!this.mistakes.some(same)) this.mistakes.push(mistake);
  }

  #read(names: readonly [string, ...string[]], row: Setting): EffectiveValue {
    const isSecret = row.secret === true;
    for (const name of names) {
      const entry = this.#lookup(name, isSecret);
      if (entry === undefined) continue;
      const { value: text, origin, refused } = entry;
      if (refused) return { name, value: defaultOf(row), text, refused, row, origin };
      try {
        if (entry === this.#entry(name)) refuseQuotes(entry);
        if (row.anyText && entry.hasComment) refuseComment(name);
        refuseUnreadable(text, isSecret);
        return { name, value: row.parse(text, name), text, row, origin };
      } catch (error) {
        if (!(error instanceof Unexpected)) throw error;
        this.report({
          variable: name,
          origin,
          problem: problemOf(error, text, isSecret),
          expected: error.expected,
        });
        return { name, value: defaultOf(row), text, refused: true, row, origin };
      }
    }
    return { name: names[0], value: defaultOf(row), row, origin: 'default' };
  }

  /** An empty value means "not set": `docker run -e NAME` and commented templates leave such lines. */
  #entry(name: string): EnvEntry | undefined {
    const entry = this.#entries.get(name);
    return entry && entry.value !== '' ? entry : undefined;
  }

  #lookup(name: string, secret: boolean): EnvEntry | undefined {
    const direct = this.#entry(name);
    const path = secret ? this.#entry(`${name}_FILE`) : undefined;
    if (path === undefined) return direct;
    const variable = `${name}_FILE`;
    const { origin } = path;
    if (direct !== undefined) {
      this.report({
        variable,
        origin,
        problem: `${name} is set as well`,
        expected: 'only one of the two',
      });
      return direct;
    }
    if (path.refused) return path;
    try {
      refuseQuotes(path);
      // Editors begin a file with a mark, and end it with a newline, as `echo` does: neither is part of the secret.
      const value = readTextFile(path.value, MAX_SECRET_BYTES)
        .replace(/^\uFEFF/, '')
        .replace(/\r?\n$/, '');
      // As a password nothing protects nothing: a variable without a value is not set, but whoever names a file means a secret.
      if (value === '') throw new FileError('it is empty');
      return { value, origin };
    } catch (error) {
      // The path is not repeated: it may be the secret itself.
      if (error instanceof Unexpected) {
        this.report({ variable, origin, problem: error.message, expected: error.expected });
      } else if (error instanceof FileError) {
        this.report({
          variable,
          origin,
          problem: `the file that it names cannot be read (${error.reason})`,
          expected: 'the path of a file that this user may read and that holds the secret',
        });
      } else throw error;
      return undefined;
    }
  }
}

/** The env file's own quotes are no part of a value; those of docker's --env-file, which knows no quotes, are. */
function refuseQuotes({ value, origin }: EnvEntry): void {
  if (origin === 'environment' && /^(["']).*\1$/s.test(value) && value.length > 1) {
    throw new Unexpected(
      'the value without quotes; docker’s --env-file and -e keep those that are written',
      'it begins and ends with a quote',
    );
  }
}

/** Half a password would be refused by the camera, or by the broker, whom nobody would suspect of being right. */
function refuseComment(name: string): never {
  throw new Unexpected(
    `${name}="value" where that belongs to it, else the comment on a line of its own`,
    'it has a # after a space, which begins a comment',
  );
}

/**
 * What a program cannot be given as an argument, what no address or password has but a file of several lines does, and what
 * a file in another encoding than UTF-8 turns into.
 */
function refuseUnreadable(text: string, secret: boolean): void {
  if (text.includes('\0') || (secret && /\p{Cc}/u.test(text))) {
    throw new Unexpected('a single line of text', 'it holds a line break or another control character');
  }
  if (text.includes('\uFFFD')) throw new Unexpected('text in UTF-8', 'it holds bytes that are no UTF-8');
}

/**
 * An address in the wrong variable is not repeated, not even in parts: it may hold credentials. The parsers of secrets never
 * repeat what they read.
 */
function problemOf(error: Unexpected, text: string, secret: boolean): string {
  return (mayBeAddress(text) || isLogin(text)) && !secret
    ? 'it holds an address or something like it'
    : redactText(error.message);
}

/** Whether the text of a setting that is none looks like an address. */
export function mayBeAddress(text: string): boolean {
  return /:\/\/|@|[?&][^=?&]{0,64}=/.test(text);
}

/** Looks variables up: process environment over env file, NAME_FILE in place of a secret NAME, and notes what was used. */
import { readFileSync } from 'node:fs';
import { redactText } from '../secrets/redact.js';
import type { EnvEntry } from './env-file.js';
import type { Mistake } from './mistake.js';
import type { Variable } from './table.js';
import { Unexpected } from './values.js';

/** One variable as it took effect, for `ghostcam check`. */
export interface EffectiveValue {
  name: string;
  value: unknown;
  /** As it was written; undefined: it is the fallback. */
  text?: string;
  secret: 'url' | 'all' | undefined;
  /** `file:line`, `environment`, or `default`. */
  origin: string;
  fallbackText?: string | undefined;
}

export class VariableSource {
  readonly mistakes: Mistake[];
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

  /**
   * The value of the first of `names` that is set, else the fallback. A wrong value is recorded as a mistake and the
   * fallback returned, so that reading goes on and every mistake is found.
   */
  read<T>(
    names: readonly [string, ...string[]],
    definition: Variable<T>,
  ): EffectiveValue & { value: T | undefined } {
    const { fallback, fallbackText, parse, secret } = definition;
    for (const name of names) {
      const entry = this.#lookup(name, secret !== undefined);
      if (entry === undefined) continue;
      try {
        refuseControlCharacters(entry.value, secret !== undefined);
        return { name, value: parse(entry.value), text: entry.value, secret, origin: entry.origin };
      } catch (error) {
        if (!(error instanceof Unexpected)) throw error;
        this.#report({
          variable: name,
          origin: entry.origin,
          // It may repeat what was written: an address, credentials and all, in the wrong variable.
          problem: redactText(error.message, []),
          expected: error.expected,
        });
        break;
      }
    }
    return { name: names[0], value: fallback, secret, origin: 'default', fallbackText };
  }

  #lookup(name: string, secret: boolean): EnvEntry | undefined {
    // An empty value means "not set": `docker run -e NAME` and commented templates leave such lines.
    const set = (key: string) => {
      const entry = this.#entries.get(key);
      return entry && entry.value !== '' ? entry : undefined;
    };
    const direct = set(name);
    const path = secret ? set(`${name}_FILE`) : undefined;
    if (path === undefined) return direct;
    if (direct !== undefined) {
      this.#report({
        variable: `${name}_FILE`,
        origin: path.origin,
        problem: `${name} is set as well`,
        expected: 'only one of the two',
      });
      return direct;
    }
    try {
      // Editors and `echo` end a file with a newline that is no part of the secret.
      return { value: readFileSync(path.value, 'utf8').replace(/\r?\n$/, ''), origin: path.origin };
    } catch (error) {
      this.#report({
        variable: `${name}_FILE`,
        origin: path.origin,
        // The path is not repeated: it may be the secret itself.
        problem: `the file that it names cannot be read (${(error as NodeJS.ErrnoException).code})`,
        expected: 'the path of a file that this user may read and that holds the secret',
      });
      return undefined;
    }
  }

  /** Once for each variable: a default of all cameras is read for each of them. */
  #report(mistake: Mistake): void {
    const same = ({ variable, problem }: Mistake) =>
      variable === mistake.variable && problem === mistake.problem;
    if (this.mistakes.some(same)) return;
    this.mistakes.push(mistake);
  }
}

/** What a program cannot be given as an argument, and what no address or password has but a file of several lines does. */
function refuseControlCharacters(text: string, secret: boolean): void {
  if (text.includes('\0') || (secret && /\p{Cc}/u.test(text))) {
    throw new Unexpected('a single line of text', 'it holds a line break or another control character');
  }
}

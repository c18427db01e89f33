/** What a fuzz target is, and the changes that are made to inputs. */

export type Random = () => number;
export type Outcome = string | readonly string[];

export interface Target {
  name: string;
  /** Inputs to begin with. */
  seeds(): string[];
  /** A new input, from one of the corpus. */
  mutate(input: string, random: Random): string;
  /**
   * Runs the program's part on an input. An input that makes something happen that no other did is kept in the corpus.
   * @returns What happened, one thing or several, each in a few words that many inputs share.
   * @throws For a fault: what must not happen, whatever the input.
   */
  run(input: string): Outcome | Promise<Outcome>;
  /** How long an input may take, in milliseconds. */
  limitMs: number;
  dispose?(): void;
}

export function pick<T>(items: readonly T[], random: Random): T {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new RangeError('nothing to pick from');
  return item;
}

/** Characters and texts that parsers treat apart. */
const SPECIAL = [
  ...'\0\t\n\r\x1b "\'#%&*+,-./:;<=>?@[\\]^_`{|}~',
  '\x7f',
  '\x85',
  '\x9b',
  '\u00e4',
  '\u2028',
  '\u202e',
  '\ufeff',
  '\ufffd',
  '\ud800',
  '\u{1f600}',
  '0',
  '1e999',
  '-1',
  'NaN',
  '0x7f',
  '65536',
  '%00',
  '%ff',
  '%C3%A4',
  '..',
  '://',
  '__proto__',
  'constructor',
  '='.repeat(100),
  'a'.repeat(5000),
];

/** One change of a text: something inserted, removed, repeated, replaced or moved. */
export function mutateText(text: string, random: Random): string {
  const at = Math.floor(random() * (text.length + 1));
  const end = Math.min(text.length, at + Math.floor(random() ** 3 * 40));
  const [before, part, after] = [text.slice(0, at), text.slice(at, end), text.slice(end)];
  switch (Math.floor(random() * 5)) {
    case 0:
      return before + pick(SPECIAL, random) + part + after;
    case 1:
      return before + after;
    case 2:
      return before + part + part + after;
    case 3:
      return before + pick(SPECIAL, random) + after;
    default:
      return after + part + before;
  }
}

/** Labels of a model from elsewhere: from its metadata, from a file, or as they were typed. */
import { isLabel, LABEL_RULE } from '../model/manifest-schema.js';
import { Refusal } from './refusal.js';
import { quote } from './shape.js';

const MAX_LABELS = 1000;
/** So many wrong labels are named. */
const MAX_LISTED = 5;

/** An entry of a list or dictionary of Python: the key, the text in either kind of quotes, and what ends it. */
const ENTRY =
  /\s*(?:["']?(\d{1,4})["']?\s*:\s*)?(?:'([^'\\]*(?:\\.[^'\\]*)*)'|"([^"\\]*(?:\\.[^"\\]*)*)")\s*(,\s*|$)/sy;
const ESCAPE = /\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|(.))/gis;
const ESCAPED: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

/**
 * Reads `['hen', 'fox']` or `{0: 'hen', 1: 'fox'}`, as Ultralytics writes its metadata in Python, and the same in JSON.
 * By ourselves, because parsers of YAML, which both nearly are, take seconds and the whole stack for 256 KiB of brackets.
 * Throws a Refusal that names `place` when it is neither.
 */
export function parseNames(text: string, place: string): string[] {
  const trimmed = text.trim();
  const isList = trimmed.startsWith('[') && trimmed.endsWith(']');
  const isDictionary = trimmed.startsWith('{') && trimmed.endsWith('}');
  const entries = trimmed.slice(1, -1);
  const names: string[] = [];
  ENTRY.lastIndex = 0;
  while ((isList || isDictionary) && ENTRY.lastIndex < entries.length) {
    const entry = ENTRY.exec(entries);
    if (entry === null || (isDictionary ? Number(entry[1]) !== names.length : entry[1] !== undefined)) {
      names.length = 0;
      break;
    }
    names.push(withoutEscapes(entry[2] ?? entry[3] ?? ''));
  }
  if (names.length > 0) return names;
  throw new Refusal(
    `${place} is neither a list of names in quotes nor one by number from 0`,
    'give the labels with --labels, in the order of the model’s classes',
  );
}

function withoutEscapes(text: string): string {
  return text.replace(ESCAPE, (_, hex2, hex4, hex8, character) => {
    if (character !== undefined) return ESCAPED[character] ?? character;
    const code = Number.parseInt(hex2 ?? hex4 ?? hex8, 16);
    return code > 0x10ffff ? '\uFFFD' : String.fromCodePoint(code);
  });
}

/** Reads a label on each line. */
export function parseLabelFile(text: string): string[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => line.trim());
}

/** Throws a Refusal that names what no topic can hold, and what is there twice. */
export function checkLabels(labels: readonly string[]): void {
  if (labels.length > MAX_LABELS) {
    throw new Refusal(`it has ${labels.length} labels`, `models of up to ${MAX_LABELS} labels are read`);
  }
  const remedy = 'give other names with --labels, in the same order; each becomes a level of MQTT topics';
  const wrong = labels.filter((label) => !isLabel(label));
  if (wrong.length > 0) {
    const rest = wrong.length > MAX_LISTED ? ` and ${wrong.length - MAX_LISTED} more` : '';
    const listed = wrong.slice(0, MAX_LISTED).map(quote).join(', ');
    throw new Refusal(`its labels ${listed}${rest} cannot be used: expected ${LABEL_RULE}`, remedy);
  }
  const seen = new Set<string>();
  for (const label of labels) {
    if (seen.has(label)) throw new Refusal(`its label ${quote(label)} is there twice`, remedy);
    seen.add(label);
  }
}

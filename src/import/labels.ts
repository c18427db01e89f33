/** Labels of a model from elsewhere: from its metadata, from a file, or as they were typed. */
import { parse } from 'yaml';
import { isLabel, LABEL_RULE } from '../model/manifest-schema.js';
import { Refusal } from './refusal.js';
import { quote } from './shape.js';

const MAX_LABELS = 1000;
/** So many wrong labels are named. */
const MAX_TOLD = 5;

/**
 * Reads `['hen', 'fox']` or `{0: 'hen', 1: 'fox'}`: Python as Ultralytics writes it, JSON and YAML alike.
 * Throws a Refusal that names `place` when it is neither.
 */
export function parseNames(text: string, place: string): string[] {
  return namesIn(parseYaml(text, place), place);
}

function namesIn(names: unknown, place: string): string[] {
  const list = Array.isArray(names) ? names : listOf(names);
  if (list === undefined || !list.every((name) => typeof name === 'string')) {
    throw new Refusal(
      `${place} is neither a list of names nor names by number from 0`,
      'give the labels with --labels, in the order of the model’s classes',
    );
  }
  return list;
}

/** Reads a file of labels: `names` of a data.yaml, else a label on each line. `extension` as in `.txt`. */
export function parseLabelFile(text: string, extension: string, place: string): string[] {
  if (!/^\.(ya?ml|json)$/i.test(extension)) {
    return text
      .replace(/^\uFEFF/, '')
      .trimEnd()
      .split(/\r?\n/)
      .map((line) => line.trim());
  }
  const document = parseYaml(text, place);
  return namesIn(isRecord(document) && 'names' in document ? document.names : document, place);
}

/** Throws a Refusal that names what no topic can hold, and what is there twice. */
export function checkLabels(labels: readonly string[]): void {
  if (labels.length > MAX_LABELS) {
    throw new Refusal(`it has ${labels.length} labels`, `models of up to ${MAX_LABELS} labels are read`);
  }
  const remedy = 'give other names with --labels, in the same order; each becomes a level of MQTT topics';
  const wrong = labels.filter((label) => !isLabel(label));
  if (wrong.length > 0) {
    const rest = wrong.length > MAX_TOLD ? ` and ${wrong.length - MAX_TOLD} more` : '';
    const told = wrong.slice(0, MAX_TOLD).map(quote).join(', ');
    throw new Refusal(`its labels ${told}${rest} cannot be used: expected ${LABEL_RULE}`, remedy);
  }
  const seen = new Set<string>();
  for (const label of labels) {
    if (seen.has(label)) throw new Refusal(`its label ${quote(label)} is there twice`, remedy);
    seen.add(label);
  }
}

function parseYaml(text: string, place: string): unknown {
  try {
    // "failsafe": every scalar is a string, so that a label may be `no` or `1`.
    return parse(text, { schema: 'failsafe', maxAliasCount: 0, logLevel: 'error' });
  } catch (error) {
    const [reason] = (error as Error).message.split('\n');
    throw new Refusal(
      `${place} cannot be read: ${reason}`,
      'give the labels with --labels, in the order of the model’s classes',
    );
  }
}

/** The values of `{0: …, 1: …}` in the order of their numbers; undefined when these are not 0, 1, 2 and so on. */
function listOf(names: unknown): unknown[] | undefined {
  if (!isRecord(names)) return undefined;
  const keys = Object.keys(names);
  const list = keys.map((_, index) => names[index]);
  return list.length === 0 || list.includes(undefined) ? undefined : list;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

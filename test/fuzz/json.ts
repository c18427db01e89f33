/** Changes of JSON documents: a value somewhere in it is replaced, removed, named otherwise, or repeated. */
import { mutateText, pick, type Random } from './target.js';

/** Values that readers of documents treat apart, as JSON: some are deep, long or many. */
const VALUES = [
  'null',
  'true',
  '0',
  '-1',
  '0.5',
  '1e999',
  '4294967296',
  '""',
  '"a"',
  '"a\\u0000b"',
  '"\\ud800"',
  '"a/b+#"',
  '[]',
  '{}',
  '{"__proto__":{"a":1}}',
  `"${'a'.repeat(70_000)}"`,
  `[${'"a",'.repeat(100_000)}"a"]`,
  `{${Array.from({ length: 20_000 }, (_, index) => `"k${index}":1`).join()}}`,
  `${'['.repeat(50_000)}${']'.repeat(50_000)}`,
];
const KEYS = ['a', '', '__proto__', 'constructor', 'toString', 'a\nb', '\x9b2J', 'k'.repeat(70_000)];
/** Stands for a value until the document is text: none can be made of one that is very deep. */
const MARK = '\u2603value\u2603';
/** A document that large is changed as text alone, so that inputs do not grow without end. */
const MAX_LENGTH = 2_000_000;

/** One change of a document, or of its text. */
export function mutateJson(input: string, random: Random): string {
  if (input.length > MAX_LENGTH || random() < 0.1) return mutateText(input.slice(0, MAX_LENGTH), random);
  try {
    const document: unknown = JSON.parse(input);
    const places = [...containers(document)];
    if (places.length === 0) return mutateText(input, random);
    change(pick(places, random), random);
    const text = JSON.stringify(document);
    return text.includes(MARK) ? text.replace(JSON.stringify(MARK), () => pick(VALUES, random)) : text;
  } catch {
    return mutateText(input, random);
  }
}

function change(place: Record<string, unknown>, random: Random): void {
  const key = pick([...Object.keys(place), 'another'], random);
  const value = place[key];
  switch (Math.floor(random() * 4)) {
    case 0:
      delete place[key];
      break;
    case 1:
      Object.defineProperty(place, pick(KEYS, random), { value, enumerable: true, configurable: true });
      break;
    case 2:
      if (Array.isArray(place)) place.push(value);
      else if (typeof value === 'string') place[key] = mutateText(value, random);
      break;
    default:
      place[key] = MARK;
  }
}

/** Objects and lists of the document, the first few hundred of them. */
function* containers(document: unknown): Generator<Record<string, unknown>> {
  const waiting: unknown[] = [document];
  for (let count = 0; count < 300 && waiting.length > 0; count++) {
    const value = waiting.shift();
    if (typeof value !== 'object' || value === null) continue;
    yield value as Record<string, unknown>;
    waiting.push(...Object.values(value).slice(0, 100));
  }
}

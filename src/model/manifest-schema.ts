/** Checks a model manifest. Every mistake is reported at once, as "field: expected …, received …". */
import { GhostcamError } from '../errors.js';
import type { DflLevel, ModelHead, ModelManifest } from './manifest.js';

/** A label is a level of MQTT topics. */
const LABEL = /^[^\0+#/]{1,200}$/;

const PRECISIONS = ['fp32', 'int8-u8s8', 'int8-s8s8'] as const;

/** Throws a MODEL error naming `path` and each wrong field. */
export function parseManifest(text: string, path: string): ModelManifest {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new GhostcamError('MODEL', `${path} is not JSON: ${(cause as Error).message}`, { cause });
  }
  const mistakes: string[] = [];
  const manifest = readManifest(new Field('', json, mistakes));
  if (mistakes.length > 0) {
    throw new GhostcamError('MODEL', `${path} is not a valid model manifest:\n  ${mistakes.join('\n  ')}`, {
      remedy: 'write it with models/export.py, or correct the fields named',
    });
  }
  return manifest;
}

function readManifest(root: Field): ModelManifest {
  root.get('schema').oneOf([1]);
  const labels = root
    .get('labels')
    .list(1, 1000, (label) => label.match(LABEL, 'a label without +, # and /'));
  if (new Set(labels).size < labels.length) root.get('labels').expected('no label twice');
  const input = root.get('input');
  const width = input.get('width').integer(32, 4096);
  const height = input.get('height').integer(32, 4096);
  const thresholds = root.get('thresholds');
  return {
    schema: 1,
    name: root.get('name').text(),
    architecture: root.get('architecture').text(),
    scale: root.get('scale').text(),
    precision: root.get('precision').oneOf(PRECISIONS),
    sha256: root.get('sha256').match(/^[0-9a-f]{64}$/, '64 hexadecimal digits'),
    input: {
      name: input.get('name').text(),
      width,
      height,
      mean: triple(input.get('mean'), -1e6, 1e6),
      std: triple(input.get('std'), 1e-6, 1e6),
      padValue: input.get('padValue').number(0, 255),
    },
    head: readHead(root.get('head'), width, height),
    labels,
    thresholds: {
      score: thresholds.get('score').number(0, 1),
      iou: thresholds.get('iou').number(0, 1),
      perLabel: readPerLabel(thresholds.get('perLabel'), labels),
    },
    maxDetections: root.get('maxDetections').integer(1, 10_000),
    metrics: root.get('metrics').record(),
  };
}

function readHead(head: Field, width: number, height: number): ModelHead {
  const kind = head.get('kind').oneOf(['dfl', 'decoded'] as const);
  if (kind === 'decoded') return { kind, output: head.get('output').text() };
  const levels = head.get('levels').list(1, 8, (level): DflLevel => {
    const stride = level.get('stride').integer(1, 4096);
    if (width % stride !== 0 || height % stride !== 0) {
      level.get('stride').expected(`a divisor of the input's ${width} x ${height}`);
    }
    return { stride, box: level.get('box').text(), cls: level.get('cls').text() };
  });
  const names = levels.flatMap(({ box, cls }) => [box, cls]);
  if (new Set(names).size < names.length) head.get('levels').expected('no output twice');
  return { kind: 'dfl', regMax: head.get('regMax').integer(1, 256), levels };
}

function triple(field: Field, min: number, max: number): [number, number, number] {
  return field.list(3, 3, (item) => item.number(min, max)) as [number, number, number];
}

function readPerLabel(field: Field, labels: readonly string[]): Record<string, number> {
  const entries = Object.keys(field.record()).map((label): [string, number] => {
    if (!labels.includes(label)) field.get(label).expected('a label of this model');
    return [label, field.get(label).number(0, 1)];
  });
  return Object.fromEntries(entries);
}

/** A value of the document with its place in it. A wrong value is noted and replaced by something harmless. */
class Field {
  readonly #place: string;
  readonly #value: unknown;
  readonly #mistakes: string[];

  constructor(place: string, value: unknown, mistakes: string[]) {
    this.#place = place;
    this.#value = value;
    this.#mistakes = mistakes;
  }

  expected(what: string): void {
    const received = JSON.stringify(this.#value)?.slice(0, 80) ?? 'nothing';
    this.#mistakes.push(`${this.#place || 'the document'}: expected ${what}, received ${received}`);
  }

  get(key: string): Field {
    const value = isRecord(this.#value) && Object.hasOwn(this.#value, key) ? this.#value[key] : undefined;
    return new Field(this.#place === '' ? key : `${this.#place}.${key}`, value, this.#mistakes);
  }

  record(): Record<string, unknown> {
    if (isRecord(this.#value)) return this.#value;
    this.expected('an object');
    return {};
  }

  list<T>(min: number, max: number, read: (item: Field) => T): T[] {
    const value = this.#value;
    if (!Array.isArray(value) || value.length < min || value.length > max) {
      this.expected(`a list of ${min === max ? min : `${min} to ${max}`} items`);
      return [];
    }
    return value.map((item, index) => read(new Field(`${this.#place}[${index}]`, item, this.#mistakes)));
  }

  number(min: number, max: number): number {
    const value = this.#value;
    if (typeof value === 'number' && value >= min && value <= max) return value;
    this.expected(`a number from ${min} to ${max}`);
    return min;
  }

  integer(min: number, max: number): number {
    const value = this.#value;
    if (Number.isInteger(value) && (value as number) >= min && (value as number) <= max)
      return value as number;
    this.expected(`an integer from ${min} to ${max}`);
    return min;
  }

  text(): string {
    return this.match(/^[^\0]{1,200}$/, 'a text of 1 to 200 characters');
  }

  match(pattern: RegExp, description: string): string {
    if (typeof this.#value === 'string' && pattern.test(this.#value)) return this.#value;
    this.expected(description);
    return '';
  }

  oneOf<const T extends string | number>(values: readonly T[]): T {
    const found = values.find((value) => value === this.#value);
    if (found === undefined) this.expected(values.join(' or '));
    return found ?? (values[0] as T);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * What a model manifest may say: one schema, from which its type is inferred. The message of each rule is what it expects;
 * the place and the value are added when it is broken.
 */
import * as v from 'valibot';
import { GhostcamError } from '../errors.js';
import { ALL_LABELS, isTopicLevel } from '../mqtt-strings.js';

/** A label is a level of MQTT topics. */
const MAX_LABEL = 200;
export const LABEL_RULE = `a label without +, #, / and control characters, of at most ${MAX_LABEL} characters, other than ${ALL_LABELS}`;
/** Nobody corrects more mistakes at once; what is beyond is counted. */
const MAX_MISTAKES = 50;
/** Characters of a field's name and of its value in a message. */
const MAX_PLACE = 120;
const MAX_VALUE = 80;
const TEXT = /^[^\0]{1,200}$/;
const SHA256 = /^[0-9a-f]{64}$/;

const text = (pattern = TEXT, what = 'a text of 1 to 200 characters') =>
  v.pipe(v.string(what), v.regex(pattern, what));

function number(min: number, max: number) {
  const message = `a number from ${min} to ${max}`;
  return v.pipe(v.number(message), v.minValue(min, message), v.maxValue(max, message));
}

function integer(min: number, max: number) {
  const message = `an integer from ${min} to ${max}`;
  return v.pipe(v.number(message), v.integer(message), v.minValue(min, message), v.maxValue(max, message));
}

function list<const Item extends v.GenericSchema>(min: number, max: number, item: Item) {
  const message = `a list of ${min} to ${max} items`;
  return v.pipe(v.array(item, message), v.minLength(min, message), v.maxLength(max, message));
}

/** Three numbers, one for each of red, green and blue. */
function triple(min: number, max: number) {
  const item = number(min, max);
  return v.strictTuple([item, item, item], 'a list of 3 numbers');
}

const object = <const Entries extends v.ObjectEntries>(entries: Entries) => v.object(entries, 'an object');

/** Names of the model's symbolic dimensions, and what they may be set to: see docs/models.md, "Sizes and shapes". */
const DynamicInput = v.pipe(
  object({
    width: text(),
    height: text(),
    /** Both sides are multiples of it, in pixels. */
    multiple: integer(1, 4096),
    /** Longer sides in pixels that the model was measured at; the first is the default. */
    sizes: list(1, 100, integer(32, 4096)),
  }),
  v.check(({ width, height }) => width !== height, 'two names that differ'),
  v.check(
    ({ multiple, sizes }) => sizes.every((size) => size % multiple === 0),
    'sizes that are multiples of `multiple`',
  ),
);

const ModelInput = object({
  name: text(),
  /** Of a model with symbolic dimensions: of the square of its first size. */
  width: integer(32, 4096),
  height: integer(32, 4096),
  /** RGB; value of the tensor = (pixel - mean) / std. */
  mean: triple(-1e6, 1e6),
  std: triple(1e-6, 1e6),
  /** Pixel value of the letterbox's border. */
  padValue: number(0, 255),
  /** Absent: the model has the one shape width x height. */
  dynamic: v.exactOptional(DynamicInput),
});

/** Names of the outputs of one scale: box [1, 4 * regMax, H, W] and cls [1, labels, H, W], logits. */
const DflLevel = object({ stride: integer(1, 4096), box: text(), cls: text() });

const ModelHead = v.variant(
  'kind',
  [
    object({
      kind: v.literal('dfl'),
      regMax: integer(1, 256),
      levels: v.pipe(
        list(1, 8, DflLevel),
        v.check((levels) => {
          const names = levels.flatMap(({ box, cls }) => [box, cls]);
          return new Set(names).size === names.length;
        }, 'no output twice'),
      ),
    }),
    /** [1, 4 + labels, anchors]: cx, cy, w, h in input pixels, scores after the sigmoid: the usual YOLOv8 export. */
    object({ kind: v.literal('decoded'), output: text() }),
    /** [1, anchors, 5 + labels]: cx, cy, w, h in input pixels, objectness, scores of the labels: the usual YOLOv5 export. */
    object({ kind: v.literal('objectness'), output: text() }),
    /** [1, rows, 6]: x1, y1, x2, y2 in input pixels, score, label: the usual export of YOLOv10 and others without NMS. */
    object({ kind: v.literal('end-to-end'), output: text() }),
  ],
  'a head of kind dfl, decoded, objectness or end-to-end',
);

const Manifest = object({
  schema: v.literal(1, '1'),
  name: text(),
  architecture: text(),
  scale: text(),
  precision: v.picklist(['fp32', 'int8-u8s8', 'int8-s8s8'], 'fp32, int8-u8s8 or int8-s8s8'),
  /** Of the .onnx file. */
  sha256: text(SHA256, '64 hexadecimal digits'),
  input: ModelInput,
  head: ModelHead,
  labels: v.pipe(
    list(1, 1000, v.pipe(v.string(LABEL_RULE), v.check(isLabel, LABEL_RULE))),
    v.check((labels) => new Set(labels).size === labels.length, 'no label twice'),
  ),
  thresholds: object({
    score: number(0, 1),
    iou: number(0, 1),
    perLabel: v.record(v.string(), number(0, 1), 'an object'),
    /** Of inferences of a region, where they differ: things are larger there. */
    region: v.exactOptional(object({ perLabel: v.record(v.string(), number(0, 1), 'an object') })),
  }),
  maxDetections: integer(1, 10_000),
  metrics: v.record(v.string(), v.unknown(), 'an object'),
});

export type ModelManifest = v.InferOutput<typeof Manifest>;
export type ModelInput = v.InferOutput<typeof ModelInput>;
export type ModelHead = v.InferOutput<typeof ModelHead>;

/** The parts that the rules between fields are about. */
const LabelFields = v.object({
  labels: v.array(v.string()),
  thresholds: v.object({
    perLabel: v.record(v.string(), v.unknown()),
    region: v.optional(v.object({ perLabel: v.record(v.string(), v.unknown()) })),
  }),
});
const StrideFields = v.object({
  input: v.object({
    width: v.number(),
    height: v.number(),
    dynamic: v.optional(v.object({ multiple: v.number() })),
  }),
  head: v.object({ levels: v.array(v.object({ stride: v.number() })) }),
});

/** Whether a label can be a level of topics and differs there from that of all labels. */
export function isLabel(label: string): boolean {
  return isTopicLevel(label) && label !== ALL_LABELS && label.length <= MAX_LABEL;
}

/** Checks a manifest. Throws a MODEL error that names `path` and each wrong field: "field: expected …, received …". */
export function parseManifest(text: string, path: string): ModelManifest {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new GhostcamError('MODEL', `${path} is not JSON: ${(cause as Error).message}`, {
      cause,
      remedy: 'make the manifest anew with ghostcam import',
    });
  }
  const { success, output, issues = [] } = v.safeParse(Manifest, json);
  const mistakes = [...issues.map(describe), ...mistakesBetweenFields(json)];
  if (success && mistakes.length === 0) return output;
  const lines = [...new Set(mistakes)];
  const listed = lines.slice(0, MAX_MISTAKES);
  if (lines.length > listed.length) listed.push(`and ${lines.length - listed.length} more`);
  throw new GhostcamError('MODEL', `${path} is not a valid model manifest:\n  ${listed.join('\n  ')}`, {
    remedy: 'correct the fields named, or make the manifest anew with the model',
  });
}

/** What one field says of another, as far as both are well-formed, so that all mistakes are named at once. */
function mistakesBetweenFields(json: unknown): string[] {
  const mistakes: string[] = [];
  if (v.is(LabelFields, json)) {
    const { thresholds } = json;
    const labels = new Set(json.labels);
    for (const [place, perLabel] of [
      ['thresholds', thresholds.perLabel],
      ['thresholds.region', thresholds.region?.perLabel ?? {}],
    ] as const) {
      for (const [label, score] of Object.entries(perLabel)) {
        if (labels.has(label)) continue;
        mistakes.push(mistake(`${place}.perLabel.${label}`, 'a label of this model', score));
      }
    }
  }
  if (v.is(StrideFields, json)) {
    const { width, height, dynamic } = json.input;
    const sides = dynamic === undefined ? [width, height] : [dynamic.multiple];
    for (const [index, { stride }] of json.head.levels.entries()) {
      if (sides.every((side) => side % stride === 0)) continue;
      const what = dynamic === undefined ? `the input's ${width} x ${height}` : 'input.dynamic.multiple';
      mistakes.push(mistake(`head.levels[${index}].stride`, `a divisor of ${what}`, stride));
    }
  }
  return mistakes;
}

function describe(issue: v.BaseIssue<unknown>): string {
  const keys = issue.path ?? [];
  const place = keys.map(({ key }) => (typeof key === 'number' ? `[${key}]` : `.${key}`)).join('');
  const last = keys.at(-1);
  // An object's own message stands for each key that it lacks.
  const isMissing = issue.type === 'object' && last !== undefined && issue.received === 'undefined';
  return mistake(
    place.replace(/^\./, '') || 'the document',
    isMissing ? 'a value' : issue.message,
    isMissing ? undefined : issue.input,
  );
}

function mistake(place: string, what: string, received: unknown): string {
  const shortPlace = place.length > MAX_PLACE ? `${place.slice(0, MAX_PLACE)}…` : place;
  return `${shortPlace}: expected ${what}, received ${shown(received)}`;
}

/** A value in short. Lists and objects are not shown: they may be deeper than can be made a text. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  if (typeof value === 'string') return JSON.stringify(value.slice(0, MAX_VALUE));
  return JSON.stringify(value) ?? 'nothing';
}

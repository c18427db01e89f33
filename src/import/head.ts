/** What the outputs of a detector mean, inferred from their shapes, the number of labels and what makes them. */
import type { ModelHead } from '../model/manifest-schema.js';
import { isAnchorCount, isCellCount } from './cells.js';
import type { InputSize } from './input.js';
import { recognizeLevels } from './levels.js';
import type { Node, OnnxHeader, Value } from './onnx-header.js';
import { Refusal } from './refusal.js';
import { fixedShape, quote, shapeText } from './shape.js';

/** End-to-end heads have 300 rows, or as many as was asked for when exporting. */
const MAX_ROWS = 1000;

const DETECT_REMEDY = 'export a detection model (Ultralytics: task=detect)';
const WITHOUT_NMS = 'export it without its own NMS (Ultralytics: nms=False): the daemon has one';
const LAYOUTS =
  'layouts that are read: [1, 4 + labels, N] (YOLOv8, v9, 11, 12), [1, N, 5 + labels] (YOLOv5, v7), [1, rows, 6] (YOLOv10, 26)';

/** Metadata `task` of Ultralytics' files. */
const TASKS: Readonly<Record<string, string>> = {
  segment: 'a segmentation model (boxes and masks)',
  pose: 'a pose model (boxes and keypoints)',
  obb: 'a model of oriented boxes (OBB)',
  classify: 'a classifier: it has no boxes',
};

/** Rows that other heads have beside boxes and scores. */
const EXTRA_ROWS: Readonly<Record<number, string>> = {
  1: 'as oriented boxes (OBB) have for their angle',
  32: 'as segmentation models have for their masks',
  51: 'as pose models have for their keypoints',
};

/** Throws a Refusal that names the layout, where the daemon does not read it. */
export function recognizeHead(header: OnnxHeader, input: InputSize, labels: number | undefined): ModelHead {
  const task = header.metadata.get('task');
  const other = task === undefined ? undefined : TASKS[task];
  if (other !== undefined) throw new Refusal(`it is ${other}`, DETECT_REMEDY);
  if (/rt-?detr/i.test(header.metadata.get('description') ?? '')) {
    throw new Refusal('it is an RT-DETR, whose boxes are shares of the picture', LAYOUTS);
  }
  const { outputs } = header;
  if (outputs.length === 0) throw new Refusal('it has no outputs', 'export it again');
  const suppression = header.nodes.find(({ operator }) => /nms|nonmaxsuppression/i.test(operator));
  const rows = outputs.filter(({ shape }) => shape?.length === 3);
  const [output] = rows;
  if (suppression !== undefined && !(outputs.length === 1 && output?.shape?.[2] === 6)) {
    throw new Refusal(
      `non-maximum suppression is a part of it (node ${quote(suppression.operator)})`,
      WITHOUT_NMS,
    );
  }
  const planes = outputs.filter(({ shape }) => shape?.length === 4);
  if (output === undefined) return withoutRows(header, planes, input, labels);
  if (planes.length > 0) {
    throw new Refusal(
      `its outputs are ${describe(outputs)}: boxes and masks, as segmentation models have`,
      DETECT_REMEDY,
    );
  }
  if (rows.length > 1) {
    throw new Refusal(
      `its outputs are ${describe(outputs)}: boxes and scores apart`,
      `export it with one output; ${LAYOUTS}`,
    );
  }
  return recognizeRows(output, input, labels, header.nodes);
}

/** Outputs none of which has three axes. */
function withoutRows(
  header: OnnxHeader,
  planes: readonly Value[],
  input: InputSize,
  labels: number | undefined,
): ModelHead {
  const { outputs, nodes } = header;
  if (planes.length >= 2 && planes.length === outputs.length) {
    return recognizeLevels(planes, input, labels, nodes);
  }
  const [first] = outputs as [Value];
  if (first.shape === undefined) fixedShape('output', first);
  const ranks = outputs.map(({ shape }) => shape?.length);
  const what = `its outputs are ${describe(outputs)}`;
  if (ranks.includes(5)) {
    throw new Refusal(
      `${what}: raw levels of anchor boxes, as YOLOv5 has them in training`,
      'export it with its boxes decoded (YOLOv5: export.py without --train, YOLOv7: --grid)',
    );
  }
  if (ranks.every((rank) => rank === 2)) {
    const [, width] = first.shape ?? [];
    throw width === 7
      ? new Refusal(`${what}: rows that non-maximum suppression has left`, WITHOUT_NMS)
      : new Refusal(`${what}, as classifiers have`, DETECT_REMEDY);
  }
  throw new Refusal(`${what}, which is no known layout`, LAYOUTS);
}

/** One reading of an output [1, first, second]. */
interface Reading {
  kind: 'decoded' | 'objectness' | 'end-to-end';
  /** How many labels it has; undefined: the shape does not say. */
  labels: number | undefined;
}

function readings(first: number, second: number, { width, height }: InputSize): Reading[] {
  const found: Reading[] = [];
  const isLocations = isCellCount(first, width, height) || isAnchorCount(first, width, height);
  if (second === 6 && first <= MAX_ROWS && !isLocations && !isCellCount(second, width, height)) {
    found.push({ kind: 'end-to-end', labels: undefined });
  }
  if (second > 5 && isAnchorCount(first, width, height)) {
    found.push({ kind: 'objectness', labels: second - 5 });
  }
  if (first > 4 && !(isLocations && first > second)) found.push({ kind: 'decoded', labels: first - 4 });
  return found;
}

function recognizeRows(
  output: Value,
  input: InputSize,
  labels: number | undefined,
  nodes: readonly Node[],
): ModelHead {
  const [batch, first, second] = fixedShape('output', output) as [number, number, number];
  const what = `its output ${quote(output.name)} is ${shapeText([batch, first, second])}`;
  if (batch !== 1)
    throw new Refusal(`${what}: a batch of ${batch}`, 'export it for one picture at a time (batch=1)');
  const possible = readings(first, second, input);
  if (labels === undefined) throw withoutLabels(what, possible);
  const fitting = possible.find((reading) => reading.labels === undefined || reading.labels === labels);
  if (fitting === undefined) throw misfit(what, first, second, input, labels, possible);
  if (fitting.kind === 'end-to-end' && labels === 2 && joins(nodes, output.name) === 2) {
    // With two labels, [1, 300, 6] is also what 4 numbers of a box and 2 scores make.
    throw new Refusal(`${what}, made of two parts: boxes and scores, as RT-DETR has`, LAYOUTS);
  }
  return { kind: fitting.kind, output: output.name };
}

function withoutLabels(what: string, possible: readonly Reading[]): Refusal {
  const counts = possible.map((reading) => reading.labels).filter((count) => count !== undefined);
  const [count] = counts;
  const known = possible.length === 1 && count !== undefined ? `${count} of them: ` : '';
  return new Refusal(
    `it has no names of labels in its metadata (${what})`,
    `give ${known}--labels person,car,… or --labels FILE, in the order of the model’s classes`,
  );
}

/** The Refusal for a shape that no reading makes fit to the labels. */
function misfit(
  what: string,
  first: number,
  second: number,
  { width, height }: InputSize,
  labels: number,
  possible: readonly Reading[],
): Refusal {
  const names = `${labels} ${labels === 1 ? 'label' : 'labels'}`;
  if (second === labels + 5 && isCellCount(first, width, height)) {
    return new Refusal(
      `${what}, with ${names} the layout of YOLOX and YOLOv6, whose numbers mean other things in each`,
      LAYOUTS,
    );
  }
  if (second === labels + 4) {
    return isCellCount(first, width, height)
      ? new Refusal(
          `${what}, the transpose of [1, ${second}, ${first}]`,
          'export it without the transposition at its end',
        )
      : new Refusal(`${what}, with ${names} the layout of RT-DETR and other transformers`, LAYOUTS);
  }
  const [reading] = possible;
  if (reading?.labels === undefined) return new Refusal(`${what}, which is no known layout`, LAYOUTS);
  const extra = reading.labels - labels;
  const like = EXTRA_ROWS[extra];
  if (reading.kind === 'decoded' && like !== undefined) {
    return new Refusal(
      `${what}: with ${names}, ${extra} more than 4 + ${labels}, ${like}`,
      `${DETECT_REMEDY}; if it is one, give its ${reading.labels} labels with --labels`,
    );
  }
  return new Refusal(
    `${what}, which is ${reading.labels} labels, but there are ${names}`,
    'give all labels with --labels, in the order of the model’s classes',
  );
}

/** How many inputs the Concat has that makes an output; undefined: something else makes it. */
function joins(nodes: readonly Node[], output: string): number | undefined {
  const maker = nodes.find(({ outputs }) => outputs.includes(output));
  return maker?.operator === 'Concat' ? maker.inputs : undefined;
}

function describe(outputs: readonly Value[]): string {
  const listed = outputs
    .slice(0, 6)
    .map(({ name, shape }) => `${quote(name)} ${shape ? shapeText(shape) : '[?]'}`);
  return outputs.length > listed.length
    ? `${listed.join(', ')} and ${outputs.length - listed.length} more`
    : listed.join(', ');
}

/** Heads whose levels are outputs of their own: for each, distributions of a box's sides and logits of the labels (DFL). */
import type { ModelHead } from '../model/manifest-schema.js';
import type { InputSize } from './input.js';
import type { Node, Value } from './onnx-header.js';
import { Refusal } from './refusal.js';
import { fixedShape, quote, shapeText } from './shape.js';

interface Plane {
  name: string;
  channels: number;
  stride: number;
}

/** Numbers that have been through one of these are no logits any more. */
const ACTIVATIONS = new Set(['Sigmoid', 'HardSigmoid', 'Softmax']);
const REMEDY = 'export it with decoded boxes in one output, as it is usual (Ultralytics: format=onnx)';

/**
 * Distinguishes outputs [1, channels, height, width]: for each size one with 4 * regMax channels and one with a channel for each
 * label. Throws a Refusal where that is not what they are.
 */
export function recognizeLevels(
  outputs: readonly Value[],
  input: InputSize,
  labels: number | undefined,
  nodes: readonly Node[],
): ModelHead {
  if (labels === undefined) {
    throw new Refusal(
      'it has no names of labels in its metadata',
      'give them with --labels person,car,… or --labels FILE, in the order of the model’s classes',
    );
  }
  const levels = new Map<number, Plane[]>();
  for (const output of outputs) {
    const plane = planeOf(output, input);
    const ofStride = levels.get(plane.stride);
    if (ofStride === undefined) levels.set(plane.stride, [plane]);
    else ofStride.push(plane);
  }
  const ascending = [...levels.keys()].sort((a, b) => a - b);
  const pairs = ascending.map((stride) => pairOf(levels.get(stride) as Plane[], labels));
  const [bins] = pairs.map(({ box }) => box.channels);
  if (bins === undefined || pairs.some(({ box }) => box.channels !== bins)) {
    throw new Refusal('its levels have boxes of different numbers of channels', REMEDY);
  }
  for (const { box, cls } of pairs) {
    for (const { name } of [box, cls]) {
      const maker = nodes.find((node) => node.outputs.includes(name))?.operator;
      if (maker === undefined || !ACTIVATIONS.has(maker)) continue;
      throw new Refusal(
        `its output ${quote(name)} comes out of ${maker}, where the daemon has logits`,
        'export it without the activations at its end, or with decoded boxes in one output',
      );
    }
  }
  return {
    kind: 'dfl',
    regMax: bins / 4,
    levels: pairs.map(({ box, cls }) => ({ stride: box.stride, box: box.name, cls: cls.name })),
  };
}

function planeOf(output: Value, input: InputSize): Plane {
  const shape = fixedShape('output', output);
  const [batch, channels, height, width] = shape as [number, number, number, number];
  const stride = input.width / width;
  if (batch !== 1 || !Number.isInteger(stride) || input.height !== height * stride) {
    throw new Refusal(
      `its output ${quote(output.name)} is ${shapeText(shape)}, which is no level of ${input.width} x ${input.height} pixels`,
      REMEDY,
    );
  }
  return { name: output.name, channels, stride };
}

function pairOf(planes: readonly Plane[], labels: number): { box: Plane; cls: Plane } {
  const found = planes.map(({ name, channels }) => `${quote(name)} with ${channels} channels`).join(', ');
  const [first, second] = planes;
  if (first === undefined || second === undefined || planes.length !== 2) {
    throw new Refusal(
      `it has ${found} at stride ${first?.stride}, expected boxes and scores in two outputs`,
      REMEDY,
    );
  }
  const fitting = [
    { box: first, cls: second },
    { box: second, cls: first },
  ].filter(({ box, cls }) => box.channels % 4 === 0 && cls.channels === labels);
  const [pair] = fitting;
  if (pair === undefined) {
    throw new Refusal(
      `it has ${found} at stride ${first.stride}, expected 4 * n for boxes and ${labels} for labels`,
      'give all labels with --labels, in the order of the model’s classes, or export it with decoded boxes in one output',
    );
  }
  if (fitting.length > 1) {
    throw new Refusal(
      `it has ${found} at stride ${first.stride}: which are boxes and which labels cannot be decided`,
      REMEDY,
    );
  }
  return pair;
}

/** The input of a detector: one picture, [1, 3, height, width]. */

import type { Value } from './onnx-header.js';
import { Refusal } from './refusal.js';
import { fixedShape, quote, shapeText } from './shape.js';

export interface InputSize {
  name: string;
  width: number;
  height: number;
}

const MIN_SIDE = 32;
const MAX_SIDE = 4096;

/** Throws a Refusal for what is not one float32 picture of a fixed size. */
export function recognizeInput(inputs: readonly Value[]): InputSize {
  const [input] = inputs;
  if (input === undefined || inputs.length > 1) {
    const names = inputs.map(({ name }) => quote(name)).slice(0, 5);
    throw new Refusal(
      `it has ${inputs.length} inputs${names.length > 0 ? ` (${names.join(', ')})` : ''}, expected the picture alone`,
      'export the detector alone: what else it is fed belongs into the graph as constants',
    );
  }
  const shape = fixedShape('input', input);
  const text = `its input ${quote(input.name)} has the shape ${shapeText(shape)}`;
  const [batch, channels, height, width] = shape;
  if (height === undefined || width === undefined || shape.length !== 4) {
    throw new Refusal(`${text}, expected [1, 3, height, width]`, 'only models of single pictures are read');
  }
  if (batch !== 1) {
    throw new Refusal(
      `${text}: a batch of ${batch} pictures`,
      'export it for one picture at a time (batch=1)',
    );
  }
  if (channels !== 3 && width === 3) {
    throw new Refusal(
      `${text}: channels last, as TensorFlow has them`,
      'export it with channels first, [1, 3, height, width] (tf2onnx: --inputs-as-nchw)',
    );
  }
  if (channels !== 3)
    throw new Refusal(`${text}: ${channels} channels`, 'only models of RGB pictures are read');
  if (Math.min(width, height) < MIN_SIDE || Math.max(width, height) > MAX_SIDE) {
    throw new Refusal(
      `${text}: sides are ${MIN_SIDE} to ${MAX_SIDE} pixels`,
      'export it in another size (imgsz)',
    );
  }
  return { name: input.name, width, height };
}

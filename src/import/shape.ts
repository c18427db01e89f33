/** Types and shapes of an ONNX model's tensors, as its owner knows them. */
import type { Size, Value } from './onnx-header.js';
import { Refusal } from './refusal.js';

/** TensorProto.DataType */
const FLOAT32 = 1;
export const UINT8 = 2;
const FLOAT16 = 10;
const TYPE_NAMES: Readonly<Record<number, string>> = {
  [FLOAT32]: 'float32',
  [UINT8]: 'uint8',
  3: 'int8',
  6: 'int32',
  7: 'int64',
  9: 'bool',
  [FLOAT16]: 'float16',
  11: 'float64',
  16: 'bfloat16',
};

/** The longest name that a manifest takes. */
const MAX_NAME = 200;
/** Text of the model is quoted up to this length. */
const MAX_QUOTED = 60;

const HALF_REMEDY = 'export it in float32 (Ultralytics: half=False)';

/** A text out of the file for a message: control characters escaped, shortened. */
export function quote(text: string): string {
  const short = text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text;
  return JSON.stringify(short).replace(/\p{Cc}/gu, '?');
}

/** `[1, 84, "anchors"]`; `[1, 84, ?]` where the file says nothing. */
export function shapeText(shape: readonly Size[]): string {
  const sizes = shape.map((size) => (typeof size === 'string' ? quote(size) : (size?.toString() ?? '?')));
  return `[${sizes.join(', ')}]`;
}

/** The fixed shape of a float32 tensor. Throws a Refusal for every other one. */
export function fixedShape(kind: 'input' | 'output', { name, elementType, shape }: Value): number[] {
  const tensor = `its ${kind} ${quote(name)}`;
  if (elementType === undefined) {
    throw new Refusal(
      `${tensor} is not a tensor`,
      'export the detector alone, without pre- and postprocessing',
    );
  }
  if (elementType === FLOAT16) throw new Refusal(`${tensor} is float16 (half precision)`, HALF_REMEDY);
  if (elementType === UINT8) {
    throw new Refusal(
      `${tensor} is uint8, where the daemon has float32`,
      'export it with float32 inputs and outputs, without preprocessing in the graph; weights may be INT8',
    );
  }
  if (elementType !== FLOAT32) {
    const type = TYPE_NAMES[elementType] ?? `of type ${elementType}`;
    throw new Refusal(`${tensor} is ${type}, where the daemon has float32`, 'export it in float32');
  }
  if (name === '' || name.length > MAX_NAME || name.includes('\0')) {
    throw new Refusal(
      `${tensor} has a name that is not of 1 to ${MAX_NAME} characters`,
      'name the inputs and outputs when exporting (torch.onnx.export: input_names, output_names)',
    );
  }
  if (shape === undefined) throw dynamic(tensor, 'unknown');
  const sizes = shape.filter((size) => typeof size === 'number');
  if (sizes.length < shape.length) throw dynamic(tensor, shapeText(shape));
  if (sizes.some((size) => !Number.isSafeInteger(size) || size < 1)) throw dynamic(tensor, shapeText(shape));
  return sizes;
}

function dynamic(tensor: string, shape: string): Refusal {
  return new Refusal(
    `the shape of ${tensor} is ${shape}, and not fixed`,
    'export it without dynamic axes (Ultralytics: dynamic=False), or give it fixed shapes with ' +
      'python -m onnxruntime.tools.make_dynamic_shape_fixed --input_name NAME --input_shape 1,3,640,640 IN.onnx OUT.onnx',
  );
}

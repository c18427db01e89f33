/** Writes small ONNX models (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto), good and wrong ones alike. */
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';

/** TensorProto.DataType */
export const FLOAT = 1;
export const UINT8 = 2;
export const FLOAT16 = 10;
export const DOUBLE = 11;

type Part = Uint8Array | string;

function varint(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) + 128);
  }
}

/** A protobuf field of the wire type "length-delimited". */
export function field(number: number, content: Part): Buffer {
  const bytes = Buffer.from(content as Uint8Array);
  return Buffer.concat([Buffer.from([...varint(number * 8 + 2), ...varint(bytes.length)]), bytes]);
}

export function integer(number: number, value: number): Buffer {
  return Buffer.from([...varint(number * 8), ...varint(value)]);
}

export interface Tensor {
  name: string;
  shape: number[];
  type?: number;
}

/** As a graph declares it: sizes may be open. */
export interface Declared extends Omit<Tensor, 'shape'> {
  /** A text is the name of an open size, null one without a name. */
  shape: (number | string | null)[];
}

export function valueInfo({ name, shape, type = FLOAT }: Declared): Buffer {
  const dimension = (size: number | string | null) => {
    if (size === null) return '';
    return typeof size === 'string' ? field(2, size) : integer(1, size);
  };
  const dimensions = shape.map((size) => field(1, dimension(size)));
  const tensor = Buffer.concat([integer(1, type), field(2, Buffer.concat(dimensions))]);
  return Buffer.concat([field(1, name), field(2, field(1, tensor))]);
}

/** The content of a TensorProto: float32 values for a float tensor, float64 for a double one. */
export function constant({ name, shape, type = FLOAT }: Tensor, values: Float32Array): Buffer {
  const raw = type === FLOAT ? values : Float64Array.from(values);
  const data = new Uint8Array(raw.buffer, raw.byteOffset, raw.byteLength);
  return Buffer.concat([
    ...shape.map((size) => integer(1, size)),
    integer(2, type),
    field(8, name),
    field(9, data),
  ]);
}

export interface Output extends Tensor {
  /** What the model answers, whatever its input; default 0. */
  values?: Float32Array;
}

/** What a file may hold beside its constant outputs. */
export interface Extras {
  metadata?: Record<string, string>;
  /** Fields of the GraphProto. */
  graph?: readonly Buffer[];
}

export function node(
  operator: string,
  inputs: readonly string[],
  output: string,
  ...attributes: Buffer[]
): Buffer {
  const named = inputs.map((input) => field(1, input));
  return field(1, Buffer.concat([...named, field(2, output), field(4, operator), ...attributes]));
}

/** A file that declares these inputs and outputs, and has no nodes: enough for whoever reads the header alone. */
export function headerModel(
  inputs: readonly Declared[],
  outputs: readonly Declared[],
  { metadata = {}, graph = [] }: Extras = {},
): Buffer {
  const content = Buffer.concat([
    field(2, 'graph'),
    ...graph,
    ...inputs.map((input) => field(11, valueInfo(input))),
    ...outputs.map((output) => field(12, valueInfo(output))),
  ]);
  const entries = Object.entries(metadata).map(([key, value]) =>
    field(14, Buffer.concat([field(1, key), field(2, value)])),
  );
  return Buffer.concat([integer(1, 8), field(7, content), field(8, integer(2, 13)), ...entries]);
}

/** A model with these inputs, and outputs that do not depend on them. */
export function constantModel(
  inputs: readonly Declared[],
  outputs: readonly Output[],
  { metadata = {}, graph = [] }: Extras = {},
): Buffer {
  const nodes = outputs.map(({ name }) => node('Identity', [`${name}_value`], name));
  const initializers = outputs.map((output) => {
    const count = output.shape.reduce((product, size) => product * size, 1);
    const named = { ...output, name: `${output.name}_value` };
    return field(5, constant(named, output.values ?? new Float32Array(count)));
  });
  return headerModel(inputs, outputs, { metadata, graph: [...nodes, ...initializers, ...graph] });
}

/** A manifest of a 64 x 64 model with a decoded head of 2 classes and 3 anchors. */
export function smallManifest(): Record<string, unknown> {
  return {
    schema: 1,
    name: 'small',
    architecture: 'test',
    scale: 'n',
    precision: 'fp32',
    input: { name: 'images', width: 64, height: 64, mean: [0, 0, 0], std: [255, 255, 255], padValue: 114 },
    head: { kind: 'decoded', output: 'output0' },
    labels: ['person', 'cat'],
    thresholds: { score: 0.3, iou: 0.6, perLabel: {} },
    maxDetections: 300,
    metrics: {},
  };
}

export const SMALL_INPUT: Tensor = { name: 'images', shape: [1, 3, 64, 64] };
export const SMALL_OUTPUT: Tensor = { name: 'output0', shape: [1, 6, 3] };

/** Writes `base`.onnx and `base`.json, with the right checksum; returns the path of the first. */
export async function writeModel(
  base: string,
  model: Uint8Array,
  manifest: Record<string, unknown> = smallManifest(),
): Promise<string> {
  const sha256 = createHash('sha256').update(model).digest('hex');
  await writeFile(`${base}.onnx`, model);
  await writeFile(`${base}.json`, JSON.stringify({ ...manifest, sha256 }));
  return `${base}.onnx`;
}

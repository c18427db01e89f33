/**
 * What an ONNX file says of itself, without its weights: inputs, outputs, operators and metadata. Field numbers are those of
 * https://github.com/onnx/onnx/blob/main/onnx/onnx.proto; the wire format is read by Protobuf-ES, in place and in one pass.
 */
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';

/** A size of a shape: a number, the name of a size that is open, or undefined where the file says nothing. */
export type Size = number | string | undefined;

export interface Value {
  name: string;
  /** TensorProto.DataType; undefined for what is no tensor. */
  elementType: number | undefined;
  /** Undefined: not even the rank is known. */
  shape: readonly Size[] | undefined;
}

export interface Node {
  operator: string;
  inputs: number;
  outputs: string[];
}

export interface OnnxHeader {
  /** Without those that are initialisers, which are defaults: nobody has to feed them. */
  inputs: Value[];
  outputs: Value[];
  /** Of the main graph. */
  nodes: Node[];
  /** ModelProto.metadata_props. */
  metadata: ReadonlyMap<string, string>;
  /** The name of a tensor whose values lie in another file. */
  externalTensor: string | undefined;
  /** TensorProto.DataType of all tensors that the file holds. */
  tensorTypes: ReadonlySet<number>;
}

/** Of inputs, outputs, nodes, tensors and metadata each: a hundred times as many as detectors have. */
const MAX_ITEMS = 100_000;
const MAX_NAME_BYTES = 4096;
/** Names of 1,000 labels; larger values are none that we read. */
const MAX_METADATA_BYTES = 1 << 18;
/** Of all messages together: bounds the time. */
const MAX_FIELDS = 5_000_000;
/** Graphs inside graphs (If, Loop). */
const MAX_DEPTH = 16;
const MAX_RANK = 64;
/** TensorProto.DataLocation */
const EXTERNAL = 1;

/** What is done with a field: its wire type, and what reads its value from there. */
type Field = [WireType, (reader: BinaryReader) => void];

/** Reads messages, up to MAX_FIELDS fields in all. */
class MessageReader {
  #fields = 0;

  /** Reads the fields of a message; those without an entry are skipped. */
  read(bytes: Uint8Array, fields: Readonly<Record<number, Field>>): void {
    const reader = new BinaryReader(bytes);
    while (reader.pos < reader.len) {
      if (++this.#fields > MAX_FIELDS) throw new Error(`it has more than ${MAX_FIELDS} fields`);
      const [number, wireType] = reader.tag();
      const field = fields[number];
      if (field !== undefined && field[0] !== wireType) {
        throw new Error(`field ${number} has the wire type ${wireType}`);
      }
      if (field !== undefined) field[1](reader);
      // Groups, which are skipped field by field, are in no message of ONNX.
      else if (wireType === WireType.StartGroup) throw new Error(`field ${number} is a group`);
      else reader.skip(wireType, number);
    }
  }
}

const message = (read: (bytes: Uint8Array) => void): Field => [
  WireType.LengthDelimited,
  (reader) => read(reader.bytes()),
];

const name = (read: (text: string) => void): Field => message((bytes) => read(decode(bytes)));

const integer = (read: (value: number) => void): Field => [
  WireType.Varint,
  (reader) => read(Number(reader.int64())),
];

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decode(bytes: Uint8Array): string {
  if (bytes.length > MAX_NAME_BYTES) throw new Error(`a name has ${bytes.length} bytes`);
  return utf8.decode(bytes);
}

function push<T>(items: T[], item: T): void {
  if (items.length >= MAX_ITEMS) throw new Error(`it has more than ${MAX_ITEMS} items of one kind`);
  items.push(item);
}

/** Reads a ModelProto. Throws an Error that says what is wrong with the bytes, which are kept by nothing that is returned. */
export function readOnnxHeader(model: Uint8Array): OnnxHeader {
  const messages = new MessageReader();
  const graph = new GraphReader(messages);
  const metadata = new Map<string, string>();
  let opsets = 0;
  messages.read(model, {
    7: message((bytes) => graph.read(bytes)),
    8: message(() => {
      opsets++;
    }),
    14: message((bytes) => readMetadata(messages, bytes, metadata)),
  });
  if (opsets === 0) throw new Error('it names no operator set');
  const { inputs, outputs, nodes, tensors, externalTensor, tensorTypes } = graph;
  const initialisers = new Set(tensors);
  return {
    inputs: inputs.filter((input) => !initialisers.has(input.name)),
    outputs,
    nodes,
    metadata,
    externalTensor,
    tensorTypes,
  };
}

function readMetadata(messages: MessageReader, bytes: Uint8Array, metadata: Map<string, string>): void {
  let key = '';
  let value: Uint8Array | undefined;
  if (bytes.length > MAX_METADATA_BYTES) return;
  messages.read(bytes, {
    1: name((text) => {
      key = text;
    }),
    2: message((content) => {
      value = content;
    }),
  });
  if (value === undefined) return;
  if (metadata.size >= MAX_ITEMS) throw new Error(`it has more than ${MAX_ITEMS} entries of metadata`);
  metadata.set(key, utf8.decode(value));
}

/** Collects what is wanted of a GraphProto; one that comes in several pieces is their sum, as in every protobuf message. */
class GraphReader {
  readonly #messages: MessageReader;
  readonly inputs: Value[] = [];
  readonly outputs: Value[] = [];
  readonly nodes: Node[] = [];
  /** Names of the initialisers. */
  readonly tensors: string[] = [];
  readonly tensorTypes = new Set<number>();
  externalTensor: string | undefined;

  constructor(messages: MessageReader) {
    this.#messages = messages;
  }

  read(graph: Uint8Array): void {
    this.#messages.read(graph, {
      1: message((bytes) => push(this.nodes, this.#node(bytes, 0))),
      5: message((bytes) => push(this.tensors, this.#tensor(bytes))),
      11: message((bytes) => push(this.inputs, readValue(this.#messages, bytes))),
      12: message((bytes) => push(this.outputs, readValue(this.#messages, bytes))),
      15: message((bytes) => push(this.tensors, this.#sparseTensor(bytes))),
    });
  }

  /** A graph inside a node: only where its tensors lie matters. */
  #subgraph(graph: Uint8Array, depth: number): void {
    if (depth > MAX_DEPTH) throw new Error(`graphs lie more than ${MAX_DEPTH} deep inside each other`);
    this.#messages.read(graph, {
      1: message((bytes) => this.#node(bytes, depth)),
      5: message((bytes) => this.#tensor(bytes)),
      15: message((bytes) => this.#sparseTensor(bytes)),
    });
  }

  #node(node: Uint8Array, depth: number): Node {
    const read: Node = { operator: '', inputs: 0, outputs: [] };
    this.#messages.read(node, {
      1: message(() => {
        read.inputs++;
      }),
      2: name((output) => push(read.outputs, output)),
      4: name((operator) => {
        read.operator = operator;
      }),
      5: message((bytes) => this.#attribute(bytes, depth)),
    });
    return read;
  }

  #attribute(attribute: Uint8Array, depth: number): void {
    const tensor = message((bytes) => this.#tensor(bytes));
    const graph = message((bytes) => this.#subgraph(bytes, depth + 1));
    const sparse = message((bytes) => this.#sparseTensor(bytes));
    this.#messages.read(attribute, { 5: tensor, 6: graph, 10: tensor, 11: graph, 22: sparse, 23: sparse });
  }

  /** Returns the tensor's name. */
  #tensor(tensor: Uint8Array): string {
    let own = '';
    let location = 0;
    this.#messages.read(tensor, {
      2: integer((type) => {
        if (this.tensorTypes.size < MAX_ITEMS) this.tensorTypes.add(type);
      }),
      8: name((text) => {
        own = text;
      }),
      14: integer((value) => {
        location = value;
      }),
    });
    if (location === EXTERNAL) this.externalTensor ??= own;
    return own;
  }

  /** SparseTensorProto: its values' name is its own. */
  #sparseTensor(sparse: Uint8Array): string {
    let own = '';
    this.#messages.read(sparse, {
      1: message((bytes) => {
        own = this.#tensor(bytes);
      }),
      2: message((bytes) => this.#tensor(bytes)),
    });
    return own;
  }
}

function readValue(messages: MessageReader, bytes: Uint8Array): Value {
  const value: Value = { name: '', elementType: undefined, shape: undefined };
  const shape = message((dimensions) => {
    value.shape = readShape(messages, dimensions);
  });
  const elementType = integer((type) => {
    value.elementType = type;
  });
  const tensorType = message((type) => messages.read(type, { 1: elementType, 2: shape }));
  messages.read(bytes, {
    1: name((text) => {
      value.name = text;
    }),
    2: message((type) => messages.read(type, { 1: tensorType })),
  });
  return value;
}

function readShape(messages: MessageReader, bytes: Uint8Array): Size[] {
  const sizes: Size[] = [];
  messages.read(bytes, {
    1: message((dimension) => {
      let size: Size;
      messages.read(dimension, {
        1: integer((value) => {
          size = value;
        }),
        2: name((open) => {
          size = open;
        }),
      });
      if (sizes.length >= MAX_RANK) throw new Error(`a shape has more than ${MAX_RANK} sizes`);
      sizes.push(size);
    }),
  });
  return sizes;
}

/** The manifest of a model from elsewhere, out of what its file says of itself. */
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { GhostcamError } from '../errors.js';
import { type ModelHead, type ModelManifest, parseManifest } from '../model/manifest-schema.js';
import { recognizeHead } from './head.js';
import { recognizeInput } from './input.js';
import { checkLabels, parseNames } from './labels.js';
import { type OnnxHeader, readOnnxHeader } from './onnx-header.js';
import { Refusal } from './refusal.js';
import { quote, UINT8 } from './shape.js';

export interface Description {
  /** Default: those of the file's metadata. */
  labels?: readonly string[];
  /** Default: the file's name. */
  name?: string;
  /** Score from which an object is reported, 0..1. */
  threshold?: number;
}

/** The usual threshold, of the shipped models too. */
const DEFAULT_SCORE = 0.3;
const DEFAULT_IOU = 0.6;
/** Nothing overlaps more than wholly: NMS removes no box of a model that has none to be removed. */
const NO_SUPPRESSION = 1;

const ARCHITECTURES: Readonly<Record<ModelHead['kind'], string>> = {
  dfl: 'yolov8',
  decoded: 'yolov8',
  objectness: 'yolov5',
  'end-to-end': 'yolov10',
};

/** Operators of models with 8-bit activations. */
const QUANTIZED = /^(?:Dynamic)?QuantizeLinear$|^QLinear|^ConvInteger$/;

/** Files that are taken for an ONNX model: where their beginning is, and what to do. */
const OTHER_FORMATS: readonly { at: number; start: string; what: string; remedy: string }[] = [
  {
    at: 0,
    start: 'PK\x03\x04',
    what: 'a PyTorch checkpoint, or another ZIP file',
    remedy: 'export it (Ultralytics: yolo export model=FILE.pt format=onnx)',
  },
  {
    at: 4,
    start: 'ORTM',
    what: 'in ONNX Runtime’s own format',
    remedy: 'use the .onnx file that it was made of',
  },
  {
    at: 4,
    start: 'TFL3',
    what: 'a TensorFlow Lite model',
    remedy: 'export the model as ONNX, with channels first',
  },
  {
    at: 0,
    start: 'version https://git-lfs',
    what: 'a pointer of Git LFS, not the file itself',
    remedy: 'fetch it: git lfs pull',
  },
];

/**
 * The manifest of the ONNX file with these bytes: RGB pixels, divided by 255, letterboxed on grey, as YOLO models have them.
 * Throws a MODEL error with the reason for every file that the daemon would not run.
 */
export function describeModel(path: string, bytes: Uint8Array, description: Description): ModelManifest {
  try {
    return manifestOf(path, bytes, description);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new GhostcamError('MODEL', `${path} cannot be used: ${error.message}`, { remedy: error.remedy });
  }
}

function manifestOf(path: string, bytes: Uint8Array, description: Description): ModelManifest {
  const header = headerOf(bytes);
  if (header.externalTensor !== undefined) {
    throw new Refusal(
      `its weights are in another file (tensor ${quote(header.externalTensor)}), where the daemon reads one`,
      `put them into one file: python -c "import onnx; onnx.save(onnx.load('IN.onnx'), 'OUT.onnx')"`,
    );
  }
  const { name: inputName, width, height } = recognizeInput(header.inputs);
  const labels = description.labels ?? labelsOf(header);
  const head = recognizeHead(header, { name: inputName, width, height }, labels?.length);
  // Without labels recognizeHead has thrown.
  checkLabels(labels ?? []);
  const manifest = {
    schema: 1,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    name: description.name ?? basename(path, '.onnx'),
    architecture: ARCHITECTURES[head.kind],
    scale: 'unknown',
    precision: precisionOf(header),
    input: { name: inputName, width, height, mean: [0, 0, 0], std: [255, 255, 255], padValue: 114 },
    head,
    labels,
    thresholds: {
      score: description.threshold ?? DEFAULT_SCORE,
      iou: head.kind === 'end-to-end' ? NO_SUPPRESSION : DEFAULT_IOU,
      perLabel: {},
    },
    maxDetections: 300,
    metrics: {},
  };
  return parseManifest(JSON.stringify(manifest), `the manifest for ${path}`);
}

function headerOf(bytes: Uint8Array): OnnxHeader {
  const start = Buffer.from(bytes.subarray(0, 64)).toString('latin1');
  const other = OTHER_FORMATS.find((format) => start.startsWith(format.start, format.at));
  if (other !== undefined) throw new Refusal(`it is ${other.what}`, other.remedy);
  try {
    return readOnnxHeader(bytes);
  } catch (error) {
    throw new Refusal(
      `it is no ONNX model, or damaged: ${(error as Error).message}`,
      'export it again, and copy the file whole',
    );
  }
}

function labelsOf({ metadata }: OnnxHeader): string[] | undefined {
  const names = metadata.get('names');
  return names === undefined ? undefined : parseNames(names, 'the list `names` in its metadata');
}

/** Of the activations; weights of quantised models are signed. */
function precisionOf({ nodes, tensorTypes }: OnnxHeader): ModelManifest['precision'] {
  if (!nodes.some(({ operator }) => QUANTIZED.test(operator))) return 'fp32';
  return tensorTypes.has(UINT8) ? 'int8-u8s8' : 'int8-s8s8';
}

/** The manifest X.json beside a model X.onnx: everything that the daemon and the addon know about the model. */
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GhostcamError } from '../errors.js';
import { type InputSize, shapeText } from '../frame/input-shape.js';
import { type ModelManifest, parseManifest } from './manifest-schema.js';
import { inputSizeOf, parseModelName, sizedName } from './name.js';

export interface LoadedModel {
  /** Of the .onnx file. */
  path: string;
  /** The manifest's name, with the size that was chosen where there are several. */
  name: string;
  manifest: ModelManifest;
  inputSize: InputSize;
  bytes: Uint8Array;
}

const MAX_MANIFEST_BYTES = 1 << 20;
const MAX_MODEL_BYTES = 1 << 29;

const SHIPPED = fileURLToPath(new URL('../../models/', import.meta.url));

/** The .onnx file that MODEL means: see {@link parseModelName}. */
export function modelPath(model: string, processor: NodeJS.Architecture = process.arch): string {
  const { file, isPath } = parseModelName(model, processor);
  return isPath ? file : `${SHIPPED}${file}.onnx`;
}

/**
 * Reads both files of a model. Throws a MODEL error that names every mistake of the manifest, a size that the model does not have, or a
 * wrong checksum.
 */
export async function loadModel(model: string): Promise<LoadedModel> {
  const path = modelPath(model);
  const manifestPath = manifestPathOf(path);
  const manifest = parseManifest(await readText(manifestPath), manifestPath);
  const inputSize = inputSizeOf(manifest, parseModelName(model).size, model);
  const bytes = await readModelFile(path);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (sha256 !== manifest.sha256) {
    throw new GhostcamError('MODEL', `${path} is not the file that ${basename(manifestPath)} describes`, {
      remedy: `copy both files again; sha256 is ${sha256}, expected ${manifest.sha256}`,
    });
  }
  return { path, name: nameOf(manifest, inputSize), manifest, inputSize, bytes };
}

function nameOf({ name, input }: ModelManifest, inputSize: InputSize): string {
  if (input.dynamic === undefined) return name;
  return sizedName(name, 'side' in inputSize ? inputSize.side : shapeText(inputSize));
}

/** Where the manifest of an .onnx file lies. Throws a MODEL error for other files. */
export function manifestPathOf(path: string): string {
  if (extname(path) !== '.onnx') {
    throw new GhostcamError('MODEL', `the model must be an .onnx file, received ${path}`, {
      remedy: modelRemedy(),
    });
  }
  return path.replace(/\.onnx$/, '.json');
}

/** The content of an .onnx file. Rejects with MODEL when it is no regular file, cannot be read or is too large. */
export function readModelFile(path: string, remedy = modelRemedy()): Promise<Uint8Array> {
  return readRegularFile(path, MAX_MODEL_BYTES, remedy);
}

/** The manifest alone, with the model's checksum verified. `model` as in {@link modelPath}. */
export async function loadManifest(model: string): Promise<ModelManifest> {
  return (await loadModel(model)).manifest;
}

async function readText(path: string): Promise<string> {
  return new TextDecoder().decode(await readRegularFile(path, MAX_MANIFEST_BYTES, modelRemedy()));
}

async function readRegularFile(path: string, maxBytes: number, remedy: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(path).then((stats) => {
      if (!stats.isFile()) throw new Error('it is not a regular file');
      return stats;
    });
    if (size > maxBytes) throw new Error(`it has ${size} bytes, more than the ${maxBytes} that make sense`);
    return await readFile(path);
  } catch (cause) {
    throw new GhostcamError('MODEL', `cannot read ${path}: ${(cause as Error).message}`, {
      cause,
      remedy,
    });
  }
}

function modelRemedy(): string {
  return `MODEL is the path of an .onnx file with its .json beside it (ghostcam import writes it), or the name of a shipped model: ${shippedModels()}`;
}

function shippedModels(): string {
  const files = readdirSync(SHIPPED).filter((name) => name.endsWith('.onnx'));
  const names = files.map((name) => name.replace(/(-int8)?(-[us]8s8)?\.onnx$/, '$1'));
  const sized = [...new Set(names)].map((name) => sizedName(name, 'SIZE'));
  return `${sized.sort().join(', ')}, with a SIZE such as 320 or 448x256`;
}

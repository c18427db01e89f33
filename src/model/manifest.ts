/** The manifest X.json beside a model X.onnx: everything that the daemon and the addon know about the model. */
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GhostcamError } from '../errors.js';
import { type ModelManifest, parseManifest } from './manifest-schema.js';

export interface LoadedModel {
  /** Of the .onnx file. */
  path: string;
  manifest: ModelManifest;
  bytes: Uint8Array;
}

const MAX_MANIFEST_BYTES = 1 << 20;
const MAX_MODEL_BYTES = 1 << 29;

const SHIPPED = fileURLToPath(new URL('../../models/', import.meta.url));

/** The form of an INT8 model whose arithmetic each processor has instructions for: see docs/models.md. */
const INT8_FORMS: Partial<Record<NodeJS.Architecture, string>> = { arm64: 's8s8', x64: 'u8s8' };

/**
 * The .onnx file that MODEL means: a path, or the bare name of a model that ghostcam ships. A name that ends in `-int8`
 * means the form for this processor.
 */
export function modelPath(model: string, processor: NodeJS.Architecture = process.arch): string {
  if (extname(model) === '.onnx' || model.includes('/')) return model;
  const form = model.endsWith('-int8') ? `-${INT8_FORMS[processor] ?? 'u8s8'}` : '';
  return `${SHIPPED}${model}${form}.onnx`;
}

/** Reads both files of a model. Throws a MODEL error that names every mistake of the manifest, or a wrong checksum. */
export async function loadModel(model: string): Promise<LoadedModel> {
  const path = modelPath(model);
  const manifestPath = manifestPathOf(path);
  const manifest = parseManifest(await readText(manifestPath), manifestPath);
  const bytes = await readModelFile(path);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (sha256 !== manifest.sha256) {
    throw new GhostcamError('MODEL', `${path} is not the file that ${basename(manifestPath)} describes`, {
      remedy: `copy both files again; sha256 is ${sha256}, expected ${manifest.sha256}`,
    });
  }
  return { path, manifest, bytes };
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
  return [...new Set(names)].sort().join(', ');
}

/** `ghostcam import`: the manifest of a model from elsewhere. */
import { lstat, readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Detector } from '../detect/detector.js';
import { GhostcamError } from '../errors.js';
import { describeModel } from '../import/describe.js';
import { parseLabelFile } from '../import/labels.js';
import { type LoadedModel, manifestPathOf, readModelFile } from '../model/manifest.js';
import type { ModelManifest } from '../model/manifest-schema.js';
import { PHOTO } from '../package-info.js';
import { stillFile } from '../still/file.js';
import { readStill } from '../still/read.js';
import { printTable } from './detection-table.js';
import type { Environment } from './env-file.js';
import { refusePipe, writeWhole } from './output-file.js';
import { runtimeOptions } from './runtime-options.js';

export interface ImportFlags {
  /** Labels with commas between, or the path of a file of them. */
  labels?: string;
  name?: string;
  threshold?: number;
  out?: string;
  /** A photograph; true: the one of the package. */
  run?: string | true;
}

const MAX_LABEL_FILE_BYTES = 1 << 20;
/** What rounding makes of 1. */
const MAX_SCORE = 1.001;
/** So many labels are printed. */
const MAX_PRINTED = 12;

/** Writes the manifest and prints what it says. Rejects with MODEL where the daemon would not run the model. */
export async function importModel(path: string, flags: ImportFlags, environment: Environment): Promise<void> {
  const { labels: labelsText, name, threshold, run } = flags;
  const labels = labelsText === undefined ? undefined : await readLabels(labelsText);
  const bytes = await readModelFile(path, 'name an .onnx file');
  const manifest = describeModel(path, bytes, {
    ...(labels === undefined ? {} : { labels }),
    ...(name === undefined ? {} : { name }),
    ...(threshold === undefined ? {} : { threshold }),
  });
  const beside = manifestPathOf(path);
  printSummary(path, manifest);
  if (run !== undefined) {
    const model = { path, name: manifest.name, manifest, inputSize: manifest.input, bytes };
    await tryModel(model, run === true ? PHOTO : run, environment);
  }
  await writeManifest(flags.out ?? beside, manifest, flags.out !== undefined);
  console.log(`To watch with it: MODEL=${resolve(path)}`);
  if (flags.out !== undefined && resolve(flags.out) !== resolve(beside)) {
    console.log(`with ${flags.out} beside it as ${beside}`);
  }
}

/** A file that is there, else a list. */
async function readLabels(text: string): Promise<string[]> {
  const stats = await stat(text).catch(() => undefined);
  const isPath = stats !== undefined || (!text.includes(',') && /\/|\.(?:txt|names)$/i.test(text));
  if (!isPath) {
    return text.split(',').map((label) => label.trim());
  }
  try {
    if (stats === undefined) throw new Error('there is no such file');
    if (!stats.isFile()) throw new Error('it is no regular file');
    if (stats.size > MAX_LABEL_FILE_BYTES) throw new Error(`${stats.size} bytes are too many`);
    const content = new TextDecoder('utf-8', { fatal: true }).decode(await readFile(text));
    return parseLabelFile(content);
  } catch (cause) {
    throw new GhostcamError('MODEL', `cannot read the labels in ${text}: ${(cause as Error).message}`, {
      cause,
      remedy: 'give a file with a label on each line, or labels with commas between',
    });
  }
}

function printSummary(path: string, { head, input, labels, precision, thresholds }: ModelManifest): void {
  const printed = labels.slice(0, MAX_PRINTED).join(', ');
  const rest = labels.length > MAX_PRINTED ? ` and ${labels.length - MAX_PRINTED} more` : '';
  console.log(`${path}: ${precision}, head ${head.kind}, ${input.width} x ${input.height} pixels`);
  console.log(`  ${labels.length} labels: ${printed}${rest}`);
  console.log(`  objects are reported from a score of ${thresholds.score} on`);
}

/** Opens the model as the daemon does and infers a photograph. Rejects where that fails or the scores make no sense. */
async function tryModel(model: LoadedModel, photo: string, environment: Environment): Promise<void> {
  const picture = await readStill(stillFile(photo));
  const detector = await Detector.open({ ...runtimeOptions({}, environment), model });
  try {
    const { runtime, provider, medianMs } = detector.info;
    console.log(`  runs on ONNX Runtime ${runtime.version}, ${provider}, ${medianMs.toFixed(1)} ms`);
    const { detections } = await detector.detect(picture);
    const [best] = detections;
    if (best !== undefined && best.score > MAX_SCORE) {
      throw new GhostcamError('MODEL', `${model.path} cannot be used: its scores go up to ${best.score}`, {
        remedy: 'export it with the sigmoid at its end, so that scores are 0 to 1',
      });
    }
    printTable(photo, picture, detections);
  } finally {
    await detector.close();
  }
}

/** Rejects with MODEL when it cannot be written, or something else is there that may not be replaced. */
async function writeManifest(path: string, manifest: ModelManifest, replace: boolean): Promise<void> {
  const text = `${JSON.stringify(manifest, undefined, 2)}\n`;
  try {
    await refusePipe(path);
    if (!replace && (await lstat(path).catch(() => undefined)) !== undefined) {
      await refuseOther(path, text);
      return;
    }
    writeWhole(path, text);
    console.log(`Wrote ${path}`);
  } catch (cause) {
    if (cause instanceof GhostcamError) throw cause;
    throw new GhostcamError('MODEL', `cannot write the manifest: ${(cause as Error).message}`, {
      cause,
      remedy: 'name another file with --out',
    });
  }
}

/** Rejects with MODEL when what is there says anything but the text. */
async function refuseOther(path: string, text: string): Promise<void> {
  if ((await readFile(path, 'utf8').catch(() => '')) !== text) {
    throw new GhostcamError('MODEL', `${path} is there already, and says something else`, {
      remedy: `remove it, or replace it: --out ${path}`,
    });
  }
  console.log(`${path} says so already`);
}

/** `ghostcam detect`: boxes of still images, with the very code that the daemon runs. */
import { mkdir, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { unknownLabels } from '../config/labels.js';
import { configError } from '../config/load.js';
import type { Detection } from '../detect/detection.js';
import { Detector } from '../detect/detector.js';
import { classThresholds, type InferenceKind } from '../detect/thresholds.js';
import { GhostcamError } from '../errors.js';
import type { PixelFrame } from '../frame/frame.js';
import { PrivacyMask } from '../frame/privacy.js';
import { DetectionFilter } from '../geometry/filters.js';
import type { Found } from '../regions/inference.js';
import { printable } from '../secrets/printable.js';
import { redactText } from '../secrets/redact.js';
import type { Drawing } from '../snapshot/overlay.js';
import { drawStill } from '../still/draw.js';
import type { StillFile } from '../still/file.js';
import { findImages } from '../still/find.js';
import { readStill } from '../still/read.js';
import { type CloserLook, lookCloser } from './closer-look.js';
import { detectionSettings } from './detection-settings.js';
import { printTable } from './detection-table.js';
import type { Environment } from './env-file.js';
import { isSameFile, refusePipe, writeWhole } from './output-file.js';
import { configuredRuntime, type RuntimeFlags, runtimeOptions } from './runtime-options.js';

export interface DetectFlags extends RuntimeFlags {
  threshold?: number;
  /** As this camera of the env file: its thresholds, labels, filters, masks and private areas hold; its zones and masks are drawn. */
  camera?: string;
  envFile?: string;
  json?: true;
  /** Regions are inferred beside the whole. */
  regions?: true;
  /** A PNG file for one image, a folder for several. */
  out?: string;
}

interface Still {
  file: StillFile;
  pixels: PixelFrame;
}

/** Prints the detections of every image; throws at the end when some could not be read. */
export async function detect(
  paths: readonly string[],
  flags: DetectFlags,
  environment: Environment,
): Promise<void> {
  const { config, settings } = await detectionSettings(flags, environment);
  const options =
    config === undefined ? runtimeOptions(flags, environment) : configuredRuntime(flags, config);
  const detector = await Detector.open(options);
  try {
    const outputFor = await outputs(paths, flags.out);
    const { labels, thresholds: ownThresholds } = detector.info.model;
    const mistakes = config === undefined ? [] : unknownLabels(config, labels);
    if (mistakes.length > 0) throw configError(mistakes, config?.envFile);
    const threshold = flags.threshold ?? settings.threshold;
    const thresholdsOf = (kind: InferenceKind) =>
      classThresholds(labels, ownThresholds, { ...settings, threshold }, kind);
    const thresholds = { whole: thresholdsOf('whole'), region: thresholdsOf('region') };
    const { filters, masks, privacy, zones } = settings;
    const filter = new DetectionFilter(filters, masks);
    const privateAreas = new PrivacyMask();
    privateAreas.cover(privacy);
    let count = 0;
    let failed = 0;
    for await (const still of decodedAhead(findImages(paths))) {
      count++;
      if (still instanceof GhostcamError) {
        console.error(redactText(`ghostcam: ${still.message}`));
        failed++;
        continue;
      }
      const { file, pixels } = still;
      privateAreas.blacken(pixels, pixels);
      const keeps = (detection: Detection) => filter.keeps(detection, pixels);
      const look = flags.regions && (await lookCloser(detector, pixels, thresholds));
      const found = look
        ? inOrder(look.found)
        : (await detector.detect(pixels, { thresholds: thresholds.whole })).detections;
      const detections = found.filter(keeps);
      const closer = look && {
        whole: look.whole.filter(keeps),
        regions: look.regions.map(({ box, detections }) => ({ box, detections: detections.filter(keeps) })),
      };
      if (flags.json) printJson(file.name, pixels, detections, closer);
      else printTable(printable(file.name), pixels, detections, closer);
      if (outputFor === undefined) continue;
      const regions = closer?.regions.map(({ box }) => box) ?? [];
      await draw(still, { detections, zones, masks, regions }, outputFor(file.name));
    }
    if (count === 0) throw new GhostcamError('IMAGE', `no JPEG, PNG or WebP image in ${paths.join(', ')}`);
    if (failed > 0) throw new GhostcamError('IMAGE', `${failed} of the images could not be read`);
  } finally {
    await detector.close();
  }
}

/** The best first; those that only a region found are marked. */
function inOrder(found: readonly Found[]): (Detection & { note?: string })[] {
  return found
    .map(({ detection, inRegionAlone }) =>
      inRegionAlone ? { ...detection, note: 'in a region' } : detection,
    )
    .toSorted((a, b) => b.score - a.score);
}

/** Decodes one image while the one before is inferred; a broken one is yielded as its error. */
async function* decodedAhead(
  files: AsyncGenerator<StillFile | GhostcamError>,
): AsyncGenerator<Still | GhostcamError> {
  const decode = async (file: StillFile | GhostcamError) => {
    if (file instanceof GhostcamError) return file;
    try {
      return { file, pixels: await readStill(file) };
    } catch (error) {
      if (error instanceof GhostcamError) return error;
      throw error;
    }
  };
  let ahead: Promise<Still | GhostcamError> | undefined;
  for await (const file of files) {
    const next = decode(file);
    if (ahead !== undefined) yield await ahead;
    ahead = next;
  }
  if (ahead !== undefined) yield await ahead;
}

/** Where each image's drawing goes; undefined when none is wanted. */
async function outputs(
  paths: readonly string[],
  out: string | undefined,
): Promise<((image: string) => string) | undefined> {
  if (out === undefined) return undefined;
  const [only] = paths;
  const isFolder = only !== undefined && (await stat(only).catch(() => undefined))?.isDirectory();
  if (paths.length === 1 && !isFolder) {
    if (extname(out).toLowerCase() === '.png') return () => out;
    throw new GhostcamError('IMAGE', `--out names no PNG file: ${JSON.stringify(out)}`, {
      remedy: 'name a file that ends with .png',
    });
  }
  if (extname(out).toLowerCase() === '.png') {
    throw new GhostcamError('IMAGE', '--out names a PNG file, but there are several images', {
      remedy: 'name a folder instead',
    });
  }
  try {
    await mkdir(out, { recursive: true });
  } catch (cause) {
    throw new GhostcamError('IMAGE', `cannot make the folder for --out: ${(cause as Error).message}`, {
      cause,
    });
  }
  const taken = new Set<string>();
  return (image) => {
    const name = basename(image, extname(image));
    let target = join(out, `${name}.png`);
    // Pictures of different folders may have one name.
    for (let number = 2; taken.has(target); number++) target = join(out, `${name}-${number}.png`);
    taken.add(target);
    return target;
  };
}

async function draw({ file, pixels }: Still, drawing: Drawing, output: string): Promise<void> {
  try {
    await refusePipe(output);
    if (await isSameFile(file.path, output)) throw new Error(`${output} is the image itself`);
    writeWhole(output, await drawStill(pixels, drawing));
  } catch (cause) {
    const reason = (cause as Error).message.trim().split('\n').slice(0, 2).join(', ');
    throw new GhostcamError('IMAGE', `cannot write the picture for --out: ${reason}`, { cause });
  }
}

function printJson(
  image: string,
  { width, height }: PixelFrame,
  detections: readonly Detection[],
  closer?: Pick<CloserLook, 'whole' | 'regions'>,
): void {
  const shown = (found: readonly Detection[]) =>
    found.map(({ label, score, box }) => ({ label, score, box }));
  const line = {
    image,
    width,
    height,
    detections: shown(detections),
    ...(closer && {
      whole: shown(closer.whole),
      regions: closer.regions.map((region) => ({ box: region.box, detections: shown(region.detections) })),
    }),
  };
  console.log(JSON.stringify(line));
}

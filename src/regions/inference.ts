/** What the inferences of one frame say together: cut off objects are left out, and what two of them found is there once. */
import type { Detection } from '../detect/detection.js';
import type { InputShape } from '../frame/input-shape.js';
import { inSource, type Region, wholeOf } from '../frame/region.js';
import { area, type Box, intersection, iou, type Size } from '../geometry/box.js';

/** One inference of a frame. */
export interface Inference {
  /** Weak detections included. */
  detections: readonly Detection[];
  /** Per class: what is not above is not reported. */
  thresholds: Float32Array;
  /** In pixels of the camera's picture; absent: the whole. */
  region?: Box;
  /** How many pixels of the model's input a pixel of the camera's picture is. */
  scale: number;
}

export interface Found {
  detection: Detection;
  /** Of its inference. */
  threshold: number;
  /** Whether it was found in a region and not, or not well enough to be reported, in the whole picture. */
  inRegionAlone: boolean;
}

/** How close to an inner border a box may be, in shares of the region's side, before it is taken to be cut off. */
const BORDER = 0.012;
/** Two boxes of a class that overlap by so much, or of which so much of the smaller one is in the other, are of one object. */
const SAME = 0.55;
const INSIDE = 0.75;

/** @param region Undefined: the whole picture. */
export function inferenceOf(
  frame: Size & { sourceWidth: number; sourceHeight: number },
  shape: InputShape,
  region: Region | undefined,
  detections: readonly Detection[],
  thresholds: Float32Array,
): Inference {
  const box = inSource(region ?? wholeOf(frame), frame);
  const scale = Math.min(shape.width / (box[2] - box[0]), shape.height / (box[3] - box[1]));
  return { detections, thresholds, scale, ...(region && { region: box }) };
}

/** @param picture The size of the camera's picture. */
export function combine(inferences: readonly Inference[], picture: Size): { found: Found[]; cut: Box[] } {
  const cut: Box[] = [];
  let found: Found[] = [];
  for (const { detections, thresholds, region } of inferences) {
    const before = found;
    found = [...before];
    for (const detection of detections) {
      const threshold = thresholds[detection.classId] as number;
      if (region !== undefined && isCut(detection.box, region, picture)) {
        if (detection.score > threshold) cut.push(detection.box);
        continue;
      }
      found.push({ detection, threshold, inRegionAlone: region !== undefined });
    }
    if (before.length > 0) found = merged(before, found.slice(before.length));
  }
  return { found, cut };
}

/** Whether a box touches a side of the region beyond which the picture goes on. */
export function isCut(box: Box, region: Box, { width, height }: Size): boolean {
  const x = BORDER * (region[2] - region[0]);
  const y = BORDER * (region[3] - region[1]);
  return (
    (region[0] > 0 && box[0] < region[0] + x) ||
    (region[1] > 0 && box[1] < region[1] + y) ||
    (region[2] < width && box[2] > region[2] - x) ||
    (region[3] < height && box[3] > region[3] - y)
  );
}

/** Of two that are the same object, one of each list, the one that is further above its threshold. */
function merged(some: readonly Found[], others: readonly Found[]): Found[] {
  const margin = ({ detection, threshold }: Found) => detection.score - threshold;
  const kept: Found[] = [];
  for (const candidate of [...some, ...others].sort((a, b) => margin(b) - margin(a))) {
    const list = some.includes(candidate) ? some : others;
    const same = kept.findIndex((other) => !list.includes(other) && isSame(other, candidate));
    if (same < 0) kept.push(candidate);
    else (kept[same] as Found).inRegionAlone &&= candidate.inRegionAlone || margin(candidate) <= 0;
  }
  return kept;
}

function isSame({ detection: one }: Found, { detection: other }: Found): boolean {
  if (one.classId !== other.classId) return false;
  const smaller = Math.min(area(one.box), area(other.box));
  return iou(one.box, other.box) > SAME || intersection(one.box, other.box) > INSIDE * smaller;
}

/** What a camera's planner would add to the inference of a whole still: regions around what that shows small or faintly. */
import type { Detection } from '../detect/detection.js';
import type { Detector } from '../detect/detector.js';
import type { InferenceKind } from '../detect/thresholds.js';
import type { PixelFrame } from '../frame/frame.js';
import type { Region } from '../frame/region.js';
import { type Box, iou, isCentredIn } from '../geometry/box.js';
import { combine, type Found, type Inference, inferenceOf } from '../regions/inference.js';
import { RegionPlanner, type View } from '../regions/planner.js';
import { weakThresholds } from '../track/scene.js';

/** As often as a camera is inferred without any setting, in ms. */
const INTERVAL_MS = 200;
/** More than a camera has between two whole pictures; a crowd has no end. */
const MAX_REGIONS = 8;
/** Boxes that overlap by so much were cut off of the same object. */
const SAME = 0.3;

/** Boxes in pixels of the still. */
export interface CloserLook {
  /** What the inference of the whole reports. */
  whole: Detection[];
  /** In the order of their inference, with what each reports; what a border cut off is left out. */
  regions: { box: Box; detections: Detection[] }[];
  /** What they report together, each object once; `inRegionAlone`: the inference of the whole does not report it. */
  found: Found[];
}

/** Infers the whole, then regions until all that the whole found, however faintly, was in one. @param thresholds Per class. */
export async function lookCloser(
  detector: Detector,
  still: PixelFrame,
  thresholds: Record<InferenceKind, Float32Array>,
): Promise<CloserLook> {
  const size = { width: still.width, height: still.height };
  const shape = detector.shapeFor(size);
  const infer = async (region: Region | undefined): Promise<Inference> => {
    const own = thresholds[region === undefined ? 'whole' : 'region'];
    const options = { thresholds: weakThresholds(own), shape, ...(region && { region }) };
    const { detections } = await detector.detect(still, options);
    const frame = { ...size, sourceWidth: size.width, sourceHeight: size.height };
    return inferenceOf(frame, shape, region, detections, own);
  };
  const planner = new RegionPlanner();
  const whole = await infer(undefined);
  const regions: Inference[] = [];
  const asked: Box[] = [];
  // Nothing moves in a still: what was found stands for what a camera would follow.
  let places = whole.detections.map(({ box }) => ({ box, uncertainty: 1, missed: false }));
  while (regions.length < MAX_REGIONS) {
    const at = INTERVAL_MS * (regions.length + 1);
    const view: View = { at, frame: size, shape, motion: [], objects: places };
    const region = planner.beside(view)?.region;
    if (region === undefined) break;
    planner.inferred(region, view);
    const inference = await infer(region);
    regions.push(inference);
    // Who is cut off in two regions stands where none has room for him.
    const cut = combine([inference], size).cut.filter(
      (box) => !asked.some((other) => iou(box, other) > SAME),
    );
    asked.push(...cut);
    planner.ask(cut);
    const box = inference.region as Box;
    places = places.filter((place) => !isCentredIn(place.box, box));
  }
  const reports = (...inferences: Inference[]) =>
    combine(inferences, size).found.filter(({ detection, threshold }) => detection.score > threshold);
  const detectionsOf = (inference: Inference) => reports(inference).map(({ detection }) => detection);
  const reported = detectionsOf(whole);
  return {
    whole: reported,
    regions: regions.map((inference) => ({
      box: inference.region as Box,
      detections: detectionsOf(inference),
    })),
    found: reports({ ...whole, detections: reported }, ...regions),
  };
}

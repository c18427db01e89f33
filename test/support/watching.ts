/** What becomes of a camera's frames in the daemon, without a daemon: gate, detector, tracker and events. */

import { defaultCameraConfig } from '../../src/config/types.js';
import type { Detection } from '../../src/detect/detection.js';
import type { Detector } from '../../src/detect/detector.js';
import { classThresholds } from '../../src/detect/thresholds.js';
import type { CapturedFrame } from '../../src/frame/frame.js';
import type { Region } from '../../src/frame/region.js';
import { MotionGate } from '../../src/motion/gate.js';
import { type Inference, inferenceOf } from '../../src/regions/inference.js';
import { RegionPlanner } from '../../src/regions/planner.js';
import { toFrame, viewOf } from '../../src/regions/view.js';
import { appearanceIn } from '../../src/track/appearance.js';
import { TrackIds } from '../../src/track/ids.js';
import { type Observation, Scene, weakThresholds } from '../../src/track/scene.js';
import type { EventChange } from '../../src/track/types.js';

/** As without any setting. */
const CAMERA = defaultCameraConfig({ name: 'front', url: 'test:' });

export interface Watched {
  frames: number;
  /** Of every inferred frame: when it was captured, in ms, and what is reported of it. */
  inferred: Map<number, Detection[]>;
  /** Of all inferences, and of them those of a region. */
  inferences: number;
  ofRegions: number;
  changes: EventChange[];
}

export interface WatchOptions {
  gating: boolean;
  /** Default: the whole picture is inferred always. */
  regions?: boolean;
  /** A second inference of a frame where the planner has one, as while the inference thread has nothing else to do. */
  idle?: boolean;
  thresholds?: { whole: Float32Array; region: Float32Array };
  /** What is known after each inferred frame. */
  onObservation?: (frame: CapturedFrame, observation: Observation) => void;
}

export async function watch(
  frames: AsyncIterable<CapturedFrame>,
  detector: Detector,
  { gating, regions = false, idle = false, thresholds, onObservation }: WatchOptions,
): Promise<Watched> {
  const { labels, thresholds: ofModel } = detector.info.model;
  const { whole, region: ofRegion } = thresholds ?? {
    whole: classThresholds(labels, ofModel, CAMERA),
    region: classThresholds(labels, ofModel, CAMERA, 'region'),
  };
  const scene = new Scene(CAMERA, new TrackIds(0));
  const gate = gating || regions ? new MotionGate(CAMERA, []) : undefined;
  const planner = regions ? new RegionPlanner() : undefined;
  const result: Watched = { frames: 0, inferred: new Map(), inferences: 0, ofRegions: 0, changes: [] };
  const infer = async (frame: CapturedFrame, region: Region | undefined): Promise<Inference> => {
    const { sourceWidth, sourceHeight } = frame;
    const reported = region === undefined ? whole : ofRegion;
    result.inferences += 1;
    if (region !== undefined) result.ofRegions += 1;
    const shape = detector.shapeFor({ width: sourceWidth, height: sourceHeight });
    const options = { thresholds: weakThresholds(reported), sourceWidth, sourceHeight, shape };
    const { detections } = await detector.detect(frame, { ...options, ...(region && { region }) });
    return inferenceOf(frame, shape, region, detections, reported);
  };
  for await (const frame of frames) {
    result.frames += 1;
    const admitted = gate === undefined || gate.admits(frame, scene);
    if (!admitted && gating) continue;
    const shape = detector.shapeFor({ width: frame.sourceWidth, height: frame.sourceHeight });
    const view = viewOf(frame, shape, gate?.places ?? [], scene);
    const region = planner?.plan(view);
    const inferences = [await infer(frame, region)];
    planner?.inferred(region, view);
    const second = idle ? planner?.beside(view, region) : undefined;
    if (second !== undefined) {
      inferences.push(await infer(frame, second.region));
      planner?.inferred(second.region, view);
    }
    const observation = scene.observe(inferences, frame, (box) => appearanceIn(frame, box));
    planner?.ask(toFrame(observation.cut, frame));
    onObservation?.(frame, observation);
    result.inferred.set(frame.capturedAt, observation.detections);
    result.changes.push(...observation.changes);
  }
  result.changes.push(...scene.finish({ wall: 0, monotonic: 0 }));
  return result;
}

/** What becomes of a camera's frames in the daemon, without a daemon: gate, detector, tracker and events. */

import { CAMERA_VARIABLES } from '../../src/config/table.js';
import type { Detection } from '../../src/detect/detection.js';
import type { Detector } from '../../src/detect/detector.js';
import { classThresholds } from '../../src/detect/thresholds.js';
import type { CapturedFrame } from '../../src/frame/frame.js';
import { MotionGate } from '../../src/motion/gate.js';
import { TrackIds } from '../../src/track/ids.js';
import { Scene, weakThresholds } from '../../src/track/scene.js';
import type { EventChange } from '../../src/track/types.js';

/** As without any setting. */
const MOTION = {
  area: CAMERA_VARIABLES.MOTION_AREA.fallback as number,
  offDelay: CAMERA_VARIABLES.MOTION_OFF_DELAY.fallback as number,
  lookInterval: CAMERA_VARIABLES.LOOK_INTERVAL.fallback as number,
};

export interface Watched {
  frames: number;
  /** Of every inferred frame: when it was captured, in ms, and what is reported of it. */
  inferred: Map<number, Detection[]>;
  changes: EventChange[];
}

export async function watch(
  frames: AsyncIterable<CapturedFrame>,
  detector: Detector,
  { gating }: { gating: boolean },
): Promise<Watched> {
  const { labels, thresholds: ofModel } = detector.info.model;
  const thresholds = classThresholds(labels, ofModel, {
    threshold: undefined,
    labels: undefined,
    filters: [],
  });
  const scene = new Scene({ name: 'front', filters: [], zones: [], masks: [] }, new TrackIds(0));
  const gate = gating ? new MotionGate(MOTION, []) : undefined;
  const result: Watched = { frames: 0, inferred: new Map(), changes: [] };
  for await (const frame of frames) {
    result.frames += 1;
    if (gate !== undefined && !gate.admits(frame, scene)) continue;
    const { sourceWidth, sourceHeight } = frame;
    const weak = weakThresholds(thresholds);
    const found = await detector.detect(frame, { thresholds: weak, sourceWidth, sourceHeight });
    const { detections, changes } = scene.observe(found.detections, thresholds, frame);
    result.inferred.set(frame.capturedAt, detections);
    result.changes.push(...changes);
  }
  result.changes.push(...scene.finish({ wall: 0, monotonic: 0 }));
  return result;
}

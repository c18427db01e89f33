/** What becomes of a camera's frames in the daemon, without a daemon: gate, detector, tracker and events. */

import { defaultCameraConfig } from '../../src/config/types.js';
import type { Detection } from '../../src/detect/detection.js';
import type { Detector } from '../../src/detect/detector.js';
import { classThresholds } from '../../src/detect/thresholds.js';
import type { CapturedFrame } from '../../src/frame/frame.js';
import { MotionGate } from '../../src/motion/gate.js';
import { TrackIds } from '../../src/track/ids.js';
import { Scene, weakThresholds } from '../../src/track/scene.js';
import type { EventChange } from '../../src/track/types.js';

/** As without any setting. */
const CAMERA = defaultCameraConfig({ name: 'front', url: 'test:' });

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
  const thresholds = classThresholds(labels, ofModel, CAMERA);
  const scene = new Scene(CAMERA, new TrackIds(0));
  const gate = gating ? new MotionGate(CAMERA, []) : undefined;
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

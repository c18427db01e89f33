/** Detections and tracks as tests need them. */

import type { Detection } from '../../src/detect/detection.js';
import type { Inference } from '../../src/regions/inference.js';
import { type Appearance, appearanceIn } from '../../src/track/appearance.js';
import { TrackIds } from '../../src/track/ids.js';
import { Tracker, type TrackerUpdate } from '../../src/track/tracker.js';

const LABELS = ['person', 'bicycle', 'car'] as const;

/** 40 x 80 pixels, standing at x, y: the middle of the lower edge. */
export function personAt(x: number, y = 200, score = 0.8): Detection {
  return detection('person', [x - 20, y - 80, x + 20, y], score);
}

/** 120 x 60 pixels. */
export function carAt(x: number, y = 300, score = 0.8): Detection {
  return detection('car', [x - 60, y - 60, x + 60, y], score);
}

export function detection(label: (typeof LABELS)[number], box: Detection['box'], score = 0.8): Detection {
  return { label, classId: LABELS.indexOf(label), score, box };
}

/** An inference of the whole picture that found these. */
export function wholeInference(detections: readonly Detection[], thresholds: Float32Array): Inference {
  return { detections, thresholds, scale: 1 };
}

/** Reported from this score on by {@link follow}. */
export const THRESHOLD = 0.3;

/** A tracker of its own, and frames for it. */
export function follow(): { tracker: Tracker; frame: (at: number, ...found: Detection[]) => TrackerUpdate } {
  const tracker = new Tracker(new TrackIds(0));
  return {
    tracker,
    frame: (at, ...found) => tracker.update(found, () => THRESHOLD, at),
  };
}

/** What somebody dressed in one colour from head to foot looks like. */
export function dressedIn(y: number, u: number, v: number): Appearance {
  const [width, height] = [8, 16];
  const quarter = (width * height) / 4;
  const data = Uint8Array.from([
    ...new Array(4 * quarter).fill(y),
    ...new Array(quarter).fill(u),
    ...new Array(quarter).fill(v),
  ]);
  const size = { width, height, sourceWidth: width, sourceHeight: height };
  const frame = {
    ...size,
    data,
    format: 'yuv420p',
    sequence: 1,
    capturedAt: 0,
    capturedAtMonotonic: 0,
  } as const;
  return appearanceIn(frame, [0, 0, width, height]) as Appearance;
}

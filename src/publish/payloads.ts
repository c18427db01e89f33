/** What the messages say: their types, and how they are made from the daemon's own values. Times are ISO 8601 UTC. */
import type { CameraState, CameraStatus, CapturedFrame, Detection, StageTimings } from '../types.js';

/** `<camera>/detections`: one inferred frame. */
export interface DetectionsPayload {
  /** Number of the frame since the camera was started; gaps are frames that were not inferred. */
  sequence: number;
  capturedAt: string;
  /** Size of the camera's picture in pixels: what `box` is measured in. */
  width: number;
  height: number;
  /**
   * Milliseconds from capturedAt until inference of the frame began, until its boxes were ready, and until this message
   * was handed to the connection.
   */
  ages: { queueMs: number; inferenceMs: number; publishMs: number };
  detections: DetectionPayload[];
}

export interface DetectionPayload {
  label: string;
  score: number;
  /** x1, y1, x2, y2 in pixels of the camera's picture. */
  box: [number, number, number, number];
  /** The same box in 0..1 of width and height. */
  boxNormalized: [number, number, number, number];
}

/** `<camera>/state`, retained. */
export interface CameraStatePayload {
  state: CameraStatus;
  reason?: string;
  since: string;
}

/** `info`, retained: what this node is and what runs its model. */
export interface InfoPayload {
  version: string;
  startedAt: string;
  runtime: { library: string; version: string; provider: string; threads: number };
  model: {
    name: string;
    sha256: string;
    precision: string;
    input: { width: number; height: number };
    labels: readonly string[];
    /** Median milliseconds of one inference, measured at start-up. */
    inferenceMs: number;
  };
  cameras: string[];
}

const round = (value: number, digits: number) => Number(value.toFixed(digits));

export function detectionsPayload(
  frame: CapturedFrame,
  detections: readonly Detection[],
  timings: StageTimings,
  /** When the frame was taken from its camera's slot, and now: milliseconds since the Unix epoch. */
  takenAt: number,
  now: number,
): DetectionsPayload {
  const { sourceWidth: width, sourceHeight: height, capturedAt } = frame;
  const queueMs = takenAt - capturedAt + timings.queueMs;
  const inferenceMs = queueMs + timings.preMs + timings.inferMs + timings.postMs;
  return {
    sequence: frame.sequence,
    capturedAt: new Date(capturedAt).toISOString(),
    width,
    height,
    ages: {
      queueMs: round(queueMs, 1),
      inferenceMs: round(inferenceMs, 1),
      publishMs: round(now - capturedAt, 1),
    },
    detections: detections.map(({ label, score, box: [x1, y1, x2, y2] }) => ({
      label,
      score: round(score, 4),
      box: [round(x1, 2), round(y1, 2), round(x2, 2), round(y2, 2)],
      boxNormalized: [
        round(x1 / width, 5),
        round(y1 / height, 5),
        round(x2 / width, 5),
        round(y2 / height, 5),
      ],
    })),
  };
}

export function cameraStatePayload({ status, reason, since }: CameraState): CameraStatePayload {
  return { state: status, ...(reason === undefined ? {} : { reason }), since: new Date(since).toISOString() };
}

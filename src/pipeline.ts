/** What happens to one frame between its camera's slot and the broker. */
import type { Camera } from './capture/camera.js';
import type { Detector } from './detect/detector.js';
import { CameraMeter } from './observe/camera-meter.js';
import type { Log } from './observe/log.js';
import type { Broker } from './publish/broker.js';
import { detectionsPayload } from './publish/payloads.js';
import type { Topics } from './publish/topics.js';
import type { CapturedFrame, Detection } from './types.js';

/** One camera with all that belongs to it. */
export class Watch {
  readonly name: string;
  readonly camera: Camera;
  /** One score threshold per class. */
  thresholds: Float32Array;
  readonly meter = new CameraMeter();

  constructor(camera: Camera, thresholds: Float32Array) {
    this.name = camera.config.name;
    this.camera = camera;
    this.thresholds = thresholds;
  }

  take(): CapturedFrame | undefined {
    return this.camera.take();
  }
}

/** Told of every inferred frame, after its message was published. */
export type DetectionsListener = (
  camera: string,
  frame: CapturedFrame,
  detections: readonly Detection[],
) => void;

export interface PipelineParts {
  detector: Detector;
  broker: Broker;
  topics: Topics;
  /** Milliseconds; older frames are dropped. */
  maxFrameAge: number;
  log: Log;
  onDetections?: DetectionsListener | undefined;
}

export class Pipeline {
  readonly #parts: PipelineParts;

  constructor(parts: PipelineParts) {
    this.#parts = parts;
  }

  /** Never rejects: a frame that fails is counted and logged. */
  async infer({ name, meter, thresholds }: Watch, frame: CapturedFrame): Promise<void> {
    const { detector, broker, topics, maxFrameAge, log, onDetections } = this.#parts;
    const takenAt = Date.now();
    if (takenAt - frame.capturedAt > maxFrameAge) {
      meter.stale();
      return;
    }
    try {
      const { sourceWidth, sourceHeight } = frame;
      const { detections, timings } = await detector.detect(frame, { thresholds, sourceWidth, sourceHeight });
      const now = Date.now();
      const payload = detectionsPayload(frame, detections, timings, takenAt, now);
      broker.send(topics.detections(name), JSON.stringify(payload));
      meter.inferred({ ...timings, ageMs: now - frame.capturedAt });
      onDetections?.(name, frame, detections);
    } catch (error) {
      meter.failed();
      log.error(`a frame could not be inferred: ${(error as Error).message}`, { camera: name });
    }
  }
}

/** What happens to one frame between its camera's slot and the broker. */
import type { Camera } from '../capture/camera.js';
import type { Detection } from '../detect/detection.js';
import type { Detector } from '../detect/detector.js';
import { isReportable } from '../detect/thresholds.js';
import type { CapturedFrame } from '../frame/frame.js';
import { MotionGate } from '../motion/gate.js';
import type { Broker } from '../mqtt/broker.js';
import { type CountPayload, detectionsPayload, eventPayload } from '../mqtt/payloads.js';
import type { Topics } from '../mqtt/topics.js';
import { CameraMeter } from '../observe/camera-meter.js';
import type { Log } from '../observe/log.js';
import type { TrackIds } from '../track/ids.js';
import { Scene, weakThresholds } from '../track/scene.js';
import type { EventChange } from '../track/types.js';

/** One camera with all that belongs to it. */
export class Watch {
  readonly name: string;
  readonly camera: Camera;
  /** One score threshold per class. */
  thresholds: Float32Array;
  readonly meter = new CameraMeter();
  readonly scene: Scene;
  /** Undefined: every frame is inferred. */
  readonly gate: MotionGate | undefined;

  /**
   * @param ids Shared by all cameras of the node.
   * @param onMotion Told when motion begins and when it is over.
   */
  constructor(
    camera: Camera,
    thresholds: Float32Array,
    ids: TrackIds,
    onMotion: (on: boolean) => void = () => {},
  ) {
    const { motion, masks } = camera.config;
    this.name = camera.config.name;
    this.camera = camera;
    this.thresholds = thresholds;
    this.scene = new Scene(camera.config, ids);
    this.gate = motion ? new MotionGate(camera.config, masks, onMotion) : undefined;
  }

  /** The newest unread frame, if there is one that is worth inference. */
  take(): CapturedFrame | undefined {
    const frame = this.camera.take();
    if (frame === undefined || this.gate === undefined || this.gate.admits(frame, this.scene)) return frame;
    this.meter.still();
    return undefined;
  }
}

/** Told of every inferred frame, after its message was published. */
export type DetectionsListener = (
  camera: string,
  frame: CapturedFrame,
  detections: readonly Detection[],
) => void;

/**
 * Told of every change of an event, after its message was given to the broker. `frame` made the change, and its pixels may
 * be read during the call only; undefined: time made it, as an object's end.
 */
export type EventListener = (change: EventChange, frame: CapturedFrame | undefined) => void;

export interface PipelineParts {
  detector: Detector;
  broker: Broker;
  topics: Topics;
  /** Milliseconds; older frames are dropped. */
  maxFrameAge: number;
  log: Log;
  onDetections?: DetectionsListener | undefined;
  onEvent?: EventListener | undefined;
}

export class Pipeline {
  readonly #parts: PipelineParts;

  constructor(parts: PipelineParts) {
    this.#parts = parts;
  }

  /**
   * Never rejects: a frame that fails is counted and logged.
   * @param inferred Called when the inference thread can have the next frame.
   */
  async infer(watch: Watch, frame: CapturedFrame, inferred: () => void): Promise<void> {
    const { name, meter, thresholds, scene } = watch;
    const { detector, broker, topics, maxFrameAge, log, onDetections } = this.#parts;
    const takenAt = Date.now();
    if (takenAt - frame.capturedAt > maxFrameAge) {
      meter.stale();
      return;
    }
    try {
      const { sourceWidth, sourceHeight } = frame;
      const weak = weakThresholds(thresholds);
      const result = await detector.detect(frame, { thresholds: weak, sourceWidth, sourceHeight });
      // Only now, so that the thread works while this frame's result is told. What follows is done in one go: the frame's
      // buffer may be read into again as soon as the event loop turns.
      inferred();
      const { timings } = result;
      const { detections, changes } = scene.observe(result.detections, thresholds, frame);
      const now = Date.now();
      const payload = detectionsPayload(frame, detections, timings, takenAt, now);
      broker.send(topics.detections(name), JSON.stringify(payload));
      meter.inferred({ ...timings, ageMs: now - frame.capturedAt });
      onDetections?.(name, frame, detections);
      this.#tell(watch, changes, frame);
    } catch (error) {
      meter.failed();
      log.error(`a frame could not be inferred: ${(error as Error).message}`, { camera: name });
    }
  }

  /** Ends the events of objects that have been out of sight for too long, for when no frames come. */
  expire(watch: Watch): void {
    this.#tell(watch, watch.scene.expire(Date.now()));
  }

  /** Ends all events of a camera that is no longer watched. */
  finish(watch: Watch): void {
    this.#tell(watch, watch.scene.finish());
  }

  /** Tells how many objects of each label that may be reported there are. */
  tellCounts({ name, thresholds, scene }: Watch): void {
    const { detector, broker, topics } = this.#parts;
    const { counts } = scene;
    for (const [classId, label] of detector.info.model.labels.entries()) {
      if (!isReportable(thresholds, classId)) continue;
      const payload: CountPayload = String(counts.get(label) ?? 0);
      broker.retain(topics.count(name, label), payload, 0);
    }
  }

  #tell(watch: Watch, changes: readonly EventChange[], frame?: CapturedFrame): void {
    if (changes.length === 0) return;
    const { broker, topics, log, onEvent } = this.#parts;
    const { name, camera } = watch;
    for (const change of changes) {
      const { type, reason, event } = change;
      log.debug(`event ${type} ${event.id} ${event.label}`, { camera: name, ...(reason && { reason }) });
      const snapshot = camera.config.snapshot ? topics.snapshot(name, event.label) : undefined;
      broker.event(topics.events(name), eventPayload(change, snapshot));
      onEvent?.(change, frame);
    }
    this.tellCounts(watch);
  }
}

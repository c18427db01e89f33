/** What is published of one camera: its state, motion, numbers, detections, events and their pictures. */
import type { CameraState } from '../capture/state.js';
import type { Clock } from '../clock.js';
import type { CameraConfig } from '../config/types.js';
import type { CapturedFrame } from '../frame/frame.js';
import type { Box } from '../geometry/box.js';
import type { MovingCells } from '../motion/meter.js';
import type { Broker } from '../mqtt/broker.js';
import { STATE_EXPIRY_S } from '../mqtt/limits.js';
import {
  boxPayload,
  cameraStatePayload,
  detectionPayload,
  detectionsPayload,
  eventPayload,
  type MotionPayload,
} from '../mqtt/payloads.js';
import type { Topics } from '../mqtt/topics.js';
import type { Log } from '../observe/log.js';
import type { StageTimings } from '../observe/stage-timings.js';
import type { Snapshots } from '../snapshot/snapshots.js';
import type { Observation } from '../track/scene.js';
import type { EventChange, ObjectEvent, PresentObject } from '../track/types.js';
import type { CameraListener } from '../web/camera-listener.js';
import type { Inferred } from './frame-inference.js';
import { ObjectCounts } from './object-counts.js';

export interface CameraMessagesParts {
  /** The camera's name. */
  camera: string;
  broker: Pick<Broker, 'send' | 'event' | 'retain' | 'clear'>;
  topics: Topics;
  /** Undefined: no pictures of events are published. */
  snapshots?: Snapshots;
  /** Gets every frame, and every event. */
  listener?: CameraListener | undefined;
  clock: Clock;
  log: Log;
}

/** What came of a frame that was inferred. */
export interface Outcome {
  frame: CapturedFrame;
  inferred: Inferred;
  observation: Observation;
  /** When it was taken for inference, in milliseconds of the monotonic clock. */
  takenAt: number;
  /** Where it had changed; undefined: nobody asks for that. */
  moved: { motion: MovingCells } | undefined;
}

export class CameraMessages {
  readonly #parts: CameraMessagesParts;
  readonly #counts: ObjectCounts;
  readonly #detectionsTopic: string;

  constructor(parts: CameraMessagesParts) {
    this.#parts = parts;
    this.#detectionsTopic = parts.topics.detections(parts.camera);
    this.#counts = new ObjectCounts(parts);
  }

  state(state: CameraState): void {
    const { camera, broker, topics } = this.#parts;
    const payload = JSON.stringify(cameraStatePayload(state));
    broker.retain(topics.cameraState(camera), payload, 1, { messageExpiryInterval: STATE_EXPIRY_S });
  }

  /** @param on Undefined: motion is not measured. */
  motion(on: boolean | undefined): void {
    const { camera, broker, topics } = this.#parts;
    const payload: MotionPayload = on ? 'ON' : 'OFF';
    if (on === undefined) broker.clear(topics.motion(camera));
    else broker.retain(topics.motion(camera), payload, 0);
  }

  /** @param labels Those that may be reported. */
  counts(
    present: readonly PresentObject[],
    labels: readonly string[],
    { zones }: Pick<CameraConfig, 'zones'>,
  ): void {
    this.#counts.publish(present, labels, zones);
  }

  clearSnapshots(labels: readonly string[]): void {
    const { camera, broker, topics } = this.#parts;
    for (const label of labels) broker.clear(topics.snapshot(camera, label));
  }

  /**
   * What a frame shows, to the broker and to who looks at the page.
   * @returns How long each stage of it took, in milliseconds.
   */
  detections({ frame, inferred, observation, takenAt, moved }: Outcome): StageTimings & { ageMs: number } {
    const { camera, broker, clock, listener } = this.#parts;
    const { inferences, timings } = inferred;
    const { detections, weak, elsewhere } = observation;
    const now = clock.monotonic();
    const region = inferences.length === 1 ? inferences[0]?.region : undefined;
    const payload = detectionsPayload(frame, detections, timings, region, takenAt, now);
    broker.send(this.#detectionsTopic, JSON.stringify(payload));
    const spent = { ...timings, ageMs: now - frame.capturedAtMonotonic };
    if (listener !== undefined) {
      const picture = { width: frame.sourceWidth, height: frame.sourceHeight };
      const expected = [...weak, ...elsewhere].map((object) => ({
        ...detectionPayload(object, picture),
        expected: true as const,
      }));
      const whole: Box = [0, 0, picture.width, picture.height];
      const regions = inferences.map((inference) => boxPayload(inference.region ?? whole));
      const known = { ...payload, detections: [...payload.detections, ...expected], regions };
      listener.onFrame(camera, frame, { kind: 'inferred', payload: known, timings: spent, ...moved });
    }
    return spent;
  }

  /**
   * @param withSnapshots Whether events of this camera have pictures.
   * @param frame The one that made the changes; undefined: time made them, as an object's end.
   */
  events(changes: readonly EventChange[], withSnapshots: boolean, frame?: CapturedFrame): void {
    const { camera, broker, topics, snapshots, listener, log } = this.#parts;
    for (const change of changes) {
      const { type, reason, event } = change;
      if (type === 'new') log.info(this.#sighting(event));
      else log.debug(`camera ${camera}: ${event.label} ${event.id}: ${type} ${reason ?? ''}`.trimEnd());
      const snapshot = withSnapshots ? topics.snapshot(camera, event.label) : undefined;
      const payload = eventPayload(change, snapshot);
      broker.event(topics.events(camera), payload);
      listener?.onEvent(payload);
      snapshots?.take(change, frame);
    }
  }

  /** What was seen, where, and where that is published. */
  #sighting({ id, label, score, zones }: ObjectEvent): string {
    const { camera, topics } = this.#parts;
    const where = zones.length === 0 ? '' : ` in ${zones.join(', ')}`;
    return `camera ${camera}: ${label}${where}, score ${score.toFixed(2)}; event ${id} on ${topics.events(camera)}`;
  }
}

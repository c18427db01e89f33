/** Who gets, beside MQTT, what the cameras' frames show. */
import type { CapturedFrame } from '../frame/frame.js';
import type { MovingCells } from '../motion/meter.js';
import type { EventPayload } from '../mqtt/payloads.js';
import type { StageTimings } from '../observe/stage-timings.js';
import type { ShownDetections } from './api.js';

/** What became of a frame. */
export type FrameOutcome = {
  /** Where it had changed; only where {@link CameraListener.wantsMotion}. */
  motion?: MovingCells;
} & (
  | { kind: 'inferred'; payload: ShownDetections; timings: StageTimings & { ageMs: number } }
  /** Without motion, so that what was found in the frames before still holds. */
  | { kind: 'still' }
  /** Detection is switched off. */
  | { kind: 'paused' }
);

export interface CameraListener {
  /** A frame was inferred, or will not be. Its pixels are lent for the call alone. Must not throw. */
  onFrame(camera: string, frame: CapturedFrame, outcome: FrameOutcome): void;
  /** Whether a viewer wants frames in which nothing moves. */
  wantsFrames(camera: string): boolean;
  /** Whether a viewer has asked where the camera's picture moves. */
  wantsMotion(camera: string): boolean;
  /** Something happened to an object. */
  onEvent(event: EventPayload): void;
  /** Other areas of the camera are private: no picture of before may be seen any more. */
  onPrivacyChange(camera: string): void;
  /** The snapshot of an event was made, or made better. */
  onSnapshot(eventId: string, jpeg: Buffer): void;
}

/**
 * Decides which frames are worth inference: those with motion, those while something is followed that moves, and now and
 * then one of a picture that stands still, in case somebody does.
 */
import type { CameraConfig } from '../config/types.js';
import type { CapturedFrame } from '../frame/frame.js';
import type { Polygon } from '../geometry/zones.js';
import type { NativeWatch } from '../native/addon.js';
import { MotionMeter, type MotionPlace, type MovingCells } from './meter.js';

/** What is known of the scene from the frames that were inferred. */
export interface SceneState {
  /** Something is followed that does not stand still: every frame counts. */
  readonly busy: boolean;
  /** Something that stood still was not seen in the newest inferred frame: it may have left unnoticed. */
  readonly missing: boolean;
  /** Nothing is followed, so what moves is of no interest, be it leaves or a clock in the picture. */
  readonly empty: boolean;
}

/** How soon something that is missing is looked for again. */
const MISSING_INTERVAL_MS = 1000;

/** The settings of motion detection. */
export type MotionSettings = Pick<CameraConfig, 'motionArea' | 'motionOffDelay' | 'idleInterval'>;

export class MotionGate {
  #config: MotionSettings;
  readonly #meter: MotionMeter;
  readonly #phase: number;
  #motion = false;
  /** Capture times by the monotonic clock, in milliseconds; undefined: never. */
  #lastFrame: number | undefined;
  #lastMotion: number | undefined;
  #lastAdmitted: number | undefined;
  /** Whether the last frame that was taken in was worth inference. */
  #admits = true;

  /**
   * @param masks Where nothing is reported, and so nothing needs to be inferred.
   * @param phase By what share of the idle interval the second inference of a picture that stands still comes earlier: cameras that are
   *   started at once are then not all inferred in the same moment.
   */
  constructor(config: MotionSettings, masks: readonly Polygon[], phase = 0) {
    this.#config = config;
    this.#meter = new MotionMeter(masks);
    this.#phase = phase;
  }

  /** Takes other settings; what is known of the picture stays. */
  configure(config: MotionSettings, masks: readonly Polygon[]): void {
    this.#config = config;
    this.#meter.cover(masks);
  }

  /** Whether there is motion, or was until a moment ago. */
  get motion(): boolean {
    return this.#motion;
  }

  /** Where the frame that was taken in last changed. */
  cells(): MovingCells {
    return this.#meter.cells();
  }

  /** Where the last frame changed, in its pixels, the strongest first. */
  get places(): MotionPlace[] {
    return this.#meter.places();
  }

  /**
   * Which of the next frames need not be taken in, as {@link admits} would do nothing but say no.
   * @param now Milliseconds of the monotonic clock.
   * @returns undefined: all are to be.
   */
  still(now: number, scene: SceneState): NativeWatch | undefined {
    const meter = this.#meter.native;
    // What was found in a frame that was worth inference is not known yet.
    if (meter === undefined || this.#admits || scene.busy) return undefined;
    const until = this.#motion ? Math.min(this.#dueAt(scene), this.#overAt) : this.#dueAt(scene);
    return {
      meter,
      area: this.#config.motionArea,
      learn: scene.empty,
      sinceMs: now - (this.#lastFrame ?? now),
      forMs: until - now,
    };
  }

  /** Takes in frames in the order of capture, all but those of {@link still}; false: inference would show nothing new. */
  admits(frame: CapturedFrame, scene: SceneState): boolean {
    const at = frame.capturedAtMonotonic;
    const seconds = (at - (this.#lastFrame ?? at)) / 1000;
    this.#lastFrame = at;
    const changed = this.#meter.update(frame, seconds, scene.empty);
    const moves = changed !== undefined && changed >= this.#config.motionArea;
    if (moves) this.#lastMotion = at;
    this.#motion = moves || (this.#motion && at < this.#overAt);
    const admitted = moves || scene.busy || at >= this.#dueAt(scene);
    this.#admits = admitted;
    if (admitted) this.#lastAdmitted = this.#lastAdmitted === undefined ? at - this.#headStart : at;
    return admitted;
  }

  /** No frames come any more: motion is over. */
  reset(): void {
    this.#lastFrame = undefined;
    this.#lastMotion = undefined;
    this.#lastAdmitted = undefined;
    this.#admits = true;
    this.#motion = false;
  }

  get #headStart(): number {
    return this.#phase * this.#config.idleInterval * 1000;
  }

  /** When motion is over, unless there is more of it; long ago, where there never was any. */
  get #overAt(): number {
    return (this.#lastMotion ?? Number.NEGATIVE_INFINITY) + this.#config.motionOffDelay * 1000;
  }

  /** When a picture that stands still is inferred again; the first one at once. */
  #dueAt({ missing }: SceneState): number {
    const interval = this.#config.idleInterval * 1000;
    const limit = missing ? Math.min(MISSING_INTERVAL_MS, interval) : interval;
    return (this.#lastAdmitted ?? Number.NEGATIVE_INFINITY) + limit;
  }
}

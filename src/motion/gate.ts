/**
 * Decides which frames are worth inference: those with motion, those while something is followed that moves, and now and
 * then one of a picture that stands still, in case somebody does.
 */
import type { CameraConfig } from '../config/types.js';
import type { CapturedFrame } from '../frame/frame.js';
import type { Polygon } from '../geometry/zones.js';
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

  /** Takes in every frame, in the order of capture; false: inference would show nothing new. */
  admits(frame: CapturedFrame, scene: SceneState): boolean {
    const at = frame.capturedAtMonotonic;
    const seconds = (at - (this.#lastFrame ?? at)) / 1000;
    this.#lastFrame = at;
    const changed = this.#meter.update(frame, seconds, scene.empty);
    const moves = changed !== undefined && changed >= this.#config.motionArea;
    if (moves) this.#lastMotion = at;
    this.#motion = moves || (this.#motion && !this.#isOver(at));
    const admitted = moves || scene.busy || this.#isDue(at, scene);
    if (admitted) this.#lastAdmitted = this.#lastAdmitted === undefined ? at - this.#headStart : at;
    return admitted;
  }

  /** No frames come any more: motion is over. */
  reset(): void {
    this.#lastFrame = undefined;
    this.#lastMotion = undefined;
    this.#lastAdmitted = undefined;
    this.#motion = false;
  }

  get #headStart(): number {
    return this.#phase * this.#config.idleInterval * 1000;
  }

  #isOver(at: number): boolean {
    return this.#lastMotion === undefined || at - this.#lastMotion >= this.#config.motionOffDelay * 1000;
  }

  #isDue(at: number, { missing }: SceneState): boolean {
    const interval = this.#config.idleInterval * 1000;
    const limit = missing ? Math.min(MISSING_INTERVAL_MS, interval) : interval;
    return this.#lastAdmitted === undefined || at - this.#lastAdmitted >= limit;
  }
}

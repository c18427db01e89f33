/**
 * Decides which frames are worth inference: those with motion, those while something is followed that moves, and now and
 * then one of a picture that stands still, in case somebody does.
 */
import type { CameraConfig } from '../config/types.js';
import type { CapturedFrame } from '../frame/frame.js';
import type { Polygon } from '../geometry/zones.js';
import type { NativeMotionMeter } from '../native/addon.js';
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

/** Which frames need not be taken in: those of which the meter says that less than the area has changed. */
export interface StillFrames {
  meter: NativeMotionMeter;
  /** Share of the picture. */
  area: number;
  learn: boolean;
  /** Milliseconds since the last frame that was taken in. */
  sinceMs: number;
  /** For so many milliseconds from now. */
  forMs: number;
}

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
  still(now: number, scene: SceneState): StillFrames | undefined {
    const meter = this.#meter.native;
    const [admitted, frame] = [this.#lastAdmitted, this.#lastFrame];
    // What was found in a frame that was worth inference is not known yet.
    if (meter === undefined || this.#admits || admitted === undefined || frame === undefined || scene.busy)
      return undefined;
    const over = this.#motion ? (this.#lastMotion ?? now) + this.#config.motionOffDelay * 1000 : Infinity;
    const forMs = Math.min(admitted + this.#interval(scene), over) - now;
    return { meter, area: this.#config.motionArea, learn: scene.empty, sinceMs: now - frame, forMs };
  }

  /** Takes in frames in the order of capture, all but those of {@link still}; false: inference would show nothing new. */
  admits(frame: CapturedFrame, scene: SceneState): boolean {
    const at = frame.capturedAtMonotonic;
    const seconds = (at - (this.#lastFrame ?? at)) / 1000;
    this.#lastFrame = at;
    const changed = this.#meter.update(frame, seconds, scene.empty);
    const moves = changed !== undefined && changed >= this.#config.motionArea;
    if (moves) this.#lastMotion = at;
    this.#motion = moves || (this.#motion && !this.#isOver(at));
    const admitted = moves || scene.busy || this.#isDue(at, scene);
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

  #isOver(at: number): boolean {
    return this.#lastMotion === undefined || at - this.#lastMotion >= this.#config.motionOffDelay * 1000;
  }

  #isDue(at: number, scene: SceneState): boolean {
    return this.#lastAdmitted === undefined || at - this.#lastAdmitted >= this.#interval(scene);
  }

  /** Milliseconds from one inference of a picture that stands still to the next. */
  #interval({ missing }: SceneState): number {
    const interval = this.#config.idleInterval * 1000;
    return missing ? Math.min(MISSING_INTERVAL_MS, interval) : interval;
  }
}

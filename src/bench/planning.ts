/** What it costs to decide what a frame is inferred of, before it is: where it moves, and which part of it is worth an inference. */
import type { CameraConfig } from '../config/types.js';
import type { CapturedFrame } from '../frame/frame.js';
import type { InputShape } from '../frame/input-shape.js';
import type { Box, Size } from '../geometry/box.js';
import { MotionGate, type SceneState } from '../motion/gate.js';
import { RegionPlanner } from '../regions/planner.js';
import { viewOf } from '../regions/view.js';

/** People who are followed meanwhile: more than most cameras have. */
const FOLLOWED = 8;
const INTERVAL_MS = 200;

/** Milliseconds of one frame. */
export interface PlanningTimes {
  motionMs: number;
  planMs: number;
}

export class PlanningStage {
  readonly #frames: readonly CapturedFrame[];
  readonly #shape: InputShape;
  readonly #gate: MotionGate;
  readonly #planner = new RegionPlanner();
  #count = 0;

  /** @param frames yuv420p, played over and over. @param shape Of the model's input. */
  constructor(frames: readonly CapturedFrame[], shape: InputShape, config: CameraConfig) {
    this.#frames = frames;
    this.#shape = shape;
    this.#gate = new MotionGate(config, []);
  }

  /** Of the frames, in pixels. */
  get size(): Size {
    const [{ width, height }] = this.#frames as [CapturedFrame];
    return { width, height };
  }

  /** Takes in the next frame, as the daemon does. */
  next(): PlanningTimes {
    const recorded = this.#frames[this.#count % this.#frames.length] as CapturedFrame;
    const at = this.#count * INTERVAL_MS;
    this.#count += 1;
    const frame = { ...recorded, capturedAt: at, capturedAtMonotonic: at };
    const scene = walkers(frame);
    const begin = performance.now();
    this.#gate.admits(frame, scene);
    const { places } = this.#gate;
    const measured = performance.now();
    const view = viewOf(frame, this.#shape, places, scene);
    const region = this.#planner.plan(view);
    this.#planner.beside(view, region);
    this.#planner.inferred(region, view);
    return { motionMs: measured - begin, planMs: performance.now() - measured };
  }
}

/** People all over the picture, of whose places more and less is known. */
function walkers({
  sourceWidth,
  sourceHeight,
  capturedAtMonotonic: at,
}: CapturedFrame): SceneState & Pick<Parameters<typeof viewOf>[3], 'followed'> {
  const followed = Array.from({ length: FOLLOWED }, (_, index) => {
    const height = sourceHeight / 12;
    const left = ((index * 0.37 + at / 20_000) % 0.95) * sourceWidth;
    const top = ((index * 0.23) % 0.9) * sourceHeight;
    const box: Box = [left, top, left + 0.4 * height, top + height];
    return { box, uncertainty: 0.1 * (index + 1), missed: false };
  });
  return { busy: true, missing: false, empty: false, followed: () => followed };
}

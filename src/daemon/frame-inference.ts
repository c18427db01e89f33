/** What a camera's frames are inferred of, the whole picture, a region of it, or both, and with which thresholds. */
import type { CameraConfig } from '../config/types.js';
import type { Detector } from '../detect/detector.js';
import { classThresholds, type InferenceKind, isReportable } from '../detect/thresholds.js';
import type { CapturedFrame } from '../frame/frame.js';
import type { InputShape } from '../frame/input-shape.js';
import type { Region } from '../frame/region.js';
import type { StageTimings } from '../observe/stage-timings.js';
import { type Inference, inferenceOf } from '../regions/inference.js';
import { type Place, RegionPlanner } from '../regions/planner.js';
import { toFrame, viewOf } from '../regions/view.js';
import { type Observation, type Scene, weakThresholds } from '../track/scene.js';

/** All inferences of a frame, and their time together. */
export interface Inferred {
  inferences: Inference[];
  timings: StageTimings;
}

/** One inference and its time. */
interface Part {
  inference: Inference;
  timings: StageTimings;
}

/** Per class: what is above is reported, and what is to be found at all. */
interface ClassThresholds {
  reported: Float32Array;
  found: Float32Array;
}

/** What decides what is reported. */
type Thresholds = Parameters<typeof classThresholds>[2];

export class FrameInference {
  readonly #detector: Pick<Detector, 'detect' | 'info' | 'shapeFor'>;
  #thresholds!: Record<InferenceKind, ClassThresholds>;
  #reportableLabels!: readonly string[];
  /** Undefined: whole pictures are inferred. */
  #planner: RegionPlanner | undefined;

  constructor(
    detector: Pick<Detector, 'detect' | 'info' | 'shapeFor'>,
    config: Pick<CameraConfig, 'motion' | 'regions'>,
    thresholds: Thresholds,
  ) {
    this.#detector = detector;
    this.setThresholds(thresholds);
    this.#planner = newPlanner(config);
  }

  /** From the next frame on these decide what is reported. */
  setThresholds(thresholds: Thresholds): void {
    this.#thresholds = this.#classThresholds(thresholds);
    const { reported } = this.#thresholds.whole;
    this.#reportableLabels = this.labels.filter((_, classId) => isReportable(reported, classId));
  }

  /** Nothing is known of the picture any more, and it may be that regions of it are inferred from now on, or none. */
  restart(config: Pick<CameraConfig, 'motion' | 'regions'>): void {
    this.#planner = newPlanner(config);
  }

  /** Nothing is known of the picture any more. */
  reset(): void {
    this.#planner?.reset();
  }

  /** Whether it depends on what was seen in a frame what the next one is inferred of. */
  get plansRegions(): boolean {
    return this.#planner !== undefined;
  }

  /** Of the model. */
  get labels(): readonly string[] {
    return this.#detector.info.model.labels;
  }

  /** Those that may be reported: the same list until others may. */
  get reportableLabels(): readonly string[] {
    return this.#reportableLabels;
  }

  /**
   * Infers what the planner says; and while the thread has nothing else to do, both the whole picture and a region of it. Rejects as
   * {@link Detector.detect} does.
   * @param motion Where the frame changed, in its pixels.
   * @param isIdle Whether the inference thread has nothing else to do.
   */
  async infer(
    frame: CapturedFrame,
    motion: readonly Place[],
    scene: Pick<Scene, 'followed'>,
    isIdle: () => boolean,
  ): Promise<Inferred> {
    const shape = this.#detector.shapeFor({ width: frame.sourceWidth, height: frame.sourceHeight });
    const planner = this.#planner;
    if (planner === undefined) return inOne([await this.#inferPart(frame, shape, undefined)]);
    const view = viewOf(frame, shape, motion, scene);
    const region = planner.plan(view);
    planner.inferred(region, view);
    const first = await this.#inferPart(frame, shape, region);
    const beside = planner.beside(view, region);
    if (beside === undefined || !isIdle()) return inOne([first]);
    planner.inferred(beside.region, view);
    return inOne([first, await this.#inferPart(frame, shape, beside.region)]);
  }

  /** The next inference takes in what the borders of this frame's regions may have cut off. */
  observed({ cut }: Pick<Observation, 'cut'>, frame: CapturedFrame): void {
    this.#planner?.ask(toFrame(cut, frame));
  }

  /** @param region Undefined: the whole picture. */
  async #inferPart(frame: CapturedFrame, shape: InputShape, region: Region | undefined): Promise<Part> {
    const { sourceWidth, sourceHeight } = frame;
    const { reported, found } = this.#thresholds[region === undefined ? 'whole' : 'region'];
    const { detections, timings } = await this.#detector.detect(frame, {
      thresholds: found,
      shape,
      sourceWidth,
      sourceHeight,
      ...(region && { region }),
    });
    return { inference: inferenceOf(frame, shape, region, detections, reported), timings };
  }

  #classThresholds(settings: Thresholds): Record<InferenceKind, ClassThresholds> {
    const { labels, thresholds } = this.#detector.info.model;
    const of = (kind: InferenceKind) => {
      const reported = classThresholds(labels, thresholds, settings, kind);
      return { reported, found: weakThresholds(reported) };
    };
    return { whole: of('whole'), region: of('region') };
  }
}

function newPlanner({
  motion,
  regions,
}: Pick<CameraConfig, 'motion' | 'regions'>): RegionPlanner | undefined {
  return motion && regions ? new RegionPlanner() : undefined;
}

function inOne(parts: readonly Part[]): Inferred {
  const [first] = parts as readonly [Part];
  const timings = { ...first.timings };
  for (const part of parts.slice(1)) {
    timings.queueMs += part.timings.queueMs;
    timings.preMs += part.timings.preMs;
    timings.inferMs += part.timings.inferMs;
    timings.postMs += part.timings.postMs;
  }
  return { inferences: parts.map(({ inference }) => inference), timings };
}

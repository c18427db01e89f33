/** Counts what became of one camera's frames after capture, and where their time went. */
import type { StageTimings } from './stage-timings.js';
import { type Percentiles, SampleWindow } from './window.js';

export const STAGES = ['queueMs', 'preMs', 'inferMs', 'postMs', 'ageMs'] as const;
/** ageMs: from the last byte of the frame to the message handed to the broker's socket. */
export type Stage = (typeof STAGES)[number];

/** What became of a camera's frames since the start. */
export interface CameraTotals {
  inferred: number;
  dropped: { still: number; paused: number; stale: number; failed: number };
}

export interface CameraMeterReport extends CameraTotals {
  /** Of the frames since the last report; absent when there were none. */
  stages?: Record<Stage, Percentiles>;
}

export class CameraMeter {
  readonly #windows: Record<Stage, SampleWindow> = {
    queueMs: new SampleWindow(),
    preMs: new SampleWindow(),
    inferMs: new SampleWindow(),
    postMs: new SampleWindow(),
    ageMs: new SampleWindow(),
  };
  #inferred = 0;
  #still = 0;
  #paused = 0;
  #stale = 0;
  #failed = 0;

  inferred(timings: StageTimings & { ageMs: number }): void {
    this.#inferred++;
    for (const stage of STAGES) this.#windows[stage].add(timings[stage]);
  }

  /** Nothing moved in so many frames: not worth inference. */
  still(frames = 1): void {
    this.#still += frames;
  }

  /** Detection is switched off. */
  paused(): void {
    this.#paused++;
  }

  stale(): void {
    this.#stale++;
  }

  failed(): void {
    this.#failed++;
  }

  /** Frames that were dealt with since the start, one way or another. */
  get processed(): number {
    return this.#inferred + this.#still + this.#paused + this.#stale + this.#failed;
  }

  totals(): CameraTotals {
    return {
      inferred: this.#inferred,
      dropped: { still: this.#still, paused: this.#paused, stale: this.#stale, failed: this.#failed },
    };
  }

  /** Totals since the start, and percentiles since the last report. */
  report(): CameraMeterReport {
    const entries = STAGES.map((stage) => [stage, this.#windows[stage].flush()] as const);
    const stages = entries.every(([, value]) => value !== undefined)
      ? { stages: Object.fromEntries(entries) as Record<Stage, Percentiles> }
      : {};
    return { ...this.totals(), ...stages };
  }
}

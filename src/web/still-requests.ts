/**
 * Pictures that other programs send to have objects found in them. They are one more source for the scheduler, served while no camera
 * has a frame; few wait, and none for long.
 */
import type { Clock } from '../clock.js';
import type { DetectionResult, Detector } from '../detect/detector.js';
import type { FrameSource } from '../detect/scheduler.js';
import { classThresholds } from '../detect/thresholds.js';
import type { PixelFrame } from '../frame/frame.js';
import { LeasedFrame } from '../frame/leased-frame.js';

const MAX_WAITING = 4;
const MAX_WAIT_MS = 10_000;

interface Waiting {
  frame: LeasedFrame;
  /** Exclusive; one for each class. */
  thresholds: Float32Array;
  settle(result: DetectionResult | undefined): void;
  fail(error: unknown): void;
}

export class StillRequests implements FrameSource {
  readonly #detector: Pick<Detector, 'detect' | 'info'>;
  readonly #clock: Clock;
  readonly #waiting: Waiting[] = [];
  readonly #inFlight = new Map<LeasedFrame, Waiting>();
  #wake: () => void = () => {};

  constructor(detector: Pick<Detector, 'detect' | 'info'>, clock: Clock) {
    this.#detector = detector;
    this.#clock = clock;
  }

  /** Calls `listener` whenever {@link nextFrame} has one. */
  onFrame(listener: () => void): void {
    this.#wake = listener;
  }

  /** Whether so many wait that no further one is taken. */
  get full(): boolean {
    return this.#waiting.length >= MAX_WAITING;
  }

  /** Resolves with undefined when the cameras left no time for it. Rejects as the detector does. */
  detect(picture: PixelFrame, minScore: number | undefined): Promise<DetectionResult | undefined> {
    const { labels, thresholds } = this.#detector.info.model;
    const asked = { threshold: minScore, labels: undefined, filters: [] };
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        frame: this.#lease(picture),
        thresholds: classThresholds(labels, thresholds, asked),
        settle: (result) => {
          clearTimeout(timer);
          resolve(result);
        },
        fail: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      };
      const timer = setTimeout(() => this.#giveUp(waiting), MAX_WAIT_MS);
      this.#waiting.push(waiting);
      this.#wake();
    });
  }

  nextFrame(): LeasedFrame | undefined {
    const waiting = this.#waiting.shift();
    if (waiting !== undefined) this.#inFlight.set(waiting.frame, waiting);
    return waiting?.frame;
  }

  /** Never rejects: whoever asked gets the reason. */
  async process(frame: LeasedFrame): Promise<void> {
    const waiting = this.#inFlight.get(frame);
    this.#inFlight.delete(frame);
    try {
      const { thresholds } = waiting ?? {};
      waiting?.settle(await this.#detector.detect(frame, thresholds && { thresholds }));
    } catch (error) {
      waiting?.fail(error);
    } finally {
      frame.release();
    }
  }

  /** Gives up all that wait. */
  stop(): void {
    for (const waiting of [...this.#waiting]) this.#giveUp(waiting);
  }

  #giveUp(waiting: Waiting): void {
    const index = this.#waiting.indexOf(waiting);
    if (index < 0) return;
    this.#waiting.splice(index, 1);
    waiting.frame.release();
    waiting.settle(undefined);
  }

  #lease(picture: PixelFrame): LeasedFrame {
    const { width: sourceWidth, height: sourceHeight } = picture;
    const times = { capturedAt: this.#clock.wallTime(), capturedAtMonotonic: this.#clock.monotonic() };
    return new LeasedFrame({ ...picture, sequence: 0, ...times, sourceWidth, sourceHeight }, () => {});
  }
}

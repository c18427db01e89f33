/**
 * Shares the inference thread between the cameras: the camera served longest ago comes first, and each camera has at
 * most one frame in flight, so a fast camera cannot starve a slow one. Frames wait in their camera's slot, where a
 * newer one replaces them, never in a queue.
 */
import type { CapturedFrame } from '../types.js';

export interface FrameSource {
  /** The newest unread frame. */
  take(): CapturedFrame | undefined;
}

/** Does all that is to be done with a frame; must not reject. */
export type FrameHandler<S extends FrameSource> = (source: S, frame: CapturedFrame) => Promise<void>;

/**
 * Two: while one frame is inferred the next is already handed over, so that the thread does not wait for the event
 * loop between frames. More would only make frames older.
 */
const MAX_IN_FLIGHT = 2;

export class Scheduler<S extends FrameSource> {
  readonly #handle: FrameHandler<S>;
  /** The sources without a frame in flight, served longest ago first. */
  readonly #waiting: S[];
  readonly #inFlight = new Map<S, Promise<void>>();
  #stopped = false;

  constructor(sources: readonly S[], handle: FrameHandler<S>) {
    this.#waiting = [...sources];
    this.#handle = handle;
  }

  /** To be called whenever a source may have a new frame. */
  wake(): void {
    while (!this.#stopped && this.#inFlight.size < MAX_IN_FLIGHT && this.#serveNext());
  }

  /** Takes no further frames; resolves when those in flight are done. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#inFlight.values());
  }

  /** Starts the first waiting source that has a frame; false when none has. */
  #serveNext(): boolean {
    for (const [index, source] of this.#waiting.entries()) {
      const frame = source.take();
      if (frame === undefined) continue;
      this.#waiting.splice(index, 1);
      const done = this.#handle(source, frame).finally(() => {
        this.#inFlight.delete(source);
        this.#waiting.push(source);
        this.wake();
      });
      this.#inFlight.set(source, done);
      return true;
    }
    return false;
  }
}

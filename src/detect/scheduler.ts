/**
 * Shares the inference thread between the cameras: the camera served longest ago comes first, and each camera has at
 * most one frame in flight, so a fast camera cannot starve a slow one. Frames wait in their camera's slot, where a
 * newer one replaces them, never in a queue.
 */
import type { LeasedFrame } from '../frame/leased-frame.js';

export interface FrameSource {
  /** The newest unread frame, when it is worth inference; the handler releases it. */
  nextFrame(): LeasedFrame | undefined;
}

/**
 * Does all that is to be done with a frame and releases it; must not reject. `inferred` may be called when the inference thread is done
 * with it: the source's next frame is then handed over at once, before the rest is done with this one. `isIdle` says whether the inference
 * thread has no frame of another source to do; who is told so may do more with this one, and comes before the last in the next round.
 */
export type FrameHandler<S extends FrameSource> = (
  source: S,
  frame: LeasedFrame,
  inferred: () => void,
  isIdle: () => boolean,
) => Promise<void>;

/**
 * Two: while one frame is inferred the next is already handed over, so that the thread does not wait for the event
 * loop between frames. More would only make frames older.
 */
const MAX_IN_FLIGHT = 2;

export class Scheduler<S extends FrameSource> {
  readonly #handle: FrameHandler<S>;
  readonly #sources: Set<S>;
  /** The sources without a frame in flight, served longest ago first. */
  readonly #waiting: S[];
  /** Likewise, served while no other has a frame. */
  readonly #background: S[];
  #inFlight = 0;
  /** What is being done, and for which source: few at a time, so a list, which makes no garbage as they come and go. */
  readonly #handling: { done: Promise<void>; source: S }[] = [];
  readonly #spare = new SpareTime<S>();
  #stopped = false;

  /** @param background Sources that are served while none of the others has a frame. */
  constructor(sources: readonly S[], handle: FrameHandler<S>, background: readonly S[] = []) {
    this.#sources = new Set(sources);
    this.#waiting = [...sources];
    this.#background = [...background];
    this.#handle = handle;
  }

  /** To be called whenever a source may have a new frame. */
  wake(): void {
    while (!this.#stopped && this.#inFlight < MAX_IN_FLIGHT && this.#serveNext());
  }

  /** Takes frames of one more source. */
  add(source: S): void {
    this.#sources.add(source);
    this.#waiting.push(source);
    this.wake();
  }

  /** Takes no further frames of a source; resolves when those in flight are done. */
  async remove(source: S): Promise<void> {
    this.#sources.delete(source);
    this.#spare.forget(source);
    const index = this.#waiting.indexOf(source);
    if (index >= 0) this.#waiting.splice(index, 1);
    await Promise.all(this.#handling.flatMap(({ done, source: of }) => (of === source ? [done] : [])));
  }

  /** Takes no further frames; resolves when those in flight are done. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#handling.map(({ done }) => done));
  }

  /** Starts the first waiting source that has a frame; false when none has. */
  #serveNext(): boolean {
    return this.#serveOneOf(this.#waiting) || this.#serveOneOf(this.#background);
  }

  #serveOneOf(waiting: S[]): boolean {
    for (let index = 0; index < waiting.length; index++) {
      const source = waiting[index] as S;
      const frame = source.nextFrame();
      if (frame === undefined) continue;
      waiting.splice(index, 1);
      this.#serve(source, frame, waiting);
      return true;
    }
    return false;
  }

  /** @param waiting Where the source waits between its frames. */
  #serve(source: S, frame: LeasedFrame, waiting: S[]): void {
    this.#inFlight++;
    let landed = false;
    let hadMore = false;
    const land = () => {
      if (landed) return;
      landed = true;
      this.#inFlight--;
      const isKept = waiting === this.#background || this.#sources.has(source);
      // Whose turn is last finds the thread idle every time: who has had more than a frame's time begins the next round.
      if (isKept && hadMore) waiting.unshift(source);
      else if (isKept) waiting.push(source);
      this.wake();
    };
    const isIdle = () => {
      const granted = this.#spare.grants(source, this.#inFlight === 1);
      hadMore ||= granted;
      return granted;
    };
    const done = this.#handle(source, frame, land, isIdle).finally(() => {
      this.#handling.splice(this.#handling.indexOf(handling), 1);
      land();
    });
    const handling = { done, source };
    this.#handling.push(handling);
  }
}

/** Shares the time in which the thread has nothing else to do: who had it oftener than one who was refused leaves it out once. */
class SpareTime<S> {
  /** When each source had it last, counted. */
  readonly #had = new Map<S, number>();
  readonly #owing = new Set<S>();
  #count = 0;

  /** @param isIdle Whether the thread has nothing else to do now. */
  grants(source: S, isIdle: boolean): boolean {
    const last = this.#had.get(source) ?? 0;
    if (!isIdle) {
      for (const [other, at] of this.#had) if (at > last) this.#owing.add(other);
      return false;
    }
    if (this.#owing.delete(source)) return false;
    this.#count += 1;
    this.#had.set(source, this.#count);
    return true;
  }

  forget(source: S): void {
    this.#had.delete(source);
    this.#owing.delete(source);
  }
}

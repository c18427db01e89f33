/** The newest unread frame of one camera, and the buffers that its frames are read into. */
import type { CapturedFrame } from '../frame/frame.js';
import { LeasedFrame } from '../frame/leased-frame.js';

/** Buffers that are kept for the next frames: one to be filled next, one for the time in which frames come in a hurry. */
const MAX_SPARE = 2;

/**
 * Holds the newest unread frame, and lends out the buffers that frames are read into. A buffer is being filled, unread here, with
 * a reader who has not released its frame, or spare.
 */
export class FrameSlot {
  #unread: CapturedFrame | undefined;
  #spare: Uint8Array[] = [];
  #replaced = 0;
  #leased = 0;
  #onRoom: (() => void) | undefined;

  /** Frames that nobody read before the next one came. */
  get replaced(): number {
    return this.#replaced;
  }

  /** The frame that {@link take} would give. */
  get unread(): CapturedFrame | undefined {
    return this.#unread;
  }

  /** Frames that were taken and are not released yet. */
  get leased(): number {
    return this.#leased;
  }

  /** A buffer of exactly so many bytes that no frame in use lies in. */
  allocate(bytes: number): Uint8Array {
    const buffer = this.#spare.pop();
    if (buffer?.length === bytes) return buffer;
    this.#spare = [];
    return new Uint8Array(bytes);
  }

  /** Makes this frame the newest; an unread one is given up and counted. */
  put(frame: CapturedFrame): void {
    if (this.#unread !== undefined) {
      this.#replaced += 1;
      this.#keep(this.#unread.data);
    }
    this.#unread = frame;
  }

  /** The newest unread frame, if any, to be released by its reader. */
  take(): LeasedFrame | undefined {
    const frame = this.#unread;
    if (frame === undefined) return undefined;
    this.#unread = undefined;
    this.#leased += 1;
    this.#onRoom?.();
    return new LeasedFrame(frame, (data) => {
      this.#leased -= 1;
      this.#keep(data);
    });
  }

  /** Gives up the unread frame, which after a stop is the past. */
  clear(): void {
    if (this.#unread !== undefined) this.#keep(this.#unread.data);
    this.#unread = undefined;
    this.#onRoom?.();
  }

  /** Resolves once no frame is unread: the back-pressure of a source that must not lose frames. One waiter at a time. */
  room(): Promise<void> {
    if (this.#unread === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onRoom = () => {
        this.#onRoom = undefined;
        resolve();
      };
    });
  }

  #keep(buffer: Uint8Array): void {
    if (this.#spare.length < MAX_SPARE) this.#spare.push(buffer);
  }
}

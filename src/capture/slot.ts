import type { CapturedFrame } from '../frame/frame.js';

/**
 * Holds the newest unread frame of one camera, and lends out the buffers that frames are read into. Three buffers go
 * round: one being filled, one unread here, one with the consumer.
 */
export class FrameSlot {
  #unread: CapturedFrame | undefined;
  #taken: CapturedFrame | undefined;
  #spare: Uint8Array[] = [];
  #replaced = 0;
  #onRoom: (() => void) | undefined;

  /** Frames that nobody read before the next one came. */
  get replaced(): number {
    return this.#replaced;
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
      this.#spare.push(this.#unread.data);
    }
    this.#unread = frame;
  }

  /** The newest unread frame, if any. Its pixels stay as they are until the next call that returns a frame. */
  take(): CapturedFrame | undefined {
    const frame = this.#unread;
    if (frame === undefined) return undefined;
    if (this.#taken !== undefined) this.#spare.push(this.#taken.data);
    this.#taken = frame;
    this.#unread = undefined;
    this.#onRoom?.();
    return frame;
  }

  /** Gives up the unread frame, which after a stop is the past. */
  clear(): void {
    if (this.#unread !== undefined) this.#spare.push(this.#unread.data);
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
}

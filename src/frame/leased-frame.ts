/** Pixels that are lent: a frame's buffer is read into again once its reader has given it back. */
import type { CapturedFrame } from './frame.js';

/**
 * A captured frame whose pixels lie in a buffer of its camera. Whoever takes the frame releases it, once, as soon as nobody reads its
 * pixels any more; until then no other frame is read into them, whatever is awaited in between. What is needed longer is copied.
 * A frame that is never released costs its camera a new buffer, and no picture.
 */
export class LeasedFrame implements CapturedFrame {
  readonly format: CapturedFrame['format'];
  readonly width: number;
  readonly height: number;
  readonly range?: NonNullable<CapturedFrame['range']>;
  readonly matrix?: NonNullable<CapturedFrame['matrix']>;
  readonly sequence: number;
  readonly capturedAt: number;
  readonly capturedAtMonotonic: number;
  readonly sourceWidth: number;
  readonly sourceHeight: number;
  #data: Uint8Array | undefined;
  readonly #giveBack: (data: Uint8Array) => void;

  /** @param giveBack Takes the buffer when the frame is released. */
  constructor(frame: CapturedFrame, giveBack: (data: Uint8Array) => void) {
    this.format = frame.format;
    this.width = frame.width;
    this.height = frame.height;
    if (frame.range !== undefined) this.range = frame.range;
    if (frame.matrix !== undefined) this.matrix = frame.matrix;
    this.sequence = frame.sequence;
    this.capturedAt = frame.capturedAt;
    this.capturedAtMonotonic = frame.capturedAtMonotonic;
    this.sourceWidth = frame.sourceWidth;
    this.sourceHeight = frame.sourceHeight;
    this.#data = frame.data;
    this.#giveBack = giveBack;
  }

  /** Throws after {@link release}: another picture may lie there. */
  get data(): Uint8Array {
    if (this.#data === undefined) throw new Error(`frame ${this.sequence} was read after its release`);
    return this.#data;
  }

  get released(): boolean {
    return this.#data === undefined;
  }

  /** Gives the pixels back. Throws when that was done before. */
  release(): void {
    if (this.#data === undefined) throw new Error(`frame ${this.sequence} was released twice`);
    const data = this.#data;
    this.#data = undefined;
    this.#giveBack(data);
  }
}

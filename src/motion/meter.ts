/** How much of a camera's picture is not as it has been lately: see native/image/motion.h. */
import { GhostcamError } from '../errors.js';
import type { CapturedFrame } from '../frame/frame.js';
import type { Box } from '../geometry/box.js';
import { contains, type Polygon } from '../geometry/zones.js';
import { addon, fromAddon, type NativeMotionMeter } from '../native/addon.js';

/** Where a picture changed: cells of a grid that begins at its top left. */
export interface MovingCells {
  /** Of a cell, in pixels of the camera's picture. */
  width: number;
  height: number;
  /** Cells in a row. */
  columns: number;
  /** Of each run along a row: the index of its first cell, row by row, and its length. */
  runs: number[];
}

/** A part of the picture that is not as it has been lately. */
export interface MotionPlace {
  /** In pixels of the frame. */
  box: Box;
  /** The sum over its changed cells of how many times each one's limit was exceeded. */
  strength: number;
}

export class MotionMeter {
  readonly #native: NativeMotionMeter = new (addon().MotionMeter)();
  #masks: readonly Polygon[];
  /** The size of the source that the masks were drawn for; empty: they are to be drawn. */
  #maskedSize = '';
  /** Pixels of the source to a pixel of the frame. */
  #scale = { x: 1, y: 1 };

  /** @param masks Where nothing counts. */
  constructor(masks: readonly Polygon[]) {
    this.#masks = masks;
  }

  /** From now on nothing counts there, and everything elsewhere. */
  cover(masks: readonly Polygon[]): void {
    this.#masks = masks;
    this.#maskedSize = '';
  }

  /**
   * Compares a yuv420p frame with the ones before and takes it in, unless that was done when it was read; 0.02 ms for 640 x 360 pixels.
   * @param seconds Since the frame before.
   * @param learn What changes now is of no interest and shall count less: leaves in the wind, a clock in the picture.
   * @returns The share of the picture that changed, 0..1; undefined for the first frame and the first one of a new size.
   */
  update(frame: CapturedFrame, seconds: number, learn: boolean): number | undefined {
    const { data, format, width, height } = frame;
    this.#scale = { x: frame.sourceWidth / width, y: frame.sourceHeight / height };
    if (format !== 'yuv420p')
      throw new GhostcamError('FRAME', `motion: expected yuv420p, received ${format}`);
    try {
      this.#mask(frame);
      const share = frame.changed ?? this.#native.update(data, width, height, seconds, learn);
      return share < 0 ? undefined : share;
    } catch (error) {
      throw fromAddon(error);
    }
  }

  /**
   * What measures frames like the last one of {@link update} on another thread; undefined: there was none, or the masks are to be drawn
   * anew.
   */
  get native(): NativeMotionMeter | undefined {
    return this.#maskedSize === '' ? undefined : this.#native;
  }

  /** Where the frame of the last update changed. */
  cells(): MovingCells {
    const { side, columns, runs } = this.#native.changedCells();
    return { width: side * this.#scale.x, height: side * this.#scale.y, columns, runs };
  }

  /** Where the last frame changed, in its pixels: a box around each group of connected cells, the strongest first. */
  places(): MotionPlace[] {
    const packed = this.#native.boxes();
    const places: MotionPlace[] = [];
    for (let at = 0; at < packed.length; at += 5) {
      const number = (index: number) => packed[at + index] as number;
      places.push({ box: [number(0), number(1), number(2), number(3)], strength: number(4) });
    }
    return places;
  }

  /** Masks may be in pixels of the source, so they are drawn when its size is known. */
  #mask({ sourceWidth: width, sourceHeight: height }: CapturedFrame): void {
    const size = `${width}x${height}`;
    if (size === this.#maskedSize) return;
    this.#maskedSize = size;
    const side = addon().MotionMeter.maskSide;
    const mask = new Uint8Array(side * side);
    for (const index of mask.keys()) {
      const x = (((index % side) + 0.5) / side) * width;
      const y = ((Math.floor(index / side) + 0.5) / side) * height;
      if (this.#masks.some((polygon) => contains(polygon, { x, y }, { width, height }))) mask[index] = 1;
    }
    this.#native.setMask(mask);
  }
}

/** Camera frames in colours, with shapes drawn over them, for people. */
import type { PixelFrame } from '../frame/frame.js';
import type { Size } from '../geometry/box.js';
import { addon, fromAddon, type NativeShape } from '../native/addon.js';

/** A part of a picture, in its pixels. */
export interface View extends Size {
  left: number;
  top: number;
}

/** A polygon or a mask of one colour, in pixels of the part that is shown. */
export type Shape = NativeShape;

export interface RgbOptions {
  /** The part that is shown; default: all of it. */
  view?: View;
  /** Drawn over it in this order. */
  shapes?: readonly Shape[];
  /** Of 3 * width * height bytes, to be filled; default: new memory. */
  into?: Uint8Array;
}

/**
 * The frame, or a part of it, as rgb24. Its pixels are copied before this returns; the work is done off the event loop. Rejects with
 * FRAME.
 */
export async function toRgb(
  { data, format, width, height, range, matrix }: PixelFrame,
  { view = { left: 0, top: 0, width, height }, shapes = [], into }: RgbOptions = {},
): Promise<PixelFrame> {
  const pixels = { data, format, width, height, fullRange: range === 'full', bt709: matrix === 'bt709' };
  try {
    const rgb = await addon().toRgb(pixels, view, shapes, into ?? newPicture(view));
    return { data: rgb, format: 'rgb24', width: view.width, height: view.height };
  } catch (error) {
    throw fromAddon(error);
  }
}

/** None for a size that the addon refuses. */
function newPicture({ width, height }: Size): Uint8Array {
  const bytes = 3 * width * height;
  return new Uint8Array(bytes > 0 && bytes < 2 ** 32 ? bytes : 0);
}

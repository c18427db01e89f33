/** Parts of a frame, and of the camera's picture that the frame shows. */
import type { Box, Size } from '../geometry/box.js';

/** A part of a frame in its pixels. Left and top are even, so are the sides unless they reach the frame's edge. */
export interface Region {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** The whole of a frame. */
export function wholeOf({ width, height }: Size): Region {
  return { left: 0, top: 0, width, height };
}

/** Where a part of a frame lies in the camera's picture, in pixels of that: x1, y1, x2, y2. */
export function inSource(
  { left, top, width, height }: Region,
  frame: Size & { sourceWidth: number; sourceHeight: number },
): [number, number, number, number] {
  const x = frame.sourceWidth / frame.width;
  const y = frame.sourceHeight / frame.height;
  return [left * x, top * y, (left + width) * x, (top + height) * y];
}

/**
 * The part of a frame that has this size and shows the middle of a box, moved into the frame where it would reach beyond it; the
 * sides are those of the frame where they are larger.
 * @param box In pixels of the frame.
 */
export function regionAround(box: Box, size: Size, frame: Size): Region {
  const [left, width] = stretch((box[0] + box[2]) / 2, size.width, frame.width);
  const [top, height] = stretch((box[1] + box[3]) / 2, size.height, frame.height);
  return { left, top, width, height };
}

/** The beginning and the length of a stretch of an axis of `total` pixels. */
function stretch(middle: number, wanted: number, total: number): [begin: number, length: number] {
  if (wanted >= total) return [0, total];
  const length = Math.min(total, 2 * Math.ceil(wanted / 2));
  const begin = Math.max(0, Math.min(total - length, middle - length / 2));
  // Rounded down it stays within the frame; an odd total leaves the last pixel to a region of the whole side.
  return [2 * Math.floor(begin / 2), length];
}

/** How good a picture of an object a frame is: what the snapshot is chosen by. */
import type { Detection } from '../detect/detection.js';
import { area, type Size } from '../geometry/box.js';

/** A box this close to the edge of the picture, in shares of its side, is taken to be cut off. */
const EDGE = 0.005;
/** What a picture of an object that is cut off is worth, compared with a whole one. */
const CUT_OFF = 0.5;

/**
 * Above 0, the more the better. The score counts in full and the size by its fourth root: twice as close is better by 40
 * percent, as is a score of 0.7 instead of 0.5.
 */
export function pictureQuality({ score, box }: Detection, { width, height }: Size): number {
  const [x1, y1, x2, y2] = box;
  const cutOff =
    x1 < EDGE * width || y1 < EDGE * height || x2 > (1 - EDGE) * width || y2 > (1 - EDGE) * height;
  return score * (area(box) / (width * height)) ** 0.25 * (cutOff ? CUT_OFF : 1);
}

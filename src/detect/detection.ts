/** What the detector says of one picture. */
import type { Box } from '../geometry/box.js';

/** One object in one picture. */
export interface Detection {
  label: string;
  /** Index of the label in the model's list. */
  classId: number;
  /** Confidence, 0..1. */
  score: number;
  /** x1, y1, x2, y2 in pixels of the source picture, top left origin. */
  box: Box;
}

/** Boxes are x1, y1, x2, y2; points x, y. Whatever the unit is, it is the same for all arguments. */
export type Box = readonly [number, number, number, number];

export interface Point {
  x: number;
  y: number;
}

export interface Size {
  width: number;
  height: number;
}

/** In squared units of the box; 0 where it is empty or inside out. */
export function area(box: Box): number {
  return grownArea(box, 0, 0);
}

/** The area that two boxes have in common. */
export function intersection(a: Box, b: Box): number {
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  return width <= 0 || height <= 0 ? 0 : width * height;
}

/** Intersection over union, 0..1; 0 where both are empty. */
export function iou(a: Box, b: Box): number {
  return grownIou(a, b, 0, 0);
}

/** The box with `x` more on its left and right and `y` more above and below. */
export function grow([x1, y1, x2, y2]: Box, x: number, y: number): Box {
  return [x1 - x, y1 - y, x2 + x, y2 + y];
}

/**
 * Intersection over union of two boxes that both have `x` more on their left and right and `y` more above and below. Every pair of a track
 * and a detection is asked for it, so it makes no boxes.
 */
export function grownIou(a: Box, b: Box, x: number, y: number): number {
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0]) + 2 * x;
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1]) + 2 * y;
  if (width <= 0 || height <= 0) return 0;
  const both = width * height;
  return both / (grownArea(a, x, y) + grownArea(b, x, y) - both);
}

function grownArea(box: Box, x: number, y: number): number {
  return Math.max(0, box[2] - box[0] + 2 * x) * Math.max(0, box[3] - box[1] + 2 * y);
}

/** What of a box is within a picture; its middle must be. */
export function within([x1, y1, x2, y2]: Box, { width, height }: Size): Box {
  return [Math.max(0, x1), Math.max(0, y1), Math.min(width, x2), Math.min(height, y2)];
}

/** Whether the middle of a box is in another one, or on its border. */
export function isCentredIn(box: Box, other: Box): boolean {
  return isCentredBetween(box, other[0], other[1], other[2], other[3]);
}

/** Whether the middle of a box is in a picture that begins at 0, 0. */
export function isInPicture(box: Box, { width, height }: Size): boolean {
  return isCentredBetween(box, 0, 0, width, height);
}

function isCentredBetween(box: Box, left: number, top: number, right: number, bottom: number): boolean {
  const x = (box[0] + box[2]) / 2;
  const y = (box[1] + box[3]) / 2;
  return x >= left && x <= right && y >= top && y <= bottom;
}

/** Where an object stands: the middle of the lower edge. */
export function foot([x1, , x2, y2]: Box): Point {
  return { x: (x1 + x2) / 2, y: y2 };
}

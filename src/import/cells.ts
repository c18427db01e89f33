/** How many locations a YOLO head predicts at, which distinguishes its layouts. */

/** Strides of the levels that YOLO heads have: without small objects, as usual, with large ones (P6), with tiny ones (P2). */
const STRIDES: readonly (readonly number[])[] = [
  [16, 32],
  [8, 16, 32],
  [8, 16, 32, 64],
  [4, 8, 16, 32],
];

/** Boxes that YOLOv3, v5 and v7 predict at each location, of different shapes. */
const ANCHORS = 3;

/** Whether a head with one box at each location has this many. */
export function isCellCount(count: number, width: number, height: number): boolean {
  return STRIDES.some((strides) => {
    const cells = strides.map((stride) => Math.ceil(width / stride) * Math.ceil(height / stride));
    return cells.reduce((sum, level) => sum + level, 0) === count;
  });
}

/** Whether a head with anchor boxes has this many. */
export function isAnchorCount(count: number, width: number, height: number): boolean {
  return count % ANCHORS === 0 && isCellCount(count / ANCHORS, width, height);
}

import type { Box } from '../../src/geometry/box.js';

/** Points examined along each side. */
const GRID = 8;

/** Share of a box that none of the others hides, 0..1. */
export function visibleShare([x1, y1, x2, y2]: Box, nearer: readonly Box[]): number {
  const before = nearer.filter((box) => box[0] < x2 && box[2] > x1 && box[1] < y2 && box[3] > y1);
  let seen = 0;
  for (let row = 0; row < GRID; row++) {
    for (let column = 0; column < GRID; column++) {
      const x = x1 + ((column + 0.5) / GRID) * (x2 - x1);
      const y = y1 + ((row + 0.5) / GRID) * (y2 - y1);
      if (!before.some((box) => x > box[0] && x < box[2] && y > box[1] && y < box[3])) seen++;
    }
  }
  return seen / GRID ** 2;
}

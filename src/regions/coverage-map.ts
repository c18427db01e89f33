/** When each part of a picture was last in a region, on a coarse grid. */
import type { Region } from '../frame/region.js';
import type { Box, Size } from '../geometry/box.js';

/** Cells along each side: an eighth of a region and smaller. */
const CELLS = 32;

export class CoverageMap {
  readonly #at = new Float64Array(CELLS * CELLS).fill(Number.NEGATIVE_INFINITY);

  /** A region was inferred. */
  cover({ left, top, width, height }: Region, frame: Size, at: number): void {
    const cell = (pixel: number, side: number) => Math.min(CELLS, Math.round((CELLS * pixel) / side));
    const [x1, x2] = [cell(left, frame.width), cell(left + width, frame.width)];
    const [y1, y2] = [cell(top, frame.height), cell(top + height, frame.height)];
    for (let y = y1; y < y2; y++) this.#at.fill(at, y * CELLS + x1, y * CELLS + x2);
  }

  /** When the middle of a box was last in a region, -Infinity where it never was. */
  coveredAt([x1, y1, x2, y2]: Box, frame: Size): number {
    const cell = (pixel: number, side: number) =>
      Math.max(0, Math.min(CELLS - 1, Math.floor((CELLS * pixel) / side)));
    const column = cell((x1 + x2) / 2, frame.width);
    const row = cell((y1 + y2) / 2, frame.height);
    return this.#at[row * CELLS + column] as number;
  }
}

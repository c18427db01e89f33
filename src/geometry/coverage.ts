/** Which pixels of a picture show something of an area. */
import type { Point, Size } from './box.js';
import type { Polygon } from './zones.js';

/**
 * How far beyond an area its pixels reach, in pixels: a picture that was made smaller mixes neighbours at the edge.
 */
const MARGIN = 1;

/**
 * A byte for each pixel, row by row: 1 where it shows anything of one of the areas, or lies beside such a pixel. Even-odd rule.
 * @param source The picture that corners in pixels are measured in.
 * @param shown The picture that is covered: the same one, of this size.
 */
export function coverage(areas: readonly Polygon[], source: Size, shown: Size): Uint8Array {
  const covered = new Uint8Array(shown.width * shown.height);
  const cover = (row: number, from: number, to: number) => {
    if (row < 0 || row >= shown.height) return;
    const begin = Math.max(0, Math.min(from, shown.width));
    const end = Math.max(begin, Math.min(to, shown.width));
    covered.fill(1, row * shown.width + begin, row * shown.width + end);
  };
  for (const { corners, unit } of areas) {
    const unitSize = unit === 'share' ? { width: 1, height: 1 } : source;
    const x = shown.width / unitSize.width;
    const y = shown.height / unitSize.height;
    const scaled = corners.map((corner) => ({ x: corner.x * x, y: corner.y * y }));
    const edges = scaled.map((corner, index) => [scaled.at(index - 1) as Point, corner] as const);
    for (let row = 0; row < shown.height; row++) coverInside(edges, row, cover);
    for (const edge of edges) coverEdge(edge, shown, cover);
  }
  return covered;
}

type Edge = readonly [Point, Point];
/** Covers the pixels from..to, without the last one, of a row. */
type Cover = (row: number, from: number, to: number) => void;

/** The pixels whose middle is inside. */
function coverInside(edges: readonly Edge[], row: number, cover: Cover): void {
  const y = row + 0.5;
  const crossings = edges
    .filter(([a, b]) => a.y > y !== b.y > y)
    .map(([a, b]) => a.x + ((b.x - a.x) * (y - a.y)) / (b.y - a.y))
    .sort((one, other) => one - other);
  for (let index = 0; index + 1 < crossings.length; index += 2) {
    const [from, to] = [crossings[index] as number, crossings[index + 1] as number];
    cover(row, Math.ceil(from - 0.5), Math.ceil(to - 0.5));
  }
}

/** The pixels that the edge goes through, and those beside them. */
function coverEdge([a, b]: Edge, { height }: Size, cover: Cover): void {
  const [top, bottom] = a.y <= b.y ? [a, b] : [b, a];
  const first = Math.max(0, Math.floor(top.y - MARGIN));
  const last = Math.min(height, Math.ceil(bottom.y + MARGIN)) - 1;
  const xAt = (y: number) => {
    if (bottom.y === top.y) return top.x;
    const share = Math.max(0, Math.min(1, (y - top.y) / (bottom.y - top.y)));
    return top.x + share * (bottom.x - top.x);
  };
  for (let row = first; row <= last; row++) {
    const ends = top.y === bottom.y ? [top.x, bottom.x] : [xAt(row - MARGIN), xAt(row + 1 + MARGIN)];
    cover(row, Math.floor(Math.min(...ends) - MARGIN), Math.ceil(Math.max(...ends) + MARGIN));
  }
}

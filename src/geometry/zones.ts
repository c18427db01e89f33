/** Named areas of a camera's picture, and whether a point is in one. */
import type { Point, Size } from './box.js';

export interface Polygon {
  /** At least three corners. The last one is joined to the first. */
  corners: readonly Point[];
  /** What the corners are measured in: 0..1 of width and height, or pixels of the camera's picture. */
  unit: 'share' | 'pixel';
}

export interface Zone {
  name: string;
  polygon: Polygon;
  /** Seconds that an object must stay before it counts as being there. */
  dwell: number;
  /** Labels of the objects that count as being there; absent: all. */
  labels?: readonly string[];
}

/** Whether objects of a label count as being in the zone. */
export function admits({ labels }: Zone, label: string): boolean {
  return labels?.includes(label) ?? true;
}

/**
 * Whether a point, in pixels of a picture of that size, is inside. Even-odd rule. What is cut off by the lower or right edge
 * of the picture ends on its last pixel, so that an area which reaches the edge has it.
 */
export function contains({ corners, unit }: Polygon, point: Point, { width, height }: Size): boolean {
  const inner = { x: Math.min(point.x, width - 0.5), y: Math.min(point.y, height - 0.5) };
  const x = unit === 'share' ? inner.x / width : inner.x;
  const y = unit === 'share' ? inner.y / height : inner.y;
  let inside = false;
  let before = corners.at(-1) as Point;
  for (const corner of corners) {
    const crosses = corner.y > y !== before.y > y;
    if (crosses && x < ((before.x - corner.x) * (y - corner.y)) / (before.y - corner.y) + corner.x) {
      inside = !inside;
    }
    before = corner;
  }
  return inside;
}

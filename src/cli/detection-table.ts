/** Detections for people. */
import type { Detection } from '../detect/detection.js';
import type { Box, Size } from '../geometry/box.js';
import type { CloserLook } from './closer-look.js';

/** A line for the image, of this size in pixels, one for each detection, and one for each region that was inferred beside the whole. */
export function printTable(
  image: string,
  { width, height }: Size,
  detections: readonly (Detection & { note?: string })[],
  closer?: Pick<CloserLook, 'regions'>,
): void {
  console.log(`${image} (${width} x ${height})`);
  if (detections.length === 0) console.log('  nothing found');
  const corners = (box: Box) => box.map((corner) => corner.toFixed(1).padStart(7)).join(' ');
  for (const { label, score, box, note } of detections) {
    console.log(`  ${label.padEnd(12)} ${score.toFixed(3)}  ${corners(box)}  ${note ?? ''}`.trimEnd());
  }
  if (closer?.regions.length === 0) console.log('  no region: the whole picture shows as much');
  for (const { box } of closer?.regions ?? []) console.log(`  region              ${corners(box)}`);
}

/** Detections for people. */
import type { Detection } from '../detect/detection.js';
import type { Size } from '../geometry/box.js';

/** A line for the image, of this size in pixels, and one for each detection. */
export function printTable(image: string, { width, height }: Size, detections: readonly Detection[]): void {
  console.log(`${image} (${width} x ${height})`);
  if (detections.length === 0) console.log('  nothing found');
  for (const { label, score, box } of detections) {
    const corners = box.map((corner) => corner.toFixed(1).padStart(7)).join(' ');
    console.log(`  ${label.padEnd(12)} ${score.toFixed(3)}  ${corners}`);
  }
}

/** How much garbage may lie on V8's heap before all of it is searched. */
import { setFlagsFromString } from 'node:v8';

/**
 * What a camera may leave, in percent of a heap of 17 MB. A busy one at five frames a second leaves 22 kB a second that V8 takes for old: with
 * this all of the heap is searched once in a bit more than a minute with three cameras as with twenty.
 */
const PERCENT_PER_CAMERA = 10;
/** V8's own measure, which is by how fast the heap grows, is about as much for this many. */
const FEW_CAMERAS = 2;
/** The heap has no more than three times of what is in use. */
const MOST_PERCENT = 200;

/** To be called again when there are more cameras, or fewer. */
export function allowGarbage(cameras: number): void {
  const percent = cameras > FEW_CAMERAS ? Math.min(MOST_PERCENT, PERCENT_PER_CAMERA * cameras) : 0;
  // Read at each collection; 0 leaves it to V8.
  setFlagsFromString(`--heap-growing-percent=${percent}`);
}

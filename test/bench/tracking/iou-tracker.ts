/**
 * The simplest tracker worth the name, to compare with: a detection belongs to the track whose last box it overlaps most
 * (Bochinski et al., "High-Speed Tracking-by-Detection Without Using Image Information", AVSS 2017), with the
 * memory and the three sightings for a confirmation that ours has.
 */

import type { Detection } from '../../../src/detect/detection.js';
import { type Box, iou } from '../../../src/geometry/box.js';
import type { Labelled } from './metrics.js';

const OVERLAP = 0.3;
const MEMORY_MS = 2500;
const SIGHTINGS = 3;

export class IouTracker {
  #tracks: { id: number; box: Box; at: number; sightings: number }[] = [];
  #count = 0;

  /** The confirmed tracks that are in the frame. */
  update(detections: readonly Detection[], at: number): Labelled[] {
    this.#tracks = this.#tracks.filter((track) => at - track.at <= MEMORY_MS);
    const free = new Set(this.#tracks);
    const seen: Labelled[] = [];
    for (const { box } of [...detections].sort((a, b) => b.score - a.score)) {
      const [best] = [...free].sort((a, b) => iou(b.box, box) - iou(a.box, box));
      if (best === undefined || iou(best.box, box) < OVERLAP) {
        this.#tracks.push({ id: this.#count++, box, at, sightings: 1 });
        continue;
      }
      free.delete(best);
      Object.assign(best, { box, at, sightings: best.sightings + 1 });
      if (best.sightings >= SIGHTINGS) seen.push({ id: best.id, box });
    }
    return seen;
  }
}

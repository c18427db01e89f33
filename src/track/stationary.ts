/** Distinguishes stationary objects from moving ones by whether a box stays where it was. */
import { type Box, iou } from '../geometry/box.js';

/** Overlap with the place of rest below which a box has left it. */
const STAYS = 0.6;
/** A single misplaced box, as when somebody walks by in front, is no departure. */
const DEPARTURES = 3;

export class StationaryPlace {
  #place: Box;
  #since: number;
  #strikes = 0;

  constructor(box: Box, at: number) {
    this.#place = box;
    this.#since = at;
  }

  /** Since when it has been in its place, in ms. */
  get since(): number {
    return this.#since;
  }

  /** @param box Smoothed, in pixels. */
  observe(box: Box, at: number): void {
    this.#strikes = iou(this.#place, box) < STAYS ? this.#strikes + 1 : 0;
    if (this.#strikes < DEPARTURES) return;
    this.#place = box;
    this.#since = at;
    this.#strikes = 0;
  }
}

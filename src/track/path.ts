/** A summary of an object's way: few points, whatever its length. */
import type { Point } from '../geometry/box.js';
import type { PathPoint } from './types.js';

/** Length from which every second point is left out. */
const MAX_POINTS = 32;
/** The first distance between points, in object sizes. It doubles with each thinning. */
const FIRST_STEP = 0.25;

export class PathSummary {
  #points: PathPoint[] = [];
  #step = FIRST_STEP;

  /** The first point, those in between, oldest first. */
  get points(): readonly PathPoint[] {
    return this.#points;
  }

  /** @param size Of the object, in pixels. */
  observe({ x, y }: Point, size: number, at: number): void {
    const last = this.#points.at(-1);
    if (last !== undefined && Math.hypot(x - last.x, y - last.y) < this.#step * size) return;
    this.#points.push({ at, x, y });
    if (this.#points.length < MAX_POINTS) return;
    this.#points = this.#points.filter((_, index) => index % 2 === 0);
    this.#step *= 2;
  }
}

/**
 * Which part of a camera's picture the next inference is of: the whole, or a region that shows what moves, or where it should be by now,
 * larger than the whole does. Knows nothing of pixels or clocks: the same calls give the same plan.
 */
import type { InputShape } from '../frame/input-shape.js';
import type { Region } from '../frame/region.js';
import { type Box, grow, isCentredIn, type Size, within } from '../geometry/box.js';
import { CoverageMap } from './coverage-map.js';
import { RegionSearch, type Wanted, worthOfWhole } from './search.js';

/** The whole picture is inferred so often at least, in ms, while there is anything to infer. */
const WHOLE_INTERVAL_MS = 1000;
/** Either kind of inference is due when the last one is so old, in ms. */
const EITHER_INTERVAL_MS = 90;
/** At intervals of this or less, in ms, frames come so fast, 19 a second, that the kinds take turns: otherwise one frame has both. */
const TURNS_INTERVAL_MS = 54;
/** What a place has around it in a region, in shares of its own side and in pixels of the frame. */
const MARGIN = 0.15;
const LEAST_MARGIN = 8;
/** An object is worth its uncertainty, in sizes of its own, and no more than this: from there on nobody knows where it is. */
const MOST_UNCERTAIN = 2;
/** What an object is worth that was looked for and not found, compared with another one: most of those are gone. */
const MISSED_WORTH = 0.3;
/** What a change of the picture where no object is known is worth that has waited for so many milliseconds. */
const MOTION_WORTH = 0.3;
const MOTION_WAIT_MS = 400;
/** From so many milliseconds on it does not matter how much longer a change has waited. */
const LONGEST_WAIT_MS = 4000;
/** An object that was cut off comes before everything else. */
const CUT_WORTH = 1000;
/** The most valuable of so many places are planned for. Where more change than that, the camera shakes or it snows: that says nothing. */
const MAX_PLACES = 16;

/** Where something is, or changed: in pixels of the frame for the planner, of the camera's picture for the scene. */
export interface Place {
  box: Box;
}

/** An object that is followed, at the place where it should be; its middle is in the picture. */
export interface FollowedPlace extends Place {
  /** By how much of its own size it may be elsewhere: the standard deviation of its place. */
  uncertainty: number;
  /** It was looked for last and not found. */
  missed: boolean;
}

/** What is known when a frame is to be inferred. */
export interface View {
  /** When it was captured, in ms of the monotonic clock. */
  at: number;
  frame: Size;
  /** Of the model's input. */
  shape: InputShape;
  motion: readonly Place[];
  /** Those that do not stand still, and those that were not found lately. */
  objects: readonly FollowedPlace[];
}

export class RegionPlanner {
  #wholeAt = Number.NEGATIVE_INFINITY;
  #regionAt = Number.NEGATIVE_INFINITY;
  #covered = new CoverageMap();
  #cut: readonly Box[] = [];
  /** Whether the kinds of inference take turns. */
  #takesTurns = false;
  readonly #search = new RegionSearch(MAX_PLACES);

  /** The region that is to be inferred; undefined: the whole picture. */
  plan(view: View): Region | undefined {
    this.#takesTurns = view.at - Math.max(this.#wholeAt, this.#regionAt) <= TURNS_INTERVAL_MS;
    const interval = this.#takesTurns ? EITHER_INTERVAL_MS : WHOLE_INTERVAL_MS;
    if (view.at - this.#wholeAt >= interval) return undefined;
    const wanted = this.#wanted(view);
    return this.#search.best(wanted, view, worthOfWhole(wanted, view));
  }

  /**
   * What of the same frame is worth a second inference: beside a region the whole picture, beside that the region that is worth most;
   * undefined: nothing, or the kinds take turns.
   * @param first What the first one was of; undefined: the whole picture.
   */
  beside(view: View, first?: Region): { region: Region | undefined } | undefined {
    const before = first === undefined ? this.#regionAt : this.#wholeAt;
    if (this.#takesTurns || view.at - before < EITHER_INTERVAL_MS) return undefined;
    if (first !== undefined) return { region: undefined };
    const region = this.#search.best(this.#wanted(view), view, 0);
    return region && { region };
  }

  /** A plan is carried out. @param region Undefined: the whole picture. */
  inferred(region: Region | undefined, { at, frame }: Pick<View, 'at' | 'frame'>): void {
    if (region === undefined) this.#wholeAt = at;
    else {
      this.#regionAt = at;
      this.#covered.cover(region, frame, at);
    }
    this.#cut = [];
  }

  /** The next inference is to show these boxes, in pixels of the frame: the inner border of a region may have cut them off. */
  ask(cut: readonly Box[]): void {
    this.#cut = cut;
  }

  /** Nothing is known of the picture any more. */
  reset(): void {
    this.#wholeAt = Number.NEGATIVE_INFINITY;
    this.#regionAt = Number.NEGATIVE_INFINITY;
    this.#covered = new CoverageMap();
    this.#cut = [];
  }

  /** What waits to be inferred, that which is worth most first: an object the more, the less is known of where it is. */
  #wanted({ at, frame, motion, objects }: View): Wanted[] {
    const want = (box: Box, worth: number): Wanted => {
      const height = box[3] - box[1];
      const x = Math.max(LEAST_MARGIN, MARGIN * (box[2] - box[0]));
      const y = Math.max(LEAST_MARGIN, MARGIN * height);
      return { box: within(grow(box, x, y), frame), height, worth };
    };
    const unexplained = motion.filter(({ box }) => !objects.some((object) => isCentredIn(box, object.box)));
    const changes = unexplained.length > MAX_PLACES ? [] : unexplained;
    return [
      ...this.#cut.map((box) => want(box, CUT_WORTH)),
      ...objects.map(({ box, uncertainty, missed }) =>
        want(box, (missed ? MISSED_WORTH : 1) * Math.min(MOST_UNCERTAIN, uncertainty)),
      ),
      ...changes.map(({ box }) => {
        const waited = Math.min(LONGEST_WAIT_MS, at - this.#covered.coveredAt(box, frame));
        return want(box, MOTION_WORTH * Math.sqrt(waited / MOTION_WAIT_MS));
      }),
    ]
      .sort((a, b) => b.worth - a.worth)
      .slice(0, MAX_PLACES);
  }
}

/**
 * Which part of a camera's picture the next inference is of: the whole, or a region that shows what moves, or where it should be by now,
 * larger than the whole does. Knows nothing of pixels or clocks: the same calls give the same plan.
 */
import type { InputShape } from '../frame/input-shape.js';
import { type Region, regionAround } from '../frame/region.js';
import { type Box, grow, isCentredIn, type Size } from '../geometry/box.js';
import { CoverageMap } from './coverage-map.js';

/** The whole picture is inferred so often at least, in ms, while there is anything to infer. */
const WHOLE_INTERVAL_MS = 1000;
/** A region may be so many times as large as the model's input on each side, and shows things so many times smaller than the frame does. */
const SCALES = [1, 1.3, 1.6, 2];
/** … but must show them so many times larger than the whole picture does. */
const LEAST_GAIN = 1.3;
/** What a place has around it in a region, in shares of its own side and in pixels of the frame. */
const MARGIN = 0.15;
const LEAST_MARGIN = 8;
/** What has this height in the input is found as well as can be; what is lower, by so much worse, and not at all from here on. */
const ENOUGH_HEIGHT = 40;
const NO_HEIGHT = 8;
/** What a change of the picture where no object is known is worth, compared with an object. */
const MOTION_WORTH = 0.3;
/** From so many milliseconds on it does not matter how much longer a change has waited. */
const LONGEST_WAIT_MS = 4000;
/** An object that was cut off comes before everything else. */
const CUT_WORTH = 1000;
/** The most valuable of so many places are planned for. */
const MAX_PLACES = 16;

/** Where something is, or changed: in pixels of the frame for the planner, of the camera's picture for the scene. */
export interface Place {
  box: Box;
}

/** An object that is followed. */
export interface FollowedPlace extends Place {
  /** When it was found last, in ms of the monotonic clock. */
  seenAt: number;
}

/** What is known when a frame is to be inferred. */
export interface View {
  /** When it was captured, in ms of the monotonic clock. */
  at: number;
  frame: Size;
  /** Of the model's input. */
  shape: InputShape;
  motion: readonly Place[];
  /** Those that do not stand still, and those that were not found lately, where they should be. */
  objects: readonly FollowedPlace[];
}

/** Something that is better seen in a region. */
interface Wanted {
  /** With its margin, within the frame. */
  box: Box;
  /** Its own, without. */
  height: number;
  worth: number;
}

export class RegionPlanner {
  #wholeAt = Number.NEGATIVE_INFINITY;
  #covered = new CoverageMap();
  #cut: readonly Box[] = [];

  /** The region that is to be inferred; undefined: the whole picture. */
  plan(view: View): Region | undefined {
    if (view.at - this.#wholeAt >= WHOLE_INTERVAL_MS) return undefined;
    const wanted = this.#wanted(view);
    return bestRegion(wanted, view, worthOfWhole(wanted, view));
  }

  /**
   * What of the same frame is worth a second inference: beside a region the whole picture, beside that the region that is worth most;
   * undefined: nothing.
   * @param first What the first one was of; undefined: the whole picture.
   */
  beside(view: View, first?: Region): { region: Region | undefined } | undefined {
    if (first !== undefined) return { region: undefined };
    const region = bestRegion(this.#wanted(view), view, 0);
    return region && { region };
  }

  /** A plan is carried out. @param region Undefined: the whole picture. */
  inferred(region: Region | undefined, { at, frame }: Pick<View, 'at' | 'frame'>): void {
    if (region === undefined) this.#wholeAt = at;
    else this.#covered.cover(region, frame, at);
    this.#cut = [];
  }

  /** The next inference is to show these boxes, in pixels of the frame: the inner border of a region may have cut them off. */
  ask(cut: readonly Box[]): void {
    this.#cut = cut;
  }

  /** Nothing is known of the picture any more. */
  reset(): void {
    this.#wholeAt = Number.NEGATIVE_INFINITY;
    this.#covered = new CoverageMap();
    this.#cut = [];
  }

  /** What waits to be inferred, that which is worth most first. An object is worth the more the longer it was not found. */
  #wanted({ at, frame, motion, objects }: View): Wanted[] {
    const want = (box: Box, worth: number): Wanted => {
      const [width, height] = [box[2] - box[0], box[3] - box[1]];
      const around = grow(
        box,
        Math.max(LEAST_MARGIN, MARGIN * width),
        Math.max(LEAST_MARGIN, MARGIN * height),
      );
      return { box: within(around, frame), height, worth };
    };
    const unexplained = motion.filter(({ box }) => !objects.some((object) => isCentredIn(box, object.box)));
    return [
      ...this.#cut.map((box) => want(box, CUT_WORTH)),
      ...objects.map(({ box, seenAt }) => want(box, Math.sqrt(Math.max(0, at - seenAt)))),
      ...unexplained.map(({ box }) => {
        const waited = Math.min(LONGEST_WAIT_MS, at - this.#covered.coveredAt(box, frame));
        return want(box, MOTION_WORTH * Math.sqrt(waited));
      }),
    ]
      .sort((a, b) => b.worth - a.worth)
      .slice(0, MAX_PLACES);
  }
}

/** How well something of this height in pixels of the input is found, 0..1. */
const quality = (height: number) =>
  Math.max(0, Math.min(1, (height - NO_HEIGHT) / (ENOUGH_HEIGHT - NO_HEIGHT)));

/** How many pixels of the frame are one of the input, when the whole picture is inferred. */
const wholeScale = ({ frame, shape }: View) =>
  Math.max(frame.width / shape.width, frame.height / shape.height);

function worthOfWhole(wanted: readonly Wanted[], view: View): number {
  const scale = wholeScale(view);
  return wanted.reduce((sum, { height, worth }) => sum + worth * quality(height / scale), 0);
}

/** The region of which what lies in it is worth most, and more than `least`; undefined: there is none. */
function bestRegion(wanted: readonly Wanted[], view: View, least: number): Region | undefined {
  const { frame, shape } = view;
  let most = least;
  let best: Region | undefined;
  for (const scale of SCALES) {
    const size = { width: shape.width * scale, height: shape.height * scale };
    // Not even a region of the frame's own pixels, or one that is larger than the frame on a side, would show more.
    if (scale * LEAST_GAIN > wholeScale(view) || size.width > frame.width || size.height > frame.height)
      break;
    for (const { box } of wanted) {
      for (const window of windowsWith(box, size, frame)) {
        const worth = worthIn(window, wanted, scale);
        if (worth <= most) continue;
        most = worth;
        best = regionAround(window, size, frame);
      }
    }
  }
  return best;
}

function worthIn([x1, y1, x2, y2]: Box, wanted: readonly Wanted[], scale: number): number {
  let sum = 0;
  for (const { box, height, worth } of wanted) {
    if (box[0] >= x1 && box[1] >= y1 && box[2] <= x2 && box[3] <= y2) sum += worth * quality(height / scale);
  }
  return sum;
}

/** Parts of the frame with the box in their middle, at an edge or in a corner; none where it does not fit in. */
function* windowsWith([x1, y1, x2, y2]: Box, { width, height }: Size, frame: Size): Generator<Box> {
  if (x2 - x1 > width || y2 - y1 > height) return;
  for (const x of [(x1 + x2 - width) / 2, x1, x2 - width]) {
    for (const y of [(y1 + y2 - height) / 2, y1, y2 - height]) {
      const left = Math.max(0, Math.min(frame.width - width, x));
      const top = Math.max(0, Math.min(frame.height - height, y));
      yield [left, top, left + width, top + height];
    }
  }
}

function within([x1, y1, x2, y2]: Box, { width, height }: Size): Box {
  return [Math.max(0, x1), Math.max(0, y1), Math.min(width, x2), Math.min(height, y2)];
}

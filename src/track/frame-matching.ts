/**
 * Which detection of a frame is of which track, by where and how large a box is and by how it looks.
 *
 * Boxes are grown by the uncertainty of the prediction before their overlap is taken (buffered IoU, Yang et al., "Hard to Track Objects with
 * Irregular Motions and Similar Appearances?", WACV 2023, arXiv:2211.14317): a walker seen for the first time moves by more than his own
 * width until the next frame. Who was missed may have stopped or turned round, so he may also be where he was seen last, if he looks like
 * it (observation-centric recovery, Cao et al., "Observation-Centric SORT", CVPR 2023, arXiv:2203.14360).
 */
import type { Detection } from '../detect/detection.js';
import { grownIou, iou, isInPicture, type Size } from '../geometry/box.js';
import { type Appearance, similarity } from './appearance.js';
import { assign } from './assignment.js';
import type { Prediction } from './kalman.js';
import type { Track } from './track.js';

/** Boxes grow by at most this share of their size, or everything would overlap with everything. */
const MAX_GROWTH = 0.7;
/** From this similarity on a pair is as good as its overlap says … */
const ALIKE = 0.75;
/** … which may then be smaller by so much; below it must be larger, but light and shade alone separate nobody from his own place. */
const EASIER = 1.2;
const LEAST_ALIKE = 0.25;
/** The power of the similarity with which the place where an object was seen last counts: others who pass there are not taken for it. */
const RECOVERY = 3;
/** A box that overlaps another one by more than this may show somebody else. */
const ALONE = 0.25;
/** The cost of a pair that is not to be: those that may be cost 1 at most. */
const NEVER = 2;

/** What else is known of a frame than what was detected. */
export interface FrameKnowledge {
  /** What is seen in a detection's box; default: nothing, places alone count. */
  appearanceOf?: (detection: Detection) => Appearance | undefined;
  /** In pixels; default: it has no edges. */
  picture?: Size;
}

/** Where a track should be, and how far beside that it is looked for. */
interface Expected extends Prediction {
  /** By how much boxes grow, in pixels. */
  x: number;
  y: number;
  /** Whether it was missed, and so may still be where it was seen last. */
  mayHaveStopped: boolean;
}

/** The matching of one frame: each stage takes what the ones before left over. */
export class FrameMatching {
  readonly trackOf: (Track | undefined)[];
  readonly unmatched: Set<Track>;
  readonly #detections: readonly Detection[];
  readonly #thresholds: readonly number[];
  readonly #appearanceOf: (detection: Detection) => Appearance | undefined;
  readonly #at: number;
  readonly #expected = new Map<Track, Expected>();
  readonly #appearances = new Map<number, Appearance | undefined>();

  constructor(
    tracks: readonly Track[],
    detections: readonly Detection[],
    thresholds: readonly number[],
    { appearanceOf = () => undefined, picture }: FrameKnowledge,
    at: number,
  ) {
    this.trackOf = detections.map(() => undefined);
    this.unmatched = new Set(tracks);
    this.#detections = detections;
    this.#thresholds = thresholds;
    this.#appearanceOf = appearanceOf;
    this.#at = at;
    for (const track of tracks) this.#expected.set(track, expectedOf(track, at, picture));
  }

  /** @param buffered Whether boxes are grown by the uncertainty of the prediction. */
  match(
    eligible: (track: Track) => boolean,
    indices: readonly number[],
    overlap: number,
    buffered = true,
  ): void {
    const tracks = [...this.unmatched].filter(eligible);
    const free = indices.filter((index) => this.trackOf[index] === undefined);
    const cost = (row: number, column: number) =>
      this.#cost(tracks[row] as Track, free[column] as number, overlap, buffered);
    const columnOf = assign(tracks.length, free.length, cost, 1);
    for (let row = 0; row < columnOf.length; row++) {
      const column = columnOf[row] as number;
      if (column < 0) continue;
      const track = tracks[row] as Track;
      const index = free[column] as number;
      const appearance = this.#isAlone(index) ? this.#appearance(index) : undefined;
      track.see(
        this.#detections[index] as Detection,
        this.#thresholds[index] as number,
        this.#at,
        appearance,
      );
      this.trackOf[index] = track;
      this.unmatched.delete(track);
    }
  }

  /** Where a track should be. */
  expected(track: Track): Prediction {
    return this.#expected.get(track) as Prediction;
  }

  /** The cost of a pair, 0..1, or that it is not to be: its overlap is less than `least`, or it is of two classes. */
  #cost(track: Track, index: number, least: number, buffered: boolean): number {
    const { classId, box } = this.#detections[index] as Detection;
    if (track.classId !== classId) return NEVER;
    const { box: expected, x, y, mayHaveStopped } = this.#expected.get(track) as Expected;
    const there = buffered ? grownIou(expected, box, x, y) : iou(expected, box);
    const before = buffered && mayHaveStopped ? grownIou(track.detection.box, box, x, y) : 0;
    if (there === 0 && before === 0) return NEVER;
    const alike = this.#alike(track, index);
    if (alike === undefined) return there < least ? NEVER : 1 - there;
    const overlap = Math.max(there, alike ** RECOVERY * before);
    const enough = EASIER * Math.min(1, alike / ALIKE) * overlap >= least;
    return enough ? 1 - alike * overlap : NEVER;
  }

  /** How alike a track and a detection look; undefined: of one of them it is not known. */
  #alike({ appearance: known }: Track, index: number): number | undefined {
    if (known === undefined) return undefined;
    const seen = this.#appearance(index);
    return seen && Math.max(LEAST_ALIKE, similarity(known, seen));
  }

  #appearance(index: number): Appearance | undefined {
    if (!this.#appearances.has(index)) {
      this.#appearances.set(index, this.#appearanceOf(this.#detections[index] as Detection));
    }
    return this.#appearances.get(index);
  }

  #isAlone(index: number): boolean {
    const { box } = this.#detections[index] as Detection;
    return !this.#detections.some((other, at) => at !== index && iou(other.box, box) > ALONE);
  }
}

/** @param picture Its size in pixels; undefined: it has no edges. */
function expectedOf(track: Track, at: number, picture: Size | undefined): Expected {
  const { box, sigmaX, sigmaY } = track.predict(at);
  const limit = MAX_GROWTH * Math.sqrt((box[2] - box[0]) * (box[3] - box[1]));
  // Who should have left the picture is not who comes in where he left it.
  const mayHaveStopped = !track.visible && (picture === undefined || isInPicture(box, picture));
  return { box, sigmaX, sigmaY, x: Math.min(sigmaX, limit), y: Math.min(sigmaY, limit), mayHaveStopped };
}

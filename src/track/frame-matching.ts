/**
 * Which detection of a frame is of which track, by where and how large a box is and by how it looks.
 *
 * Boxes are grown by the uncertainty of the prediction before their overlap is taken (buffered IoU, Yang et al., "Hard to Track Objects with
 * Irregular Motions and Similar Appearances?", WACV 2023, arXiv:2211.14317): a walker seen for the first time moves by more than his own
 * width until the next frame. Who was missed may have stopped or turned round, so he may also be where he was seen last, if he looks like
 * it (observation-centric recovery, Cao et al., "Observation-Centric SORT", CVPR 2023, arXiv:2203.14360).
 */
import type { Detection } from '../detect/detection.js';
import { type Box, grow, iou, isInPicture, type Size } from '../geometry/box.js';
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

/** The matching of one frame: each stage takes what the ones before left over. */
export class FrameMatching {
  readonly trackOf: (Track | undefined)[];
  readonly unmatched: Set<Track>;
  readonly #detections: readonly Detection[];
  readonly #thresholds: readonly number[];
  readonly #appearanceOf: (detection: Detection) => Appearance | undefined;
  readonly #picture: Size | undefined;
  readonly #at: number;
  readonly #predictions = new Map<Track, Prediction>();
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
    this.#picture = picture;
    this.#at = at;
    for (const track of tracks) this.#predictions.set(track, track.predict(at));
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
    for (const [row, column] of assign(tracks.length, free.length, cost, 1).entries()) {
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
    return this.#predictions.get(track) as Prediction;
  }

  /** The cost of a pair, 0..1, or that it is not to be: its overlap is less than `least`, or it is of two classes. */
  #cost(track: Track, index: number, least: number, buffered: boolean): number {
    const { classId, box } = this.#detections[index] as Detection;
    if (track.classId !== classId) return NEVER;
    const [there, before] = this.#overlaps(track, box, buffered);
    if (there === 0 && before === 0) return NEVER;
    const alike = this.#alike(track, index);
    if (alike === undefined) return there < least ? NEVER : 1 - there;
    const overlap = Math.max(there, alike ** RECOVERY * before);
    const enough = EASIER * Math.min(1, alike / ALIKE) * overlap >= least;
    return enough ? 1 - alike * overlap : NEVER;
  }

  /** IoU, buffered or not, of a box with where the track should be, and with where it was seen last, if it was missed since. */
  #overlaps(track: Track, box: Box, buffered: boolean): [there: number, before: number] {
    const { box: expected, sigmaX, sigmaY } = this.expected(track);
    if (!buffered) return [iou(expected, box), 0];
    const limit = MAX_GROWTH * Math.sqrt((expected[2] - expected[0]) * (expected[3] - expected[1]));
    const x = Math.min(sigmaX, limit);
    const y = Math.min(sigmaY, limit);
    const grown = grow(box, x, y);
    // Who should have left the picture is not who comes in where he left it.
    const mayHaveStopped =
      !track.visible && (this.#picture === undefined || isInPicture(expected, this.#picture));
    const before = mayHaveStopped ? iou(grow(track.detection.box, x, y), grown) : 0;
    return [iou(grow(expected, x, y), grown), before];
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

/**
 * Follows objects from frame to frame: ByteTrack's association in two stages (Zhang et al., "ByteTrack: Multi-Object
 * Tracking by Associating Every Detection Box", ECCV 2022, arXiv:2110.06864). Detections that are good enough to be
 * reported are matched first; what then is still unmatched may be kept alive by a detection of a lower score, since an
 * object half hidden is seen badly rather than not at all. Only a good detection begins a track. Other than there, who was just missed may be
 * found again by such a detection, where it is exactly in its place.
 *
 * Two things differ more, both because an edge device infers 2 to 10 frames a second and at uneven intervals: time is in seconds
 * (see kalman.ts), and boxes are grown by the uncertainty of the prediction before their overlap is taken (buffered IoU,
 * Yang et al., "Hard to Track Objects with Irregular Motions and Similar Appearances?", WACV 2023, arXiv:2211.14317): a
 * walker seen for the first time moves by more than his own width until the next frame.
 */
import type { Detection } from '../detect/detection.js';
import { grow, iou } from '../geometry/box.js';
import { assign } from './assignment.js';
import type { TrackIds } from './ids.js';
import type { Prediction } from './kalman.js';
import { Track } from './track.js';

/** The least overlap of a pair: of good detections, of weak ones, and of tracks that are not believed yet. */
const GOOD_OVERLAP = 0.2;
const WEAK_OVERLAP = 0.4;
const TENTATIVE_OVERLAP = 0.3;
/** … and of weak ones with what was missed for no longer than so many milliseconds, boxes as they are. */
const MISSED_OVERLAP = 0.5;
const MISSED_MS = 1000;
/** Boxes grow by at most this share of their size, or everything would overlap with everything. */
const MAX_GROWTH = 0.7;
/** More objects than any scene has; beyond it the ones longest out of sight are given up. */
const MAX_TRACKS = 256;
/** Of so many of the newest frames the two closest ones show how often frames come: a gap in the stream is no habit. */
const RECENT_FRAMES = 4;

export interface TrackerUpdate {
  /** The track of each detection, in their order; undefined where it belongs to none. */
  tracks: (Track | undefined)[];
  /** Tracks that ended, confirmed or not. */
  removed: Track[];
}

export class Tracker {
  readonly #ids: TrackIds;
  #tracks: Track[] = [];
  #at = Number.NEGATIVE_INFINITY;
  /** Times between the newest frames, in ms. */
  #intervals: number[] = [];

  /** @param ids Shared by all cameras of a node. */
  constructor(ids: TrackIds) {
    this.#ids = ids;
  }

  /** All that are followed now, visible or not. */
  get tracks(): readonly Track[] {
    return this.#tracks;
  }

  /**
   * Takes in one frame.
   * @param detections Of one frame, weak ones included.
   * @param thresholdOf Score above which such a detection is good enough to be reported.
   * @param at When the frame was captured, in milliseconds of the monotonic clock.
   * @param checks Whether an inference was of an object's place, so that it is missed when it was not found; default: of every place.
   */
  update(
    detections: readonly Detection[],
    thresholdOf: (detection: Detection) => number,
    at: number,
    checks: (track: Track, expected: Prediction) => boolean = () => true,
  ): TrackerUpdate {
    const elapsed = at - this.#at;
    if (elapsed < Number.POSITIVE_INFINITY) {
      this.#intervals = [...this.#intervals, elapsed].slice(-RECENT_FRAMES);
    }
    const removed = this.expire(at);
    this.#at = at;

    const thresholds = detections.map(thresholdOf);
    const frame = new Frame(this.#tracks, detections, thresholds, at);
    const isGood = (index: number) => (detections[index] as Detection).score > (thresholds[index] as number);
    const good = [...detections.keys()].filter(isGood);
    const weak = [...detections.keys()].filter((index) => !isGood(index));
    const wasVisible = new Set(this.#tracks.filter(({ visible }) => visible));
    frame.match(({ confirmed }) => confirmed, good, GOOD_OVERLAP);
    frame.match((track) => track.confirmed && wasVisible.has(track), weak, WEAK_OVERLAP);
    const justMissed = (track: Track) => track.confirmed && track.missedMs(at) <= MISSED_MS;
    frame.match(justMissed, weak, MISSED_OVERLAP, false);
    frame.match(({ confirmed }) => !confirmed, good, TENTATIVE_OVERLAP);

    for (const track of frame.unmatched) {
      if (checks(track, frame.expected(track))) track.miss(elapsed);
      else track.pass(elapsed);
    }
    for (const index of good) {
      if (frame.trackOf[index] !== undefined) continue;
      const track = new Track(
        this.#ids.next(),
        detections[index] as Detection,
        thresholds[index] as number,
        at,
      );
      frame.trackOf[index] = track;
      this.#tracks.push(track);
    }
    const excess = this.#limit();
    const tracks = frame.trackOf.map((track) =>
      track === undefined || excess.includes(track) ? undefined : track,
    );
    return { tracks, removed: [...removed, ...excess] };
  }

  /** Gives up what has been out of sight for too long, also when no frames come; returns it. */
  expire(at: number): Track[] {
    const interval = this.#intervals.length === 0 ? 0 : Math.min(...this.#intervals);
    const [kept, removed] = split(this.#tracks, (track) => !track.forgotten(at, interval));
    this.#tracks = kept;
    return removed;
  }

  /** Gives up everything; returns it. */
  clear(): Track[] {
    const removed = this.#tracks;
    this.#tracks = [];
    return removed;
  }

  #limit(): Track[] {
    if (this.#tracks.length <= MAX_TRACKS) return [];
    const newestFirst = this.#tracks.sort((a, b) => b.lastSeenAt - a.lastSeenAt);
    return newestFirst.splice(MAX_TRACKS);
  }
}

/** The matching of one frame: each stage takes what the ones before left over. */
class Frame {
  readonly trackOf: (Track | undefined)[];
  readonly unmatched: Set<Track>;
  readonly #detections: readonly Detection[];
  readonly #thresholds: readonly number[];
  readonly #at: number;
  readonly #predictions = new Map<Track, Prediction>();

  constructor(
    tracks: readonly Track[],
    detections: readonly Detection[],
    thresholds: readonly number[],
    at: number,
  ) {
    this.trackOf = detections.map(() => undefined);
    this.unmatched = new Set(tracks);
    this.#detections = detections;
    this.#thresholds = thresholds;
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
      1 -
      this.#overlap(tracks[row] as Track, this.#detections[free[column] as number] as Detection, buffered);
    for (const [row, column] of assign(tracks.length, free.length, cost, 1 - overlap).entries()) {
      if (column < 0) continue;
      const track = tracks[row] as Track;
      const index = free[column] as number;
      track.see(this.#detections[index] as Detection, this.#thresholds[index] as number, this.#at);
      this.trackOf[index] = track;
      this.unmatched.delete(track);
    }
  }

  /** Where a track should be. */
  expected(track: Track): Prediction {
    return this.#predictions.get(track) as Prediction;
  }

  /** IoU, buffered or not, of where the track should be and the detection; 0 for another class. */
  #overlap(track: Track, { classId, box }: Detection, buffered: boolean): number {
    if (track.classId !== classId) return 0;
    const { box: expected, sigmaX, sigmaY } = this.expected(track);
    if (!buffered) return iou(expected, box);
    const limit = MAX_GROWTH * Math.sqrt((expected[2] - expected[0]) * (expected[3] - expected[1]));
    const x = Math.min(sigmaX, limit);
    const y = Math.min(sigmaY, limit);
    return iou(grow(expected, x, y), grow(box, x, y));
  }
}

function split<T>(items: readonly T[], keep: (item: T) => boolean): [kept: T[], dropped: T[]] {
  const kept: T[] = [];
  const dropped: T[] = [];
  for (const item of items) (keep(item) ? kept : dropped).push(item);
  return [kept, dropped];
}

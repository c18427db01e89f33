/**
 * Follows objects from frame to frame: ByteTrack's association in two stages (Zhang et al., "ByteTrack: Multi-Object
 * Tracking by Associating Every Detection Box", ECCV 2022, arXiv:2110.06864). Detections that are good enough to be
 * reported are matched first; what then is still unmatched may be kept alive by a detection of a lower score, since an
 * object half hidden is seen badly rather than not at all. Only a good detection begins a track. Other than there, who was just missed may be
 * found again by such a detection, where it is exactly in its place.
 *
 * Time is in seconds (see kalman.ts) and not in frames, since an edge device infers 2 to 10 of them a second and at uneven intervals; how
 * alike a pair is, is in frame-matching.ts.
 */
import type { Detection } from '../detect/detection.js';
import { type FrameKnowledge, FrameMatching } from './frame-matching.js';
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
/** More objects than any scene has; beyond it the ones longest out of sight are given up. */
const MAX_TRACKS = 256;
/** Of so many of the newest frames the two closest ones show how often frames come: a gap in the stream is no habit. */
const RECENT_FRAMES = 4;

export interface TrackerKnowledge extends FrameKnowledge {
  /** Whether an inference was of an object's place, so that it is missed when it was not found; default: of every place. */
  checks?: (track: Track, expected: Prediction) => boolean;
}

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
  readonly #intervals: number[] = [];

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
   */
  update(
    detections: readonly Detection[],
    thresholdOf: (detection: Detection, index: number) => number,
    at: number,
    { checks = () => true, ...known }: TrackerKnowledge = {},
  ): TrackerUpdate {
    const elapsed = at - this.#at;
    if (elapsed < Number.POSITIVE_INFINITY) {
      this.#intervals.push(elapsed);
      if (this.#intervals.length > RECENT_FRAMES) this.#intervals.shift();
    }
    const removed = this.expire(at);
    this.#at = at;

    const thresholds = detections.map(thresholdOf);
    const frame = new FrameMatching(this.#tracks, detections, thresholds, known, at);
    const good: number[] = [];
    const weak: number[] = [];
    for (const [index, { score }] of detections.entries()) {
      (score > (thresholds[index] as number) ? good : weak).push(index);
    }
    frame.match(({ confirmed }) => confirmed, good, GOOD_OVERLAP);
    // What is not matched yet is visible or not as in the frame before.
    frame.match((track) => track.confirmed && track.visible, weak, WEAK_OVERLAP);
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
    if (excess.length === 0) return { tracks: frame.trackOf, removed };
    const tracks = frame.trackOf.map((track) =>
      track === undefined || excess.includes(track) ? undefined : track,
    );
    return { tracks, removed: [...removed, ...excess] };
  }

  /** Gives up what has been out of sight for too long, also when no frames come; returns it. */
  expire(at: number): Track[] {
    const interval = this.#intervals.length === 0 ? 0 : Math.min(...this.#intervals);
    const removed = this.#tracks.filter((track) => track.forgotten(at, interval));
    if (removed.length > 0) this.#tracks = this.#tracks.filter((track) => !removed.includes(track));
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

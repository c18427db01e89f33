/** One object as it is followed from frame to frame. Times are milliseconds of the monotonic clock. */
import type { Detection } from '../detect/detection.js';
import { area } from '../geometry/box.js';
import { type Appearance, learn } from './appearance.js';
import { BoxFilter, type Prediction } from './kalman.js';
import { StationaryPlace } from './stationary.js';

/** An object is believed after this many sightings over at least this long, at 25 frames a second as at 2 … */
const CONFIRM_SIGHTINGS = 3;
const CONFIRM_MS = 250;
/** … and if it was seen in at least this share of the frames since the first one: noise flickers, objects do not. */
const CONFIRM_SHARE = 0.5;
/**
 * … and clearly: what is seldom just above the threshold is a post or a bush. Of the way from the threshold to a score of 1, the
 * share that the sightings' running mean must have gone, and the weight of a new sighting in it.
 */
const CONFIRM_MARGIN = 0.25;
const MARGIN_WEIGHT = 0.3;
/** What has not moved for so long is stationary. */
const STATIONARY_MS = 10_000;
/** How long an object that is out of sight is remembered: longer, the longer it had stood still. */
const MEMORY_MS = 2500;
const MEMORY_STATIONARY_MS = 300_000;
const MEMORY_PER_STATIONARY_TIME = 5;
/** A track that is not believed yet is given up sooner. */
const TENTATIVE_MEMORY_MS = 1200;
/** Where frames are seldom, memory is counted in them: an object may be missed in one or two. */
const MEMORY_FRAMES = 3;
const TENTATIVE_MEMORY_FRAMES = 2;
/**
 * A gap in the stream says nothing about what stood still before it: such an object ages by at most this much between two
 * frames, so a parked car is the same car afterwards.
 */
const MAX_AGEING_MS = 1000;
/** What stands still needs a moment to set off, and is not taken for what comes to stand beside it. */
const SETTING_OFF_MS = 500;

export class Track {
  readonly id: string;
  readonly label: string;
  readonly classId: number;
  readonly firstSeenAt: number;
  /** The newest sighting; where its box was not of a size that this object may have, with the one that it should have. */
  detection: Detection;
  lastSeenAt: number;
  /** Whether the newest sighting is of a region alone: the whole picture may show it too small. */
  foundInRegion = false;
  /** Believed to be an object; never taken back. */
  confirmed = false;
  #visible = true;
  #sightings = 1;
  #frames = 1;
  #margin: number;
  /** How long it has been out of sight, gaps in the stream left out. */
  #unseenMs = 0;
  #uncheckedMs = 0;
  #checked = true;
  #appearance: Appearance | undefined;
  readonly #filter: BoxFilter;
  readonly #place: StationaryPlace;

  /** @param threshold Score from which a detection of its class is reported. */
  constructor(id: string, detection: Detection, threshold: number, at: number) {
    this.id = id;
    this.label = detection.label;
    this.classId = detection.classId;
    this.detection = detection;
    this.firstSeenAt = at;
    this.lastSeenAt = at;
    this.#margin = marginOf(detection, threshold);
    this.#filter = new BoxFilter(detection.box, at);
    this.#place = new StationaryPlace(detection.box, at);
  }

  /** Whether it was found by the newest inference of its place. */
  get visible(): boolean {
    return this.#visible;
  }

  /** Nothing is known of its way yet. */
  get seenOnce(): boolean {
    return this.#sightings === 1;
  }

  get stationary(): boolean {
    return this.#stationaryMs >= STATIONARY_MS;
  }

  /** Where it should be now. What stands still stays where it is, however long it has been out of sight. */
  predict(at: number): Prediction {
    return this.#filter.predict(this.stationary ? Math.min(at, this.lastSeenAt + SETTING_OFF_MS) : at);
  }

  /** By how much of its own size it may be elsewhere: the standard deviation of its place, also of what stands still. */
  uncertaintyAt(at: number): number {
    const { box, sigmaX } = this.#filter.predict(at);
    return sigmaX / Math.sqrt(area(box));
  }

  /** What it looks like; undefined: it was not seen by itself yet. */
  get appearance(): Appearance | undefined {
    return this.#appearance;
  }

  /** @param appearance Of the detection's box; absent: it shows others as well. */
  see(detection: Detection, threshold: number, at: number, appearance?: Appearance): void {
    const usual = this.#filter.correct(detection.box, at);
    if (usual && appearance !== undefined) this.#learn(appearance);
    const { box } = this.#filter.predict(at);
    this.#place.observe(box, at);
    this.detection = usual ? detection : { ...detection, box };
    this.lastSeenAt = at;
    this.#visible = true;
    this.#unseenMs = 0;
    this.#uncheckedMs = 0;
    this.#checked = true;
    this.#frames += 1;
    this.#sightings += 1;
    this.#margin += MARGIN_WEIGHT * (marginOf(detection, threshold) - this.#margin);
    this.confirmed ||=
      this.#margin >= CONFIRM_MARGIN &&
      this.#sightings >= CONFIRM_SIGHTINGS &&
      at - this.firstSeenAt >= CONFIRM_MS &&
      this.#sightings >= CONFIRM_SHARE * this.#frames;
  }

  /** It was not in a frame that came `elapsed` ms after the one before. */
  miss(elapsed: number): void {
    this.#visible = false;
    this.#checked = true;
    this.#frames += 1;
    this.#unseenMs += Math.min(elapsed, MAX_AGEING_MS);
  }

  /** No inference of a frame that came `elapsed` ms after the one before was of its place: it is not known to be gone, and does not age. */
  pass(elapsed: number): void {
    this.#uncheckedMs += elapsed;
    this.#checked = false;
  }

  /** For how long it has not been found by inferences that could have found it, in ms. */
  missedMs(at: number): number {
    return at - this.lastSeenAt - this.#uncheckedMs;
  }

  /** For how long since it was found no inference could have found it, in ms. */
  get uncheckedMs(): number {
    return this.#uncheckedMs;
  }

  /** Whether the newest frame says anything of it: an inference was of its place. */
  get checked(): boolean {
    return this.#checked;
  }

  /**
   * Whether it has been out of sight for too long to be the same object when something is seen there again.
   * @param interval How soon after one another frames come, in ms.
   */
  forgotten(at: number, interval: number): boolean {
    const unseen = this.stationary ? this.#unseenMs : this.missedMs(at);
    return unseen > this.#memoryMs(interval);
  }

  #learn(appearance: Appearance): void {
    if (this.#appearance === undefined) this.#appearance = appearance;
    else learn(this.#appearance, appearance);
  }

  get #stationaryMs(): number {
    return this.lastSeenAt - this.#place.since;
  }

  #memoryMs(interval: number): number {
    if (!this.confirmed) return Math.max(TENTATIVE_MEMORY_MS, TENTATIVE_MEMORY_FRAMES * interval);
    const whenStationary = Math.min(MEMORY_STATIONARY_MS, MEMORY_PER_STATIONARY_TIME * this.#stationaryMs);
    return Math.max(MEMORY_MS, MEMORY_FRAMES * interval, whenStationary);
  }
}

function marginOf({ score }: Detection, threshold: number): number {
  return (score - threshold) / (1 - threshold);
}

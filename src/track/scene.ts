/** What one camera sees over time: detections become tracks and events. */

import type { Moment } from '../clock.js';
import type { Detection } from '../detect/detection.js';
import type { CapturedFrame } from '../frame/frame.js';
import { type Box, grow, iou, isInPicture, type Size, within } from '../geometry/box.js';
import { DetectionFilter, type LabelFilter } from '../geometry/filters.js';
import type { Mask } from '../geometry/masks.js';
import type { Zone } from '../geometry/zones.js';
import { combine, type Found, type Inference, isCut } from '../regions/inference.js';
import type { FollowedPlace } from '../regions/planner.js';
import type { Appearance } from './appearance.js';
import { EventMachine } from './events.js';
import type { TrackIds } from './ids.js';
import type { Prediction } from './kalman.js';
import type { Track } from './track.js';
import { Tracker } from './tracker.js';
import type { EventChange, PresentObject, TrackedDetection } from './types.js';

/**
 * How much lower than the reporting threshold a detection may be and still keep a known object alive. ByteTrack takes
 * everything above 0.1 where 0.6 is good; the shape of the scores depends on the model, so a share is used.
 */
const WEAK_SHARE = 0.4;

export interface SceneSettings {
  /** The camera's. */
  name: string;
  filters: readonly LabelFilter[];
  zones: readonly Zone[];
  masks: readonly Mask[];
}

/** What came of one frame. */
export interface Observation {
  /** The detections that are good enough to be reported; those of a believed object have its track id. */
  detections: (Detection | TrackedDetection)[];
  changes: EventChange[];
  /** Believed objects that were seen, but not well enough to be reported. */
  weak: TrackedDetection[];
  /** Objects that no inference of the frame could have found, as they were found last, where they should be in the picture. */
  elsewhere: (Detection | TrackedDetection)[];
  /** Boxes that the inner border of a region may have cut off, in pixels of the picture: they count as nothing. */
  cut: Box[];
}

/** The least overlap of an object's place and a box that was cut off, by which the object was not missed. */
const CUT_OVERLAP = 0.2;
/** What a region has found is not missing from an inference of the whole picture that shows it with less than these pixels of the input. */
const LEAST_HEIGHT = 33;
/** … unless no region has been of its place for so many milliseconds; where what moves would be is no longer known after that. */
const LONGEST_UNCHECKED_MS = { moving: 2000, stationary: 60_000 };
/** A region must have the place of an object with so much around it, in shares of its sides, to say that it is not there. */
const AROUND = 0.15;
/** After so many milliseconds without an inference that could have found it, an object is to be checked even if it stands still. */
const UNCHECKED_MS = 2000;

export class Scene {
  #filter: DetectionFilter;
  readonly #tracker: Tracker;
  readonly #events: EventMachine;

  /** @param ids Shared by all cameras of a node. */
  constructor({ name, filters, zones, masks }: SceneSettings, ids: TrackIds) {
    this.#filter = new DetectionFilter(filters, masks);
    this.#tracker = new Tracker(ids);
    this.#events = new EventMachine(name, zones);
  }

  /** Takes other settings; what is followed stays. */
  configure({ filters, zones, masks }: SceneSettings): void {
    this.#filter = new DetectionFilter(filters, masks);
    this.#events.setZones(zones);
  }

  /** Objects whose event has begun and not ended. */
  get present(): PresentObject[] {
    return this.#events.present();
  }

  /** Whether nothing is followed. */
  get empty(): boolean {
    return this.#tracker.tracks.length === 0;
  }

  /** Whether something that stood still was not seen in the newest frame. */
  get missing(): boolean {
    return this.#tracker.tracks.some(({ stationary, visible }) => stationary && !visible);
  }

  /** Whether something is followed that does not stand still. */
  get busy(): boolean {
    return this.#tracker.tracks.some(({ stationary }) => !stationary);
  }

  /** The objects that a region may be for, where they should be at a moment of the monotonic clock, in pixels of the picture. */
  followed(at: number): FollowedPlace[] {
    const places: FollowedPlace[] = [];
    for (const track of this.#tracker.tracks) {
      if (track.stationary && track.visible && at - track.lastSeenAt <= UNCHECKED_MS) continue;
      const uncertainty = track.uncertaintyAt(at);
      places.push({ box: track.predict(at).box, uncertainty, missed: !track.visible });
    }
    return places;
  }

  /**
   * Takes in what was found in a frame.
   * @param inferences Of this frame, with what the detector found above {@link weakThresholds}.
   * @param appearanceIn What a box in pixels of the picture shows; default: unknown.
   */
  observe(
    inferences: readonly Inference[],
    frame: Pick<CapturedFrame, 'capturedAt' | 'capturedAtMonotonic' | 'sourceWidth' | 'sourceHeight'>,
    appearanceIn: (box: Box) => Appearance | undefined = () => undefined,
  ): Observation {
    const size = { width: frame.sourceWidth, height: frame.sourceHeight };
    const at = { wall: frame.capturedAt, monotonic: frame.capturedAtMonotonic };
    const { found, cut } = combine(inferences, size);
    const kept = found.filter(({ detection }) => this.#filter.keeps(detection, size));
    const detections = kept.map(({ detection }) => detection);
    const thresholdOf = (_: Detection, index: number) => (kept[index] as Found).threshold;
    const checks = (track: Track, expected: Prediction) =>
      inferences.some((inference) => couldFind(inference, track, expected, size)) &&
      !cut.some((box) => iou(box, expected.box) > CUT_OVERLAP);
    const { tracks, removed } = this.#tracker.update(detections, thresholdOf, at.monotonic, {
      checks,
      appearanceOf: ({ box }) => appearanceIn(box),
      picture: size,
    });
    const reported: Observation['detections'] = [];
    const weak: TrackedDetection[] = [];
    const seen: Track[] = [];
    for (const [index, { detection, threshold, inRegionAlone }] of kept.entries()) {
      const isGood = detection.score > threshold;
      const track = tracks[index];
      if (track === undefined) {
        if (isGood) reported.push(detection);
        continue;
      }
      // A faint sighting in the whole picture does not say that the next one will be there too.
      if (inRegionAlone || isGood) track.foundInRegion = inRegionAlone;
      if (track.detection !== detection) track.detection = inPicture(track.detection, size) ?? detection;
      seen.push(track);
      if (!track.confirmed) {
        if (isGood) reported.push(track.detection);
      } else (isGood ? reported : weak).push(named(track, track.detection.box));
    }
    return {
      detections: reported,
      weak,
      changes: this.#events.observe(seen, removed, size, at),
      elsewhere: this.#elsewhere(at.monotonic, size),
      cut,
    };
  }

  #elsewhere(at: number, size: Size): Observation['elsewhere'] {
    const elsewhere: Observation['elsewhere'] = [];
    for (const track of this.#tracker.tracks) {
      if (!track.visible || track.checked || track.seenOnce) continue;
      const box = within(track.predict(at).box, size);
      elsewhere.push(track.confirmed ? named(track, box) : { ...track.detection, box });
    }
    return elsewhere;
  }

  /** Ends what has been out of sight for too long; for when no frames come. */
  expire(now: Moment): EventChange[] {
    return this.#events.end(this.#tracker.expire(now.monotonic), now);
  }

  /** Ends everything. */
  finish(now: Moment): EventChange[] {
    return this.#events.end(this.#tracker.clear(), now);
  }
}

/**
 * Whether an inference would have found an object if it were still there. Of the whole picture it would, unless the object is so small in it
 * that it took a region to find it; of a region, if that had all of the object's place, and the object does not stand still: what was found
 * in the whole picture is checked there. Who should have left the picture is not in it, whatever is inferred.
 */
function couldFind(
  { region, scale }: Inference,
  { stationary, foundInRegion, uncheckedMs }: Track,
  { box }: Prediction,
  size: Size,
): boolean {
  if (!isInPicture(box, size)) return true;
  const [width, height] = [box[2] - box[0], box[3] - box[1]];
  if (region === undefined) {
    const longest = LONGEST_UNCHECKED_MS[stationary ? 'stationary' : 'moving'];
    return !foundInRegion || height * scale >= LEAST_HEIGHT || uncheckedMs >= longest;
  }
  if (stationary && !foundInRegion) return false;
  return !isCut(grow(box, AROUND * width, AROUND * height), region, size);
}

/** The newest sighting of a believed object, with a box of its own. */
function named({ id, label, classId, detection }: Track, box: Box): TrackedDetection {
  return { label, classId, score: detection.score, box, trackId: id };
}

/** What of a detection is within the picture; undefined: its middle is not. */
function inPicture(detection: Detection, size: Size): Detection | undefined {
  if (!isInPicture(detection.box, size)) return undefined;
  return { ...detection, box: within(detection.box, size) };
}

/** The thresholds that the detector is asked with, so that weak detections of known objects are there too. */
export function weakThresholds(thresholds: Float32Array): Float32Array {
  // Above 1 means: never this class.
  return thresholds.map((threshold) => (threshold > 1 ? threshold : threshold * WEAK_SHARE));
}

/** What one camera sees over time: detections become tracks and events. */

import type { Moment } from '../clock.js';
import type { Detection } from '../detect/detection.js';
import type { CapturedFrame } from '../frame/frame.js';
import { DetectionFilter, type LabelFilter } from '../geometry/filters.js';
import type { Mask } from '../geometry/masks.js';
import type { Zone } from '../geometry/zones.js';
import { EventMachine } from './events.js';
import type { TrackIds } from './ids.js';
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
}

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

  /**
   * Takes in what was found in a frame, weak detections included.
   * @param found What the detector found above {@link weakThresholds}.
   * @param thresholds Per class; what is not above is not reported.
   */
  observe(
    found: readonly Detection[],
    thresholds: Float32Array,
    frame: Pick<CapturedFrame, 'capturedAt' | 'capturedAtMonotonic' | 'sourceWidth' | 'sourceHeight'>,
  ): Observation {
    const size = { width: frame.sourceWidth, height: frame.sourceHeight };
    const at = { wall: frame.capturedAt, monotonic: frame.capturedAtMonotonic };
    const detections = found.filter((detection) => this.#filter.keeps(detection, size));
    const thresholdOf = ({ classId }: Detection) => thresholds[classId] as number;
    const { tracks, removed } = this.#tracker.update(detections, thresholdOf, at.monotonic);
    const seen = tracks.filter((track) => track !== undefined);
    return {
      detections: detections.flatMap((detection, index) => {
        if (detection.score <= thresholdOf(detection)) return [];
        const track = tracks[index];
        return [track?.confirmed ? { ...detection, trackId: track.id } : detection];
      }),
      changes: this.#events.observe(seen, removed, size, at),
    };
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

/** The thresholds that the detector is asked with, so that weak detections of known objects are there too. */
export function weakThresholds(thresholds: Float32Array): Float32Array {
  // Above 1 means: never this class.
  return thresholds.map((threshold) => (threshold > 1 ? threshold : threshold * WEAK_SHARE));
}

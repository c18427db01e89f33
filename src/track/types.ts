/**
 * Objects over time: what the tracker and the event rules say. Times are wall time, milliseconds since the Unix epoch: those of the
 * monotonic clock, by which objects are followed, on the wall clock as it is set when the change is made. So the times of one
 * change always agree with each other, also after a correction of the wall clock.
 */
import type { Detection } from '../detect/detection.js';
import type { Box } from '../geometry/box.js';

/** A detection that belongs to a track. */
export interface TrackedDetection extends Detection {
  /** Unique on this node, across restarts too. */
  trackId: string;
}

/** A point of an object's way: the middle of the lower edge of its box, in pixels of the source picture. */
export interface PathPoint {
  at: number;
  x: number;
  y: number;
}

/** One object from its confirmation to its end. */
export interface ObjectEvent {
  /** The track's id. */
  id: string;
  camera: string;
  label: string;
  /** Newest score and box. */
  score: number;
  box: Box;
  /** Size of the source picture in pixels. */
  size: { width: number; height: number };
  /** The best score so far. */
  topScore: number;
  /** The frame in which the object was seen best, as a picture: see quality.ts. */
  best: { at: number; score: number; box: Box };
  /** Zones it is in now, and all it has been in, in order of entering. */
  zones: readonly string[];
  enteredZones: readonly string[];
  /** A summary of its way, oldest first, of bounded length. */
  path: readonly PathPoint[];
  startedAt: number;
  /** When it was last seen; only of an event that has ended. */
  endedAt?: number;
  stationary: boolean;
}

/** An object whose event has begun and not ended. */
export interface PresentObject {
  label: string;
  stationary: boolean;
  /** Names of the zones that it is in. */
  zones: readonly string[];
}

export interface EventChange {
  type: 'new' | 'update' | 'end';
  /** What made it an update. */
  reason?: 'score' | 'zone' | 'stationary';
  /** Zones that it has entered for the first time since the change before; absent: none. */
  newZones?: readonly string[];
  event: ObjectEvent;
}

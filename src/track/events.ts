/**
 * What happens to objects, from tracks: `new` once a track is believed, `update` when it is seen better, enters or leaves a
 * zone, comes to rest or sets off, and `end` when it has been out of sight for too long. Every event has one beginning
 * and one end. Objects are followed by the monotonic clock; the changes are in wall time.
 */

import type { Moment } from '../clock.js';
import type { Detection } from '../detect/detection.js';
import { area, foot, type Size } from '../geometry/box.js';
import { admits, type Zone } from '../geometry/zones.js';
import { PathSummary } from './path.js';
import { ZonePresence } from './presence.js';
import { pictureQuality } from './quality.js';
import type { Track } from './track.js';
import type { EventChange, ObjectEvent, PresentObject } from './types.js';

/** By how much a picture must be better to be worth an update: few updates, however long an object is seen. */
const BETTER = 1.15;

export class EventMachine {
  readonly #camera: string;
  #zones: readonly Zone[];
  readonly #histories = new Map<Track, History>();

  constructor(camera: string, zones: readonly Zone[]) {
    this.#camera = camera;
    this.#zones = zones;
  }

  /** Takes other zones; in those that are as they were, objects stay where they are. */
  setZones(zones: readonly Zone[]): void {
    this.#zones = zones;
    for (const history of this.#histories.values()) history.setZones(zones);
  }

  /** Objects whose event has begun and not ended, as their newest change says it. */
  present(): PresentObject[] {
    return [...this.#histories].flatMap(([{ label }, history]) =>
      history.begun ? [{ label, stationary: history.stationary, zones: history.zones }] : [],
    );
  }

  /**
   * @param seen The tracks that are visible in the frame.
   * @param removed Those that ended with it.
   * @param size Of the source picture, in pixels.
   * @param at When the frame was captured.
   */
  observe(seen: Iterable<Track>, removed: readonly Track[], size: Size, at: Moment): EventChange[] {
    const changes = this.end(removed, at);
    for (const track of seen) {
      let history = this.#histories.get(track);
      if (history === undefined) {
        history = new History(this.#zones.filter((zone) => admits(zone, track.label)));
        this.#histories.set(track, history);
      }
      for (const change of history.observe(track, size, at.monotonic)) {
        changes.push({ ...change, event: history.event(track, this.#camera, at) });
      }
    }
    return changes;
  }

  /** Ends the events of these tracks; a track that was never confirmed has none. */
  end(tracks: readonly Track[], now: Moment): EventChange[] {
    const changes: EventChange[] = [];
    for (const track of tracks) {
      const history = this.#histories.get(track);
      this.#histories.delete(track);
      if (!history?.begun) continue;
      const event = history.event(track, this.#camera, now);
      changes.push({ type: 'end', event: { ...event, endedAt: toWall(track.lastSeenAt, now) } });
    }
    return changes;
  }
}

/** Of an object in nearly every frame. */
const NOTHING: readonly Omit<EventChange, 'event'>[] = [];

/** What is remembered of one object, from its first sighting on. Times are of the monotonic clock. */
class History {
  /** Undefined until the event has begun. */
  #best: ObjectEvent['best'] | undefined;
  #bestQuality = 0;
  #stationary = false;
  #topScore = 0;
  #size: Size = { width: 0, height: 0 };
  /** How many of the entered zones have been published. */
  #knownZones = 0;
  readonly #presence: ZonePresence;
  readonly #path = new PathSummary();

  constructor(zones: readonly Zone[]) {
    this.#presence = new ZonePresence(zones);
  }

  setZones(zones: readonly Zone[]): void {
    this.#presence.setZones(zones);
  }

  /** Whether the event has begun. */
  get begun(): boolean {
    return this.#best !== undefined;
  }

  get stationary(): boolean {
    return this.#stationary;
  }

  /** Names of the zones that it is in. */
  get zones(): readonly string[] {
    return this.#presence.current;
  }

  observe(track: Track, size: Size, at: number): readonly Omit<EventChange, 'event'>[] {
    const { detection } = track;
    const point = foot(detection.box);
    this.#size = size;
    this.#topScore = Math.max(this.#topScore, detection.score);
    const zoneChanged = this.#presence.observe(point, size, at);
    this.#path.observe(point, Math.sqrt(area(detection.box)), at);
    if (!track.confirmed) return NOTHING;
    const begins = !this.begun;
    const better = this.#improves(detection, size, at);
    const stationaryChanged = track.stationary !== this.#stationary;
    this.#stationary = track.stationary;
    if (begins) return [{ type: 'new', ...this.#newZones() }];
    if (!better && !zoneChanged && !stationaryChanged) return NOTHING;
    return [
      ...(better ? [{ type: 'update', reason: 'score' } as const] : []),
      ...(zoneChanged ? [{ type: 'update', reason: 'zone', ...this.#newZones() } as const] : []),
      ...(stationaryChanged ? [{ type: 'update', reason: 'stationary' } as const] : []),
    ];
  }

  #newZones(): Pick<EventChange, 'newZones'> {
    const newZones = this.#presence.entered.slice(this.#knownZones);
    this.#knownZones += newZones.length;
    return newZones.length === 0 ? {} : { newZones };
  }

  /** Only of an event that has begun. */
  event(track: Track, camera: string, now: Moment): ObjectEvent {
    const { score, box } = track.detection;
    const best = this.#best as ObjectEvent['best'];
    return {
      id: track.id,
      camera,
      label: track.label,
      score,
      box,
      size: this.#size,
      topScore: this.#topScore,
      best: { ...best, at: toWall(best.at, now) },
      zones: this.zones,
      enteredZones: [...this.#presence.entered],
      path: this.#path.points.map((point) => ({ ...point, at: toWall(point.at, now) })),
      startedAt: toWall(track.firstSeenAt, now),
      stationary: this.#stationary,
    };
  }

  /** Best is what was published as the best, so that whoever keeps the picture of each published frame has it. */
  #improves(detection: Detection, size: Size, at: number): boolean {
    const quality = pictureQuality(detection, size);
    if (quality < this.#bestQuality * BETTER) return false;
    this.#bestQuality = quality;
    this.#best = { at, score: detection.score, box: detection.box };
    return true;
  }
}

/** A time of the monotonic clock on the wall clock as it is set now. */
function toWall(at: number, now: Moment): number {
  return Math.round(at - now.monotonic + now.wall);
}

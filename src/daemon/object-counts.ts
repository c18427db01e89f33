/** How many objects of each label a camera sees and how many of them move, in the picture and in each zone, as retained numbers. */
import { admits, type Zone } from '../geometry/zones.js';
import type { Broker } from '../mqtt/broker.js';
import type { CountPayload, MovingPayload } from '../mqtt/payloads.js';
import type { Topics } from '../mqtt/topics.js';
import { ALL_LABELS } from '../mqtt-strings.js';
import type { PresentObject } from '../track/types.js';

export interface ObjectCountsParts {
  broker: Pick<Broker, 'retain' | 'clear'>;
  topics: Topics;
  /** The camera's name. */
  camera: string;
}

/** Where objects of a label, or of all, are counted, in the picture or in a zone of it, and what was published of them. */
interface Place {
  /** Absent: in the whole picture. */
  zone?: string;
  label: string;
  countTopic: string;
  movingTopic: string;
  count: number;
  moving: number;
}

/** No number of objects: nothing was published yet. */
const UNKNOWN = -1;

export class ObjectCounts {
  readonly #parts: ObjectCountsParts;
  #labels: readonly string[] = [];
  #zones: readonly Zone[] = [];
  #places: Place[] = [];

  constructor(parts: ObjectCountsParts) {
    this.#parts = parts;
  }

  /**
   * Publishes the numbers that have changed; the topics of labels and zones that are no longer given are cleared.
   * @param labels Those that may be reported.
   */
  publish(objects: readonly PresentObject[], labels: readonly string[], zones: readonly Zone[]): void {
    if (zones !== this.#zones || labels !== this.#labels) this.#replacePlaces(labels, zones);
    const { broker } = this.#parts;
    for (const place of this.#places) {
      let count = 0;
      let moving = 0;
      for (const object of objects) {
        if (!counts(object, place)) continue;
        count += 1;
        if (!object.stationary) moving += 1;
      }
      if (count !== place.count) broker.retain(place.countTopic, String(count) satisfies CountPayload, 0);
      if (moving !== place.moving)
        broker.retain(place.movingTopic, String(moving) satisfies MovingPayload, 0);
      place.count = count;
      place.moving = moving;
    }
  }

  /** Makes the topics anew, and clears those that are gone. */
  #replacePlaces(labels: readonly string[], zones: readonly Zone[]): void {
    const before = new Map(this.#places.map((place) => [place.countTopic, place]));
    this.#labels = labels;
    this.#zones = zones;
    this.#places = this.#placesOf(labels, zones).map((place) => before.get(place.countTopic) ?? place);
    const kept = new Set(this.#places);
    for (const place of before.values()) {
      if (kept.has(place)) continue;
      this.#parts.broker.clear(place.countTopic);
      this.#parts.broker.clear(place.movingTopic);
    }
  }

  /** Those of all labels together last. */
  #placesOf(labels: readonly string[], zones: readonly Zone[]): Place[] {
    const { topics, camera } = this.#parts;
    const inPicture = [...labels, ALL_LABELS].map((label) => ({
      ...{ label, count: UNKNOWN, moving: UNKNOWN },
      countTopic: topics.count(camera, label),
      movingTopic: topics.moving(camera, label),
    }));
    const inZones = zones.flatMap((zone) =>
      [...labels.filter((label) => admits(zone, label)), ALL_LABELS].map((label) => ({
        ...{ zone: zone.name, label, count: UNKNOWN, moving: UNKNOWN },
        countTopic: topics.zoneCount(camera, zone.name, label),
        movingTopic: topics.zoneMoving(camera, zone.name, label),
      })),
    );
    return [...inPicture, ...inZones];
  }
}

function counts({ label, zones }: PresentObject, place: Place): boolean {
  if (place.label !== ALL_LABELS && place.label !== label) return false;
  return place.zone === undefined || zones.includes(place.zone);
}

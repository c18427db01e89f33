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

/** Where objects are counted: in the picture, or in a zone of it. */
interface Place {
  labels: readonly string[];
  objects: readonly PresentObject[];
  countTopic(label: string): string;
  movingTopic(label: string): string;
}

export class ObjectCounts {
  readonly #parts: ObjectCountsParts;
  /** What was published, by topic. */
  #published = new Map<string, CountPayload | MovingPayload>();

  constructor(parts: ObjectCountsParts) {
    this.#parts = parts;
  }

  /**
   * Publishes the numbers that have changed; the topics of labels and zones that are no longer given are cleared.
   * @param labels Those that may be reported.
   */
  publish(objects: readonly PresentObject[], labels: readonly string[], zones: readonly Zone[]): void {
    const { broker } = this.#parts;
    const current = new Map(this.#places(objects, labels, zones).flatMap(numbers));
    for (const [topic, payload] of current) {
      if (this.#published.get(topic) !== payload) broker.retain(topic, payload, 0);
    }
    for (const topic of this.#published.keys()) if (!current.has(topic)) broker.clear(topic);
    this.#published = current;
  }

  #places(objects: readonly PresentObject[], labels: readonly string[], zones: readonly Zone[]): Place[] {
    const { topics, camera } = this.#parts;
    return [
      {
        ...{ labels, objects },
        countTopic: (label) => topics.count(camera, label),
        movingTopic: (label) => topics.moving(camera, label),
      },
      ...zones.map((zone) => ({
        labels: labels.filter((label) => admits(zone, label)),
        objects: objects.filter((object) => object.zones.includes(zone.name)),
        countTopic: (label: string) => topics.zoneCount(camera, zone.name, label),
        movingTopic: (label: string) => topics.zoneMoving(camera, zone.name, label),
      })),
    ];
  }
}

/** The numbers of a place by their topics, those of all labels together last. */
function numbers({ labels, objects, countTopic, movingTopic }: Place): [topic: string, payload: string][] {
  return [...labels, ALL_LABELS].flatMap((label) => {
    const counted = label === ALL_LABELS ? objects : objects.filter((object) => object.label === label);
    const moving = counted.filter(({ stationary }) => !stationary);
    return [
      [countTopic(label), String(counted.length)],
      [movingTopic(label), String(moving.length)],
    ];
  });
}

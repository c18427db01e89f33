/**
 * What a discovery message that was found on the broker says of an earlier run: its entities and the topics that were kept for
 * them. It may have been written by anybody: nothing of it is believed beyond its shape.
 */

import type { TopicKind, Topics } from '../mqtt/topics.js';
import { isTopicLevel, isTopicName } from '../mqtt-strings.js';

const MAX_ENTITY_ID = 250;
/** A model has at most 1,000 labels, each with four entities of about 300 bytes. */
const MAX_BYTES = 2 << 20;
/** Likewise, and those of zones. */
const MAX_ENTITIES = 10_000;

/** What has no unique id: a device trigger is no entity. */
const TRIGGER = 'device_automation';

/** Whose topics hold nothing of ours that is retained. */
const NOT_RETAINED: ReadonlySet<TopicKind> = new Set(['settingCommand', 'events']);

/** An entity or a trigger, as far as this file reads it. */
export interface Entity {
  p?: unknown;
  unique_id?: string;
  state_topic?: unknown;
  image_topic?: unknown;
  json_attributes_topic?: unknown;
}

/** The entities by their id within the device; none in what is no discovery message, or larger than any of ours. */
export function inventory(payload: Buffer): Map<string, Entity> {
  if (payload.length > MAX_BYTES) return new Map();
  let message: unknown;
  try {
    message = JSON.parse(payload.toString());
  } catch {
    return new Map();
  }
  const components = isRecord(message) && isRecord(message.cmps) ? Object.entries(message.cmps) : [];
  if (components.length > MAX_ENTITIES) return new Map();
  return new Map(
    components.filter((entry): entry is [string, Entity] => {
      const [id, component] = entry;
      return (
        isEntityId(id) &&
        isRecord(component) &&
        isPlatform(component.p) &&
        (typeof component.unique_id === 'string' || component.p === TRIGGER)
      );
    }),
  );
}

/** The topics whose retained messages the entities show, once each. */
export function shownTopics(entities: Iterable<Entity>): Set<string> {
  const topics = new Set<string>();
  for (const { state_topic, image_topic, json_attributes_topic } of entities) {
    for (const topic of [state_topic, image_topic, json_attributes_topic]) {
      if (typeof topic === 'string') topics.add(topic);
    }
  }
  return topics;
}

/** Those topics that this node could have published to for a camera itself. */
export function ownTopics(topics: Topics, camera: string, candidates: Iterable<string>): string[] {
  return [...candidates].filter((candidate) => {
    if (!isTopicName(candidate)) return false;
    const parsed = topics.parse(candidate);
    return (
      parsed !== undefined && 'camera' in parsed && parsed.camera === camera && !NOT_RETAINED.has(parsed.kind)
    );
  });
}

/** An id within a device as ours are made: it is repeated to Home Assistant. */
function isEntityId(text: string): boolean {
  return text.length <= MAX_ENTITY_ID && isTopicLevel(text);
}

function isPlatform(value: unknown): boolean {
  return value === undefined || (typeof value === 'string' && /^[a-z_]{1,40}$/.test(value));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

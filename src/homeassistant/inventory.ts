/**
 * What a discovery message that was found on the broker says of an earlier run: its entities and the topics that were kept for
 * them. It may have been written by anybody: nothing of it is believed beyond its shape.
 */

/** An entity, as far as this file reads it. */
export interface Entity {
  p?: unknown;
  unique_id: string;
  state_topic?: unknown;
  image_topic?: unknown;
  json_attributes_topic?: unknown;
}

/** The entities by their id within the device; none in what is no discovery message. */
export function inventory(payload: string): Map<string, Entity> {
  let message: unknown;
  try {
    message = JSON.parse(payload);
  } catch {
    return new Map();
  }
  const components = isRecord(message) && isRecord(message.cmps) ? message.cmps : {};
  return new Map(
    Object.entries(components).filter((entry): entry is [string, Entity] => {
      const [, component] = entry;
      return isRecord(component) && typeof component.unique_id === 'string';
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

/** Those topics that may be published to and lie below `root`. */
export function below(root: string, topics: Iterable<string>): string[] {
  return [...topics].filter((topic) => topic.startsWith(`${root}/`) && !/[+#\0]/.test(topic));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

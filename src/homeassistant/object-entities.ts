/** What a camera sees, as Home Assistant's entities and device triggers: of the picture and of each of its zones. */
import { titleOf } from '../config/title.js';
import { admits, type Zone } from '../geometry/zones.js';
import type { Topics } from '../mqtt/topics.js';
import { ALL_LABELS } from '../mqtt-strings.js';
import { type Draft, labelId } from './component.js';
import { enabledLabels, labelIcon } from './labels.js';

/** What is there to announce of a camera. */
export interface Sights {
  topics: Topics;
  /** The camera's name. */
  camera: string;
  /** Labels that it may report. */
  labels: readonly string[];
  /** Those that the user has named; undefined: none. */
  named: readonly string[] | undefined;
  zones: readonly Zone[];
}

/** What happened while the broker was away is published late, and no occasion for an automation. */
const IN_TIME = 'value_json.late is not defined';
const IS_ANY = "{{ 'ON' if value | int(0) > 0 else 'OFF' }}";

/** Occupancy, movement and count of each label and of all together. Those of labels that nobody has asked for are disabled. */
export function labelEntities({ topics, camera, labels, named }: Sights): Draft[] {
  const enabled = enabledLabels(labels, named);
  return [...labels, ALL_LABELS].flatMap((label) => {
    const drafts = numberEntities(
      labelId(label),
      titleOf(label),
      label,
      topics.count(camera, label),
      topics.moving(camera, label),
    );
    return label === ALL_LABELS || enabled.includes(label)
      ? drafts
      : drafts.map((draft) => ({ ...draft, enabled_by_default: false }));
  });
}

/** The same in each zone, of the labels that the zone is for; where it names none, of those that are wanted of the camera. */
export function zoneEntities({ topics, camera, labels, named, zones }: Sights): Draft[] {
  return zones.flatMap((zone) =>
    zoneLabels(zone, labels, named).flatMap((label) =>
      numberEntities(
        `zone_${zone.name}_${labelId(label)}`,
        `${titleOf(zone.name)} ${label}`,
        label,
        topics.zoneCount(camera, zone.name, label),
        topics.zoneMoving(camera, zone.name, label),
      ),
    ),
  );
}

/** An event of the picture when an object comes, and one of each zone when it enters it first; its type is the label. */
export function eventEntities({ topics, camera, labels, zones }: Sights): Draft[] {
  if (labels.length === 0) return [];
  const entity = (id: string, name: string, types: readonly string[], condition: string): Draft => ({
    id,
    p: 'event',
    name,
    icon: 'mdi:eye-outline',
    event_types: types,
    state_topic: topics.events(camera),
    value_template: eventTemplate(condition),
  });
  return [
    entity('detection', 'Detection', labels, "value_json.type == 'new'"),
    ...zones.flatMap((zone) => {
      const types = labels.filter((label) => admits(zone, label));
      if (types.length === 0) return [];
      const name = `${titleOf(zone.name)} detection`;
      return [entity(`zone_${zone.name}_detection`, name, types, entersFirst(zone))];
    }),
  ];
}

/** Device triggers: of each wanted label that it came and left, and that it came into each zone. */
export function triggers({ topics, camera, labels, named, zones }: Sights): Draft[] {
  const trigger = (id: string, type: string, subtype: string, label: string, condition: string): Draft => ({
    id: `trigger_${id}_${type}`,
    p: 'device_automation',
    automation_type: 'trigger',
    type,
    subtype,
    topic: topics.events(camera),
    value_template: `{{ value_json.label if ${condition} and ${IN_TIME} else '' }}`,
    payload: label,
  });
  return [
    ...enabledLabels(labels, named).flatMap((label) => [
      trigger(labelId(label), 'came', label, label, "value_json.type == 'new'"),
      trigger(labelId(label), 'left', label, label, "value_json.type == 'end'"),
    ]),
    ...zones.flatMap((zone) =>
      zoneLabels(zone, labels, named).map((label) =>
        trigger(
          `zone_${zone.name}_${labelId(label)}`,
          'came',
          `${label} in ${zone.name}`,
          label,
          entersFirst(zone),
        ),
      ),
    ),
  ];
}

/** Labels of a zone that the camera reports and that somebody has asked for. */
function zoneLabels(zone: Zone, labels: readonly string[], named: readonly string[] | undefined): string[] {
  return enabledLabels(
    labels.filter((label) => admits(zone, label)),
    zone.labels ?? named,
  );
}

function numberEntities(id: string, name: string, label: string, count: string, moving: string): Draft[] {
  return [
    {
      id: `${id}_occupancy`,
      p: 'binary_sensor',
      name: `${name} occupancy`,
      device_class: 'occupancy',
      state_topic: count,
      value_template: IS_ANY,
    },
    {
      id: `${id}_count`,
      p: 'sensor',
      name: `${name} count`,
      icon: labelIcon(label),
      state_class: 'measurement',
      suggested_display_precision: 0,
      state_topic: count,
    },
    {
      id: `${id}_moving`,
      p: 'binary_sensor',
      name: `${name} moving`,
      device_class: 'moving',
      state_topic: moving,
      value_template: IS_ANY,
    },
  ];
}

/** The name of a zone has no character that ends a text in a template. */
function entersFirst({ name }: Zone): string {
  return `'${name}' in (value_json.newZones | default([]))`;
}

function eventTemplate(condition: string): string {
  const attributes = ['id', 'score', 'zones'].map((key) => `'${key}': value_json.${key}`).join(', ');
  return `{% if ${condition} and ${IN_TIME} %}{{ {'event_type': value_json.label, ${attributes}} | to_json }}{% endif %}`;
}

/** The board as Home Assistant's entities: whether it is there, and how it does. */
import type { Topics } from '../mqtt/topics.js';
import type { BoardReadings } from '../observe/board.js';
import type { Draft } from './component.js';

/** Health is published every ten seconds: after several that did not come, nothing is known. */
const HEALTH_EXPIRES_S = 60;

/** @param readings What the board says of itself: only that has an entity. */
export function boardEntities(topics: Topics, readings: BoardReadings): Draft[] {
  const nodeIsThere = [{ topic: topics.nodeState }];
  const ofHealth = (key: string) => ({
    entity_category: 'diagnostic' as const,
    state_topic: topics.health,
    value_template: `{{ value_json.${key} }}`,
    expire_after: HEALTH_EXPIRES_S,
    availability: nodeIsThere,
  });
  const number = { p: 'sensor', state_class: 'measurement' } as const;
  return [
    {
      id: 'connection',
      p: 'binary_sensor',
      name: 'Connection',
      device_class: 'connectivity',
      entity_category: 'diagnostic',
      state_topic: topics.nodeState,
      payload_on: 'online',
      payload_off: 'offline',
    },
    {
      ...number,
      id: 'inference_time',
      name: 'Inference time',
      device_class: 'duration',
      unit_of_measurement: 'ms',
      suggested_display_precision: 1,
      entity_category: 'diagnostic',
      state_topic: topics.info,
      value_template: "{{ value_json.model.inputs | map(attribute='inferenceMs') | max }}",
      json_attributes_topic: topics.info,
      availability: nodeIsThere,
    },
    {
      ...number,
      ...ofHealth('fpsInferred'),
      id: 'inferred_frames',
      name: 'Inferred frames',
      icon: 'mdi:speedometer',
      unit_of_measurement: 'fps',
      suggested_display_precision: 1,
    },
    {
      ...number,
      ...ofHealth('rssMb'),
      id: 'memory',
      name: 'Memory',
      device_class: 'data_size',
      unit_of_measurement: 'MiB',
      suggested_display_precision: 0,
    },
    ...(readings.memoryUsed === undefined
      ? []
      : [
          {
            ...number,
            ...ofHealth('board.memoryUsedPercent'),
            id: 'memory_use',
            name: 'Memory use',
            icon: 'mdi:memory',
            unit_of_measurement: '%',
            suggested_display_precision: 0,
          },
        ]),
    ...(readings.temperatureC === undefined
      ? []
      : [
          {
            ...number,
            ...ofHealth('board.temperatureC'),
            id: 'temperature',
            name: 'Temperature',
            device_class: 'temperature',
            unit_of_measurement: '°C',
            suggested_display_precision: 0,
          },
        ]),
    ...(readings.throttled === undefined
      ? []
      : [
          {
            ...ofHealth('board.throttled'),
            id: 'throttled',
            p: 'binary_sensor' as const,
            name: 'Throttled',
            device_class: 'problem',
            value_template: "{{ 'ON' if value_json.board.throttled else 'OFF' }}",
          },
        ]),
  ];
}

/**
 * Home Assistant's device discovery: one message announces a device with all of its entities. Keys and values as
 * https://www.home-assistant.io/integrations/mqtt/#device-discovery-payload and the pages of the platforms describe them.
 */

import type { CameraStatus } from '../capture/state.js';
import { LIMITS } from '../config/table.js';
import type { CameraConfig } from '../config/types.js';
import type { CameraSettings } from '../mqtt/commands.js';
import type { Topics } from '../mqtt/topics.js';
import { VERSION } from '../package-info.js';
import type { Identities } from './identities.js';
import { enabledLabels, labelIcon } from './labels.js';

export interface DiscoveryMessage {
  dev: {
    ids: string[];
    name: string;
    mf: string;
    mdl: string;
    sw: string;
    via_device?: string;
  };
  o: { name: string; sw: string };
  /** By an id that is unique within the device. */
  cmps: Record<string, Component>;
  availability?: Availability[];
  availability_mode?: 'all';
}

interface Availability {
  topic: string;
  value_template?: string;
}

/** An entity. What it does not say of its availability holds as the device says it. */
interface Component {
  p: 'binary_sensor' | 'image' | 'number' | 'sensor' | 'switch';
  unique_id: string;
  name: string;
  icon?: string;
  device_class?: string;
  state_class?: 'measurement';
  unit_of_measurement?: string;
  entity_category?: 'config' | 'diagnostic';
  enabled_by_default?: boolean;
  availability?: Availability[];
  state_topic?: string;
  command_topic?: string;
  image_topic?: string;
  json_attributes_topic?: string;
  value_template?: string;
  content_type?: string;
  payload_on?: string;
  payload_off?: string;
  options?: readonly string[];
  min?: number;
  max?: number;
  step?: number;
  mode?: 'box' | 'slider';
}

/** A camera, and what is known of it beside its settings. */
export interface AnnouncedCamera {
  config: CameraConfig;
  /** Labels that it may report. */
  reportableLabels: readonly string[];
  /** Whether it publishes motion. */
  measuresMotion: boolean;
}

const STATUSES: readonly CameraStatus[] = ['online', 'offline', 'stalled', 'disabled'];

const MAKER = { mf: 'ghostcam', sw: VERSION };
const ORIGIN = { name: 'ghostcam', sw: VERSION };

export function cameraMessage(
  identities: Identities,
  topics: Topics,
  camera: AnnouncedCamera,
): DiscoveryMessage {
  const { config, reportableLabels: labels, measuresMotion } = camera;
  const { name, snapshot } = config;
  const id = identities.camera(name);
  const nodeIsThere: Availability[] = [{ topic: topics.nodeState }];
  const enabled = enabledLabels(labels, config.labels);
  const ofLabels = labels.flatMap((label) => {
    const components = [
      ...countComponents(topics, name, label),
      // What happened stays worth seeing when the camera is gone.
      ...(snapshot ? [{ ...imageComponent(topics, name, label), availability: nodeIsThere }] : []),
    ];
    return enabled.includes(label)
      ? components
      : components.map((component) => ({ ...component, enabled_by_default: false }));
  });
  const components = [
    ...ofLabels,
    ...(measuresMotion ? [motionComponent(topics, name)] : []),
    // It says why the others are unavailable.
    { ...statusComponent(topics, name), availability: nodeIsThere },
    // A camera that is switched off must have a switch that can be used.
    ...settingComponents(topics, name).map((setting) => ({ ...setting, availability: nodeIsThere })),
  ];
  return {
    dev: {
      ids: [id],
      name: config.title ?? title(name),
      ...MAKER,
      mdl: 'Camera',
      via_device: identities.node,
    },
    o: ORIGIN,
    cmps: byId(id, components),
    availability: [
      ...nodeIsThere,
      {
        topic: topics.cameraState(name),
        // Anything but the two words that Home Assistant expects would change nothing.
        value_template: "{{ 'online' if value_json.state == 'online' else 'offline' }}",
      },
    ],
    availability_mode: 'all',
  };
}

/** The board: what its cameras are reached through. */
export function nodeMessage(identities: Identities, topics: Topics, nodeId: string): DiscoveryMessage {
  return {
    dev: { ids: [identities.node], name: `ghostcam ${nodeId}`, ...MAKER, mdl: 'Node' },
    o: ORIGIN,
    cmps: byId(identities.node, [
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
        id: 'inference_time',
        p: 'sensor',
        name: 'Inference time',
        device_class: 'duration',
        state_class: 'measurement',
        unit_of_measurement: 'ms',
        entity_category: 'diagnostic',
        state_topic: topics.info,
        value_template: "{{ value_json.model.inputs | map(attribute='inferenceMs') | max }}",
        json_attributes_topic: topics.info,
        availability: [{ topic: topics.nodeState }],
      },
    ]),
  };
}

type Draft = Omit<Component, 'unique_id'> & { id: string };

function countComponents(topics: Topics, camera: string, label: string): Draft[] {
  const id = labelId(label);
  const name = title(label);
  return [
    {
      id: `${id}_occupancy`,
      p: 'binary_sensor',
      name: `${name} occupancy`,
      device_class: 'occupancy',
      state_topic: topics.count(camera, label),
      value_template: "{{ 'ON' if value | int(0) > 0 else 'OFF' }}",
    },
    {
      id: `${id}_count`,
      p: 'sensor',
      name: `${name} count`,
      icon: labelIcon(label),
      state_class: 'measurement',
      state_topic: topics.count(camera, label),
    },
  ];
}

function imageComponent(topics: Topics, camera: string, label: string): Draft {
  return {
    id: `${labelId(label)}_image`,
    p: 'image',
    name: title(label),
    icon: labelIcon(label),
    image_topic: topics.snapshot(camera, label),
    content_type: 'image/jpeg',
  };
}

function motionComponent(topics: Topics, camera: string): Draft {
  return {
    id: 'motion',
    p: 'binary_sensor',
    name: 'Motion',
    device_class: 'motion',
    state_topic: topics.motion(camera),
  };
}

function statusComponent(topics: Topics, camera: string): Draft {
  return {
    id: 'status',
    p: 'sensor',
    name: 'Status',
    icon: 'mdi:cctv',
    device_class: 'enum',
    options: STATUSES,
    entity_category: 'diagnostic',
    state_topic: topics.cameraState(camera),
    value_template: '{{ value_json.state }}',
    json_attributes_topic: topics.cameraState(camera),
  };
}

/** One for each setting that MQTT can change. */
function settingComponents(topics: Topics, camera: string): Draft[] {
  const setting = (id: keyof CameraSettings) => ({
    id,
    entity_category: 'config' as const,
    command_topic: topics.settingCommand(camera, id),
    state_topic: topics.settingState(camera, id),
  });
  return [
    { ...setting('enabled'), p: 'switch', name: 'Enabled', icon: 'mdi:power' },
    { ...setting('detect'), p: 'switch', name: 'Detect', icon: 'mdi:motion-sensor' },
    {
      ...setting('threshold'),
      p: 'number',
      name: 'Threshold',
      icon: 'mdi:tune',
      ...LIMITS.threshold,
      step: 0.01,
      mode: 'slider',
    },
    {
      ...setting('fps'),
      p: 'number',
      name: 'Frame rate',
      icon: 'mdi:speedometer',
      unit_of_measurement: 'fps',
      ...LIMITS.fps,
      step: 0.1,
      mode: 'box',
    },
  ];
}

function byId(device: string, drafts: readonly Draft[]): Record<string, Component> {
  return Object.fromEntries(
    drafts.map(({ id, ...draft }) => [id, { ...draft, unique_id: `${device}_${id}` }]),
  );
}

/** Home Assistant takes what it keeps of a component apart at spaces. */
function labelId(label: string): string {
  return label.replaceAll(/\s+/g, '_');
}

/** `back_yard` -> `Back yard`: Home Assistant's names are sentences. */
function title(name: string): string {
  const words = name.replaceAll(/[_-]+/g, ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

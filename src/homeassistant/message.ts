/**
 * Home Assistant's device discovery: one message announces a device with all of its entities and triggers. Keys and values as
 * https://www.home-assistant.io/integrations/mqtt/#device-discovery-payload and the pages of the platforms describe them.
 */

import type { CameraStatus } from '../capture/state.js';
import { LIMITS } from '../config/table.js';
import { titleOf } from '../config/title.js';
import type { CameraConfig } from '../config/types.js';
import type { CameraSettings } from '../mqtt/commands.js';
import type { Topics } from '../mqtt/topics.js';
import type { BoardReadings } from '../observe/board.js';
import { HOMEPAGE, VERSION } from '../package-info.js';
import { boardEntities } from './board-entities.js';
import { type Availability, byId, type DiscoveryMessage, type Draft, labelId } from './component.js';
import type { Identities } from './identities.js';
import { enabledLabels, labelIcon } from './labels.js';
import { eventEntities, labelEntities, type Sights, triggers, zoneEntities } from './object-entities.js';

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
const ORIGIN = { name: 'ghostcam', sw: VERSION, url: HOMEPAGE };

/** What announces a camera: its device with all its entities, available while node and camera are online unless they say otherwise. */
export function cameraMessage(
  identities: Identities,
  topics: Topics,
  camera: AnnouncedCamera,
): DiscoveryMessage {
  const { config, reportableLabels: labels, measuresMotion } = camera;
  const { name, snapshot, zones } = config;
  const id = identities.camera(name);
  const nodeIsThere: Availability[] = [{ topic: topics.nodeState }];
  const sights: Sights = { topics, camera: name, labels, named: config.labels, zones };
  const components = [
    ...labelEntities(sights),
    // What happened stays worth seeing when the camera is gone.
    ...(snapshot ? imageEntities(sights) : []).map((image) => ({ ...image, availability: nodeIsThere })),
    ...zoneEntities(sights),
    ...eventEntities(sights),
    ...(measuresMotion ? [motionEntity(topics, name)] : []),
    // It says why the others are unavailable.
    { ...statusEntity(topics, name), availability: nodeIsThere },
    // A camera that is switched off must have a switch that can be used.
    ...settingEntities(topics, name).map((setting) => ({ ...setting, availability: nodeIsThere })),
    ...triggers(sights),
  ];
  return {
    dev: {
      ids: [id],
      name: config.title ?? titleOf(name),
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
export function nodeMessage(
  identities: Identities,
  topics: Topics,
  nodeId: string,
  readings: BoardReadings = {},
): DiscoveryMessage {
  return {
    dev: { ids: [identities.node], name: `ghostcam ${nodeId}`, ...MAKER, mdl: 'Node' },
    o: ORIGIN,
    cmps: byId(identities.node, boardEntities(topics, readings)),
  };
}

/** The picture of each label; those of labels that nobody has asked for are disabled. */
function imageEntities({ topics, camera, labels, named }: Sights): Draft[] {
  const enabled = enabledLabels(labels, named);
  return labels.map((label) => ({
    id: `${labelId(label)}_image`,
    p: 'image',
    name: titleOf(label),
    icon: labelIcon(label),
    image_topic: topics.snapshot(camera, label),
    content_type: 'image/jpeg',
    ...(enabled.includes(label) ? {} : { enabled_by_default: false }),
  }));
}

function motionEntity(topics: Topics, camera: string): Draft {
  return {
    id: 'motion',
    p: 'binary_sensor',
    name: 'Motion',
    device_class: 'motion',
    state_topic: topics.motion(camera),
  };
}

function statusEntity(topics: Topics, camera: string): Draft {
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

/** One for each setting that MQTT can change. Their commands are retained, so that they hold beyond a restart. */
function settingEntities(topics: Topics, camera: string): Draft[] {
  const setting = (id: keyof CameraSettings) => ({
    id,
    entity_category: 'config' as const,
    command_topic: topics.settingCommand(camera, id),
    state_topic: topics.settingState(camera, id),
    retain: true,
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

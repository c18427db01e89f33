/** What differs between two configurations, and how each difference takes effect: as the rows of the table of settings say. */
import { isDeepStrictEqual } from 'node:util';
import { type Applied, camelCase, type Setting } from './setting.js';
import {
  CAMERA_VARIABLES,
  type CameraSetting,
  cameraVariableName,
  MQTT_VARIABLES,
  mqttVariableName,
  NODE_VARIABLES,
} from './table.js';
import type { CameraConfig, Config, MqttConfig } from './types.js';

/** A camera that is in both configurations, as the newer one has it. */
export interface CameraChange {
  camera: CameraConfig;
  /** The settings that differ, as `THRESHOLD`. */
  settings: readonly CameraSetting[];
}

export interface ConfigChanges {
  added: readonly CameraConfig[];
  /** Names of cameras. */
  removed: readonly string[];
  /** Cameras that must be started anew. */
  restart: readonly CameraChange[];
  /** Cameras whose changes take effect at once. */
  update: readonly CameraChange[];
  /** Settings of the node that take effect at once, as `LOG_LEVEL`. */
  node: readonly string[];
  /** Variables whose change takes effect at the daemon's next start, as `MQTT_URL`. */
  needsProcessRestart: readonly string[];
}

/** Names of what the rows of a table hold that differs, in the table's order. */
function differing<K extends string>(
  rows: Readonly<Record<K, Setting>>,
  read: (which: 'old' | 'new', name: K) => unknown,
): K[] {
  const names = Object.keys(rows) as K[];
  return names.filter((name) => !isDeepStrictEqual(read('old', name), read('new', name)));
}

const by = <K extends string>(rows: Readonly<Record<K, Setting>>, names: readonly K[], applied: Applied) =>
  names.filter((name) => rows[name].applied === applied);

/** What is to be done to go from one configuration to the other. */
export function diff(before: Config, after: Config): ConfigChanges {
  const config = { old: before, new: after };
  const node = differing(NODE_VARIABLES, (which, name) => nodeValue(config[which], name));
  const mqtt = differing(MQTT_VARIABLES, (which, name) => mqttValue(config[which], name));
  const earlier = new Map(before.cameras.map((camera) => [camera.name, camera]));
  const names = new Set(after.cameras.map(({ name }) => name));
  const changed = after.cameras.flatMap((camera) => {
    const old = earlier.get(camera.name);
    const cameras = { old, new: camera };
    const settings =
      old === undefined
        ? []
        : differing(CAMERA_VARIABLES, (which, name) => cameraValue(cameras[which], name));
    return settings.length === 0 ? [] : [{ camera, settings }];
  });
  const mustRestart = ({ settings }: CameraChange) => by(CAMERA_VARIABLES, settings, 'camera').length > 0;
  const cameraVariables = changed.flatMap(({ camera, settings }) =>
    by(CAMERA_VARIABLES, settings, 'process').map((name) => cameraVariableName(camera.name, name)),
  );
  return {
    added: after.cameras.filter(({ name }) => !earlier.has(name)),
    removed: before.cameras.map(({ name }) => name).filter((name) => !names.has(name)),
    restart: changed.filter(mustRestart),
    update: changed.filter((change) => !mustRestart(change)),
    node: by(NODE_VARIABLES, node, 'live'),
    needsProcessRestart: [
      ...by(NODE_VARIABLES, node, 'process'),
      ...by(MQTT_VARIABLES, mqtt, 'process').map(mqttVariableName),
      ...cameraVariables,
    ],
  };
}

/**
 * The configuration that holds when `after` is applied to a daemon that runs with `before`: what needs a start of the process is as
 * it was, everything else as it is in `after`.
 */
export function withoutRestart(before: Config, after: Config): Config {
  const kept = by(NODE_VARIABLES, Object.keys(NODE_VARIABLES) as (keyof typeof NODE_VARIABLES)[], 'process');
  const node = Object.fromEntries(kept.map((name) => [camelCase(name), nodeValue(before, name)]));
  const earlier = new Map(before.cameras.map((camera) => [camera.name, camera]));
  const keptOfCamera = by(CAMERA_VARIABLES, Object.keys(CAMERA_VARIABLES) as CameraSetting[], 'process');
  const cameras = after.cameras.map((camera) => {
    const old = earlier.get(camera.name);
    const values = keptOfCamera.map((name) => [camelCase(name), cameraValue(old ?? camera, name)]);
    return { ...camera, ...Object.fromEntries(values) };
  });
  return { ...after, ...node, mqtt: before.mqtt, cameras };
}

function nodeValue(config: Config, name: keyof typeof NODE_VARIABLES): unknown {
  // The names of cameras are compared as cameras.
  return name === 'CAMERAS' ? undefined : config[camelCase(name) as keyof Config];
}

function mqttValue({ mqtt, nodeId }: Config, name: keyof typeof MQTT_VARIABLES): unknown {
  if (name === 'URL') return mqtt.servers;
  // The default follows NODE_ID, which is named for itself.
  if (name === 'CLIENT_ID' && mqtt.clientId === `ghostcam-${nodeId}`) return undefined;
  return mqtt[camelCase(name) as keyof MqttConfig];
}

function cameraValue(camera: CameraConfig | undefined, name: CameraSetting): unknown {
  switch (name) {
    case 'URL':
      return camera?.url.withCredentials({ username: undefined, password: undefined });
    case 'USERNAME':
      return camera?.url.username;
    case 'PASSWORD':
      return camera?.url.password;
    default:
      return camera?.[camelCase(name) as keyof CameraConfig];
  }
}

/** The frozen result of reading the env file. Its settings are those of table.ts, where each is described. */
import { defaultOf, mapSettings, type Values } from './setting.js';
import { CAMERA_VARIABLES, type MQTT_VARIABLES, type NODE_VARIABLES } from './table.js';

type NodeSettings = Values<typeof NODE_VARIABLES>;
type MqttSettings = Values<typeof MQTT_VARIABLES>;
type CameraSettings = Values<typeof CAMERA_VARIABLES>;

export type ProviderName = NodeSettings['provider'];
export type LogLevel = NodeSettings['logLevel'];

export interface CameraConfig extends Omit<CameraSettings, 'url'> {
  /** Lower-case topic segment, e.g. `back_yard`. */
  readonly name: string;
  /** rtsp(s)://, http(s)://, a file path or file://, or `test:` for a moving test picture. May hold credentials. */
  readonly url: string;
}

export interface MqttConfig extends Omit<MqttSettings, 'url' | 'clientId'> {
  readonly url: string;
  /** Other servers of the same broker, tried in turn when one does not answer. */
  readonly otherUrls?: readonly string[];
  readonly clientId: string;
}

/** A label as the user named it: only the model tells whether it exists. */
export interface NamedLabel {
  label: string;
  variable: string;
  /** `file:line` or `environment`. */
  origin: string;
}

export interface Config extends Omit<NodeSettings, 'cameras'> {
  /** Where it was read from, for messages; undefined: from the environment alone. */
  readonly envFile: string | undefined;
  readonly cameras: readonly CameraConfig[];
  /** Labels that the settings of cameras name. */
  readonly namedLabels: readonly NamedLabel[];
  readonly mqtt: MqttConfig;
}

/** A camera with every setting at its default but those given. */
export function defaultCameraConfig(
  given: Pick<CameraConfig, 'name' | 'url'> & Partial<CameraConfig>,
): CameraConfig {
  return { ...mapSettings(CAMERA_VARIABLES, (_, row) => defaultOf(row)), ...given };
}

/** The frozen result of reading the env file. Its settings are those of table.ts, where each is described. */
import { type BrokerAddresses, parseBrokerAddresses } from '../address/broker.js';
import { type CameraAddress, parseCameraAddress } from '../address/camera.js';
import { defaultOf, mapSettings, type Values } from './setting.js';
import { CAMERA_VARIABLES, MQTT_VARIABLES, type NODE_VARIABLES } from './table.js';

type NodeSettings = Values<typeof NODE_VARIABLES>;
type MqttSettings = Values<typeof MQTT_VARIABLES>;
type CameraSettings = Values<typeof CAMERA_VARIABLES>;

export type ProviderName = NodeSettings['provider'];
export type LogLevel = NodeSettings['logLevel'];

/** A camera's settings; its credentials are in its address. */
export interface CameraConfig extends Omit<CameraSettings, 'url' | 'username' | 'password'> {
  /** Lower-case topic segment, e.g. `back_yard`. */
  readonly name: string;
  readonly url: CameraAddress;
}

/** The settings of the broker connection; the credentials are those of its address or its settings. */
export interface MqttConfig extends Omit<MqttSettings, 'url' | 'clientId'> {
  /** Of one scheme, tried in turn when one does not answer. */
  readonly servers: BrokerAddresses['servers'];
  readonly clientId: string;
}

/** A label as the user named it: whether it exists is known with the model. */
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

/** Some settings of a camera, its address as text or read. */
export type CameraSettingsGiven = Partial<Omit<CameraConfig, 'url'>> & { url?: string | CameraAddress };

/** A camera with every setting at its default but those given. */
export function defaultCameraConfig(
  given: CameraSettingsGiven & Required<Pick<CameraSettingsGiven, 'name' | 'url'>>,
): CameraConfig {
  const { username, password, ...settings } = mapSettings(CAMERA_VARIABLES, (_, row) => defaultOf(row));
  const url = typeof given.url === 'string' ? parseCameraAddress(given.url) : given.url;
  return { ...settings, ...given, url };
}

/** The connection to the broker at `url` with every setting at its default but those given. */
export function defaultMqttConfig({ url, ...given }: Partial<MqttConfig> & { url: string }): MqttConfig {
  const { url: _, ...settings } = mapSettings(MQTT_VARIABLES, (_, row) => defaultOf(row));
  return { ...settings, clientId: 'ghostcam', ...parseBrokerAddresses(url), ...given };
}

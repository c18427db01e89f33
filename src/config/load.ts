/** Env file + process environment -> frozen Config, or every mistake at once. */
import type { CameraAddress } from '../address/camera.js';
import { GhostcamError } from '../errors.js';
import {
  type CredentialSettings,
  type Credentials,
  credentialMistakes,
  mergeCredentials,
} from './credentials.js';
import { type EnvEntry, parseEnvFile } from './env-file.js';
import { foreignOption } from './ffmpeg-input.js';
import { FileError, readTextFile } from './files.js';
import { namedLabels, unreportedZoneLabels } from './labels.js';
import { countOf, describeMistake, type Mistake } from './mistake.js';
import { camerasToRead, missingNames, sameVariables } from './names.js';
import { type EffectiveValue, VariableSource } from './source.js';
import {
  CAMERA_VARIABLES,
  cameraDefaultName,
  cameraVariableName,
  MQTT_VARIABLES,
  mqttVariableName,
  NODE_VARIABLES,
} from './table.js';
import type { CameraConfig, Config, MqttConfig, NamedLabel } from './types.js';
import { unknownVariables } from './unknown.js';
import { keyProblem } from './values.js';
import { webMistakes } from './web.js';

/** More than every variable of a hundred cameras. */
const MAX_ENV_FILE_BYTES = 2 ** 18;

export interface Loaded {
  config: Config;
  mistakes: Mistake[];
  /** What took effect, variable by variable, secrets included: show it through {@link describeEffective}. */
  effective: EffectiveValue[];
}

/** Reads the configuration. Never throws for what a user wrote: see `mistakes`. */
export function loadConfig(
  envFile: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): Loaded {
  const mistakes: Mistake[] = [];
  const fileEntries = envFile === undefined ? new Map<string, EnvEntry>() : readEnvFile(envFile, mistakes);
  const isUnreadable = mistakes.some(({ variable }) => variable === envFile);
  const source = new VariableSource(fileEntries, environment, mistakes);

  const {
    values: { cameras, ...node },
    found,
  } = source.readAll(NODE_VARIABLES, (name) => [name]);
  const names = camerasToRead({ ...found.CAMERAS, value: cameras }, source.names);
  if (cameras === undefined && found.CAMERAS.text === undefined && !isUnreadable) {
    source.report(missingNames(names));
  }
  mistakes.push(...unknownVariables(fileEntries, environment, names), ...sameVariables(cameras ?? []));
  for (const mistake of webMistakes(node.web, node.webPassword)) source.report(mistake);
  const namedLabels: NamedLabel[] = [];
  const config: Config = {
    envFile,
    ...node,
    mqtt: readMqtt(source, node.nodeId),
    cameras: names.flatMap((name) => readCamera(name, source, namedLabels)),
    namedLabels,
  };
  // A default that no camera takes is wrong all the same.
  source.examine(CAMERA_VARIABLES, cameraDefaultName);
  return { config: deepFreeze(config), mistakes, effective: source.effective };
}

function readEnvFile(path: string, mistakes: Mistake[]): Map<string, EnvEntry> {
  try {
    const parsed = parseEnvFile(readTextFile(path, MAX_ENV_FILE_BYTES), path);
    mistakes.push(...parsed.mistakes);
    return parsed.entries;
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    mistakes.push({
      variable: path,
      problem: `cannot be read (${error.reason})`,
      expected: 'an env file, lines such as CAMERAS=front',
    });
    return new Map();
  }
}

function readMqtt(source: VariableSource, nodeId: string): MqttConfig {
  const { values, found } = source.readAll(MQTT_VARIABLES, (name) => [mqttVariableName(name)]);
  const { url, username, password, ...settings } = values;
  for (const mistake of credentialMistakes(url, { username, password }, found)) source.report(mistake);
  const { CERT, KEY } = found;
  if ((settings.cert === undefined) !== (settings.key === undefined) && !CERT.refused && !KEY.refused) {
    const [set, missing] = settings.cert === undefined ? ['KEY', 'CERT'] : ['CERT', 'KEY'];
    source.report({
      variable: `MQTT_${set}`,
      problem: `set without MQTT_${missing}`,
      expected: 'both or neither',
    });
  }
  const { cert, key } = settings;
  const problem = cert === undefined || key === undefined ? undefined : keyProblem(cert, key);
  if (problem !== undefined) {
    source.report({
      variable: KEY.name,
      origin: KEY.origin,
      problem,
      expected: `the private key of the first certificate in ${CERT.name}, without a pass phrase`,
    });
  }
  return {
    ...settings,
    servers: url.servers,
    ...mergeCredentials(url, { username, password }),
    clientId: settings.clientId ?? `ghostcam-${nodeId}`,
  };
}

/** The camera's settings, none where it has no address. Adds the labels that its settings name to `named`. */
function readCamera(camera: string, source: VariableSource, named: NamedLabel[]): CameraConfig[] {
  const { values, found } = source.readAll(CAMERA_VARIABLES, (name) => [
    cameraVariableName(camera, name),
    cameraDefaultName(name),
  ]);
  named.push(...Object.values(found).flatMap(namedLabels));
  for (const mistake of unreportedZoneLabels(values, found)) source.report(mistake);
  const { url, username, password, ...settings } = values;
  if (url === undefined) {
    if (!found.URL.refused) source.report(missingAddress(cameraVariableName(camera, 'URL')));
    return [];
  }
  const foreign = foreignOption(settings.ffmpegInput ?? [], url);
  if (foreign !== undefined) source.report(foreignInput(found.FFMPEG_INPUT, foreign, url));
  const address = withCredentials(url, { username, password }, found, source);
  return [{ ...settings, name: camera.toLowerCase(), url: address }];
}

function withCredentials(
  url: CameraAddress,
  given: Credentials,
  found: CredentialSettings,
  source: VariableSource,
): CameraAddress {
  // A default of all cameras concerns those that take credentials.
  if (url.host === '') return url;
  for (const mistake of credentialMistakes(url, given, found)) source.report(mistake);
  return url.withCredentials(mergeCredentials(url, given));
}

function foreignInput({ name, origin }: EffectiveValue, option: string, { scheme }: CameraAddress): Mistake {
  return {
    variable: name,
    origin,
    problem: `-${option} is not for ${scheme} cameras`,
    expected: 'options for the input that the address names: see docs/cameras.md',
  };
}

function missingAddress(variable: string): Mistake {
  return {
    variable,
    problem: 'not set',
    expected: 'the camera’s address, such as rtsp://192.168.1.20:554/stream',
  };
}

/** The error that stops the program: one line per mistake. */
export function configError(mistakes: readonly Mistake[], envFile?: string): GhostcamError {
  const where = envFile === undefined ? 'no env file was found; see --env-file' : `env file: ${envFile}`;
  return new GhostcamError(
    'CONFIG',
    `${countOf(mistakes)} in the configuration (${where}):\n${mistakes.map((mistake) => `  ${describeMistake(mistake)}`).join('\n')}`,
    { remedy: 'mend these, then try `ghostcam check`; `ghostcam check --all` names every variable' },
  );
}

function deepFreeze<T extends object>(value: T): T {
  for (const member of Object.values(value))
    if (typeof member === 'object' && member !== null) deepFreeze(member);
  return Object.freeze(value);
}

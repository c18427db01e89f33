/** Env file + process environment -> frozen Config, or every mistake at once. */
import { readFileSync } from 'node:fs';
import { GhostcamError } from '../errors.js';
import { type EnvEntry, parseEnvFile } from './env-file.js';
import { namedLabels } from './labels.js';
import { describeMistake, type Mistake } from './mistake.js';
import { mapSettings, type Setting } from './setting.js';
import { type EffectiveValue, VariableSource } from './source.js';
import {
  CAMERA_VARIABLES,
  cameraDefaultName,
  cameraVariableName,
  MQTT_VARIABLES,
  mqttVariableName,
  NODE_VARIABLES,
} from './table.js';
import type { CameraConfig, Config, NamedLabel } from './types.js';
import { unknownVariables } from './unknown.js';

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
  const source = new VariableSource(fileEntries, environment, mistakes);
  const effective: EffectiveValue[] = [];
  const read = (names: readonly [string, ...string[]], row: Setting) => {
    const found = source.read(names, row);
    effective.push(found);
    return found.value;
  };

  const { cameras: names = [], ...node } = mapSettings(NODE_VARIABLES, (name, row) => read([name], row));
  if (names.length === 0 && !mistakes.some(({ variable }) => variable === 'CAMERAS')) {
    mistakes.push({
      variable: 'CAMERAS',
      problem: 'not set',
      expected: 'at least one camera name: CAMERAS=front',
    });
  }
  mistakes.push(...unknownVariables(fileEntries, environment, names), ...sameVariables(names));
  const mqtt = mapSettings(MQTT_VARIABLES, (name, row) => read([mqttVariableName(name)], row));
  const [url = '', ...otherUrls] = mqtt.url;
  const namedLabels: NamedLabel[] = [];
  const config: Config = {
    envFile,
    ...node,
    mqtt: { ...mqtt, url, otherUrls, clientId: mqtt.clientId ?? `ghostcam-${node.nodeId}` },
    cameras: distinct(names).flatMap((name) => readCamera(name, source, effective, namedLabels)),
    namedLabels,
  };
  mistakes.push(...incompletePairs(config));
  return { config: deepFreeze(config), mistakes, effective };
}

function readEnvFile(path: string, mistakes: Mistake[]): Map<string, EnvEntry> {
  let content: string;
  try {
    content = readFileSync(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    mistakes.push({
      variable: path,
      problem: `cannot be read (${code})`,
      expected: 'an env file: see deploy/ghostcam.env.example',
    });
    return new Map();
  }
  const parsed = parseEnvFile(content, path);
  mistakes.push(...parsed.mistakes);
  return parsed.entries;
}

/**
 * The camera's settings, none where it has no address. Adds what took effect to `effective`, and the labels that its settings
 * name to `named`.
 */
function readCamera(
  camera: string,
  source: VariableSource,
  effective: EffectiveValue[],
  named: NamedLabel[],
): CameraConfig[] {
  const settings = mapSettings(CAMERA_VARIABLES, (name, row) => {
    const found = source.read([cameraVariableName(camera, name), cameraDefaultName(name)], row);
    effective.push(found);
    named.push(...namedLabels(found));
    return found.value;
  });
  const { url } = settings;
  if (url !== undefined) return [{ ...settings, name: camera.toLowerCase(), url }];
  const variable = cameraVariableName(camera, 'URL');
  if (!source.mistakes.some((mistake) => mistake.variable.startsWith(variable))) {
    source.mistakes.push({
      variable,
      problem: 'not set',
      expected: 'the camera’s address, such as rtsp://user:password@host/stream',
    });
  }
  return [];
}

/** One name for each set of variables; the others are mistakes, see below. */
function distinct(names: readonly string[]): string[] {
  return [...new Map(names.map((name) => [cameraVariableName(name, 'URL'), name])).values()];
}

/** Two names that lead to the same variables, such as back-yard and back_yard. */
function sameVariables(names: readonly string[]): Mistake[] {
  const seen = new Map<string, string>();
  const mistakes: Mistake[] = [];
  for (const name of names) {
    const key = cameraVariableName(name, 'URL');
    const earlier = seen.get(key);
    if (earlier !== undefined) {
      mistakes.push({
        variable: 'CAMERAS',
        problem: `${earlier} and ${name} would both read ${key}`,
        expected: 'names that differ in more than case, - and _',
      });
    }
    seen.set(key, name);
  }
  return mistakes;
}

function incompletePairs({ mqtt }: Config): Mistake[] {
  const mistakes: Mistake[] = [];
  const needs = (set: string | undefined, name: string, missing: string | undefined, other: string) => {
    if (set !== undefined && missing === undefined) {
      mistakes.push({ variable: name, problem: `set without ${other}`, expected: 'both or neither' });
    }
  };
  needs(mqtt.password, 'MQTT_PASSWORD', mqtt.username, 'MQTT_USERNAME');
  needs(mqtt.cert, 'MQTT_CERT', mqtt.key, 'MQTT_KEY');
  needs(mqtt.key, 'MQTT_KEY', mqtt.cert, 'MQTT_CERT');
  return mistakes;
}

/** The error that stops the program: one line per mistake. */
export function configError(mistakes: readonly Mistake[], envFile?: string): GhostcamError {
  const count = mistakes.length === 1 ? '1 mistake' : `${mistakes.length} mistakes`;
  const where = envFile === undefined ? 'no env file was found; see --env-file' : `env file: ${envFile}`;
  return new GhostcamError(
    'CONFIG',
    `${count} in the configuration (${where}):\n${mistakes.map((mistake) => `  ${describeMistake(mistake)}`).join('\n')}`,
    { remedy: 'mend these, then try `ghostcam check`; all variables are in deploy/ghostcam.env.example' },
  );
}

function deepFreeze<T extends object>(value: T): T {
  for (const member of Object.values(value))
    if (typeof member === 'object' && member !== null) deepFreeze(member);
  return Object.freeze(value);
}

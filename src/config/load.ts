/** Env file + process environment -> frozen Config, or every mistake at once. */
import { readFileSync } from 'node:fs';
import { GhostcamError } from '../errors.js';
import { redactText, redactUrl } from '../secrets/redact.js';
import { type EnvEntry, parseEnvFile } from './env-file.js';
import { namedLabels } from './labels.js';
import { describeMistake, type Mistake } from './mistake.js';
import { type EffectiveValue, VariableSource } from './source.js';
import {
  CAMERA_VARIABLES,
  type CameraSetting,
  cameraDefaultName,
  cameraVariableName,
  GLOBAL_VARIABLES,
  type GlobalName,
  type Variable,
} from './table.js';
import type { CameraConfig, Config, MotionConfig, NamedLabel, SnapshotConfig } from './types.js';
import { unknownVariables } from './unknown.js';

export interface Loaded {
  config: Config;
  mistakes: Mistake[];
  /** What took effect, variable by variable, secrets included: show it through `describeEffective`. */
  effective: EffectiveValue[];
}

type ValueOf<V> = V extends Variable<infer T> ? T : never;
type SettingValue<S extends CameraSetting> = ValueOf<(typeof CAMERA_VARIABLES)[S]>;

/** Reads the configuration. Never throws for what a user wrote: see `mistakes`. */
export function loadConfig(
  envFile: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): Loaded {
  const mistakes: Mistake[] = [];
  const fileEntries = envFile === undefined ? new Map<string, EnvEntry>() : readEnvFile(envFile, mistakes);
  const source = new VariableSource(fileEntries, environment, mistakes);
  const effective: EffectiveValue[] = [];

  const global = <N extends GlobalName>(name: N) => {
    const definition = GLOBAL_VARIABLES[name] as Variable<ValueOf<(typeof GLOBAL_VARIABLES)[N]>>;
    const found = source.read([name], definition);
    effective.push(found);
    return found.value;
  };

  const names = global('CAMERAS') ?? [];
  if (names.length === 0 && !mistakes.some(({ variable }) => variable === 'CAMERAS')) {
    mistakes.push({
      variable: 'CAMERAS',
      problem: 'not set',
      expected: 'at least one camera name: CAMERAS=front',
    });
  }
  mistakes.push(...unknownVariables(fileEntries, environment, names), ...sameVariables(names));

  const nodeId = global('NODE_ID') as string;
  const [url, ...otherUrls] = global('MQTT_URL') as [string, ...string[]];
  const announced = global('HOMEASSISTANT');
  const discoveryPrefix = global('HOMEASSISTANT_PREFIX');
  const named: NamedLabel[] = [];
  const config: Config = {
    envFile,
    nodeId,
    mqtt: {
      url,
      otherUrls,
      username: global('MQTT_USERNAME'),
      password: global('MQTT_PASSWORD'),
      ca: global('MQTT_CA'),
      cert: global('MQTT_CERT'),
      key: global('MQTT_KEY'),
      topic: global('MQTT_TOPIC') as string,
      clientId: global('MQTT_CLIENT_ID') ?? `ghostcam-${nodeId}`,
    },
    homeAssistant: announced ? discoveryPrefix : undefined,
    model: global('MODEL') as string,
    provider: global('PROVIDER') ?? 'auto',
    threads: global('THREADS'),
    onnxruntimeLib: global('ONNXRUNTIME_LIB'),
    ffmpegPath: global('FFMPEG_PATH'),
    maxFrameAge: global('MAX_FRAME_AGE_MS') as number,
    logLevel: global('LOG_LEVEL') ?? 'info',
    cameras: distinct(names).map((name) => readCamera(name, source, effective, named)),
    namedLabels: named,
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

/** Adds to effective what took effect, and to named the labels that it names. */
function readCamera(
  camera: string,
  source: VariableSource,
  effective: EffectiveValue[],
  named: NamedLabel[],
): CameraConfig {
  const read = <S extends CameraSetting>(name: S) => {
    const definition = CAMERA_VARIABLES[name] as Variable<SettingValue<S>>;
    const found = source.read([cameraVariableName(camera, name), cameraDefaultName(name)], definition);
    effective.push(found);
    return found;
  };
  const setting: ReadSetting = (name) => read(name).value;
  const url = setting('URL');
  const urlName = cameraVariableName(camera, 'URL');
  if (url === undefined && !source.mistakes.some(({ variable }) => variable.startsWith(urlName))) {
    source.mistakes.push({
      variable: urlName,
      problem: 'not set',
      expected: 'the camera’s address, such as rtsp://user:password@host/stream',
    });
  }
  const labels = read('LABELS');
  const filters = read('FILTERS');
  const filtered = filters.value?.map(({ label }) => label).filter((label) => label !== '*');
  named.push(...namedLabels(labels, labels.value), ...namedLabels(filters, filtered));
  return {
    name: camera.toLowerCase(),
    url: url ?? '',
    transport: setting('TRANSPORT') ?? 'tcp',
    fps: setting('FPS') as number,
    threshold: setting('THRESHOLD'),
    labels: labels.value,
    filters: filters.value ?? [],
    zones: setting('ZONES') ?? [],
    masks: setting('MASKS') ?? [],
    motion: motion(setting),
    snapshot: snapshot(setting),
    enabled: setting('ENABLED') ?? true,
    hwaccel: setting('HWACCEL'),
    decoder: setting('DECODER'),
    stallTimeout: setting('STALL_TIMEOUT') as number,
  };
}

type ReadSetting = <S extends CameraSetting>(name: S) => SettingValue<S> | undefined;

/** Reads all of its variables, so that a mistake in any of them is found. */
function motion(setting: ReadSetting): MotionConfig | undefined {
  const on = setting('MOTION');
  const config = {
    area: setting('MOTION_AREA') as number,
    offDelay: setting('MOTION_OFF_DELAY') as number,
    lookInterval: setting('LOOK_INTERVAL') as number,
  };
  return on ? config : undefined;
}

/** Reads all of its variables too. */
function snapshot(setting: ReadSetting): SnapshotConfig | undefined {
  const on = setting('SNAPSHOT');
  const config = {
    height: setting('SNAPSHOT_HEIGHT') as number,
    crop: setting('SNAPSHOT_CROP') ?? false,
    draw: setting('SNAPSHOT_DRAW') ?? [],
    maxBytes: 1000 * (setting('SNAPSHOT_MAX_KB') as number),
  };
  return on ? config : undefined;
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

/** `NAME = value (origin)` lines; secrets hidden, of URLs only the credentials. */
export function describeEffective(effective: readonly EffectiveValue[]): string {
  const width = Math.max(...effective.map(({ name }) => name.length));
  return effective
    .map(({ name, value, text, secret, origin, fallbackText }) => {
      const shown = value === undefined ? (fallbackText ?? '') : hide(text ?? String(value), secret);
      return `${name.padEnd(width)} = ${shown}  (${origin})`;
    })
    .join('\n');
}

function hide(value: string, secret: EffectiveValue['secret']): string {
  if (secret === 'all') return '***';
  return secret === 'url' ? redactUrl(value) : redactText(value, []);
}

function deepFreeze<T extends object>(value: T): T {
  for (const member of Object.values(value))
    if (typeof member === 'object' && member !== null) deepFreeze(member);
  return Object.freeze(value);
}

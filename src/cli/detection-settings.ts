/** The settings that `ghostcam detect` applies: the model's own, or those of a camera of the env file. */
import { configError } from '../config/load.js';
import type { CameraConfig, Config } from '../config/types.js';
import { closest } from '../config/unknown.js';
import { GhostcamError } from '../errors.js';
import { type Environment, loadConfigOrThrow } from './env-file.js';

/** The settings of a camera that decide what is reported, and where. */
export type DetectionSettings = Pick<
  CameraConfig,
  'threshold' | 'labels' | 'filters' | 'masks' | 'privacy' | 'zones'
>;

export interface ChosenSettings {
  settings: DetectionSettings;
  /** Undefined: no camera is asked for. */
  config?: Config;
}

/** Everything that the model knows is reported, everywhere. */
const MODEL_ONLY: DetectionSettings = {
  threshold: undefined,
  labels: undefined,
  filters: [],
  masks: [],
  privacy: [],
  zones: [],
};

/** Rejects with a CONFIG error when the env file is wrong or has no camera of that name. */
export async function detectionSettings(
  flags: { camera?: string; envFile?: string },
  environment: Environment,
): Promise<ChosenSettings> {
  const { camera } = flags;
  if (camera === undefined) {
    if (flags.envFile === undefined) return { settings: MODEL_ONLY };
    throw new GhostcamError('CONFIG', '--env-file is read for a camera only', {
      remedy: 'add --camera NAME',
    });
  }
  const { config } = await loadConfigOrThrow(flags.envFile, environment);
  const settings = config.cameras.find(({ name }) => name === camera.toLowerCase());
  if (settings !== undefined) return { settings, config };
  const names = config.cameras.map(({ name }) => name);
  const suggestion = closest(camera, names);
  const mistake = {
    variable: '--camera',
    problem: `there is no camera ${JSON.stringify(camera)}`,
    expected: `one of ${names.join(', ')}`,
    ...(suggestion === undefined ? {} : { suggestion }),
  };
  throw configError([mistake], config.envFile);
}

/** How `ghostcam detect` looks at a picture: as the model alone, or as a camera of the env file. */
import { configError } from '../config/load.js';
import type { CameraConfig, Config } from '../config/types.js';
import { closest } from '../config/unknown.js';
import { GhostcamError } from '../errors.js';
import { type Environment, loadConfigOrThrow } from './env-file.js';

/** What is reported, and where. */
export type Sight = Pick<CameraConfig, 'threshold' | 'labels' | 'filters' | 'masks' | 'zones'>;

export interface Look {
  sight: Sight;
  /** Undefined: no camera is asked for. */
  config?: Config;
}

/** Everything that the model knows, everywhere. */
const PLAIN: Sight = { threshold: undefined, labels: undefined, filters: [], masks: [], zones: [] };

/** Throws a CONFIG error when the env file is wrong or has no camera of that name. */
export function look(flags: { camera?: string; envFile?: string }, environment: Environment): Look {
  const { camera } = flags;
  if (camera === undefined) {
    if (flags.envFile === undefined) return { sight: PLAIN };
    throw new GhostcamError('CONFIG', '--env-file is read for a camera only', {
      remedy: 'add --camera NAME',
    });
  }
  const { config } = loadConfigOrThrow(flags.envFile, environment);
  const sight = config.cameras.find(({ name }) => name === camera.toLowerCase());
  if (sight !== undefined) return { sight, config };
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

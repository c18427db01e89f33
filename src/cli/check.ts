/** `ghostcam check`: validates the configuration and prints what takes effect, secrets hidden. */

import { describeEffective, differing } from '../config/effective.js';
import { unknownLabels } from '../config/labels.js';
import { configError, loadConfig } from '../config/load.js';
import { GhostcamError } from '../errors.js';
import { loadManifest } from '../model/manifest.js';
import { type Environment, resolveEnvFile } from './env-file.js';

export interface CheckFlags {
  envFile?: string;
  /** Settings at their defaults are printed too. */
  all?: true;
}

export async function check({ envFile, all }: CheckFlags, environment: Environment): Promise<void> {
  const path = resolveEnvFile(envFile);
  const { config, effective, mistakes } = loadConfig(path, environment);
  const printed = all ? effective : differing(effective);
  if (printed.length > 0) console.log(describeEffective(printed));
  if (!all) console.log('All other settings have their defaults: `ghostcam check --all` prints them too.');
  try {
    const { labels } = await loadManifest(config.model);
    mistakes.push(...unknownLabels(config, labels));
  } catch (error) {
    if (!(error instanceof GhostcamError)) throw error;
    mistakes.push({
      variable: 'MODEL',
      problem: error.message,
      ...(error.remedy ? { expected: error.remedy } : {}),
    });
  }
  if (mistakes.length > 0) throw configError(mistakes, path);
  console.log('\nThe configuration is valid.');
}

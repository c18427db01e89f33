/** `ghostcam check`: validates the configuration and prints what takes effect, secrets hidden. */

import { describeEffective, differing } from '../config/effective.js';
import { configError, loadConfig } from '../config/load.js';
import { type Environment, resolveEnvFile } from './env-file.js';
import { modelMistakes } from './model-mistakes.js';

export interface CheckFlags {
  envFile?: string;
  /** Settings at their defaults are printed too. */
  all?: true;
}

/** @throws GhostcamError CONFIG with every mistake, after the settings are printed. */
export async function check({ envFile, all }: CheckFlags, environment: Environment): Promise<void> {
  const path = resolveEnvFile(envFile);
  const { config, effective, mistakes } = loadConfig(path, environment);
  const printed = all ? effective : differing(effective);
  if (printed.length > 0) console.log(describeEffective(printed));
  if (!all) console.log('All other settings have their defaults: `ghostcam check --all` prints them too.');
  mistakes.push(...(await modelMistakes(config)));
  if (mistakes.length > 0) throw configError(mistakes, path);
  console.log('\nThe configuration is valid.');
}

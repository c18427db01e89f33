/** `ghostcam check`: validates the configuration and prints what takes effect, secrets hidden. */
import { unknownLabels } from '../config/labels.js';
import { configError, describeEffective, loadConfig } from '../config/load.js';
import { GhostcamError } from '../errors.js';
import { loadManifest } from '../model/manifest.js';
import { type Environment, resolveEnvFile } from './env-file.js';

export async function check(envFile: string | undefined, environment: Environment): Promise<void> {
  const path = resolveEnvFile(envFile);
  const { config, effective, mistakes } = loadConfig(path, environment);
  console.log(describeEffective(effective));
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

/** Which env file a command reads, and reading it. */
import { lstatSync } from 'node:fs';
import { configError, type Loaded, loadConfig } from '../config/load.js';
import { modelMistakes } from './model-mistakes.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Looked for in this order when --env-file is not given. */
export const DEFAULT_ENV_FILES = ['ghostcam.env', '/etc/ghostcam/ghostcam.env'];

/** The file given, else the first default that exists, else none: the process environment alone may do. */
export function resolveEnvFile(given: string | undefined): string | undefined {
  return given ?? DEFAULT_ENV_FILES.find(isThere);
}

/** Whether there is something at the path, or may be: what this user cannot look up is for the reader to report. */
function isThere(path: string): boolean {
  try {
    lstatSync(path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code !== 'ENOENT' && code !== 'ENOTDIR';
  }
}

/** Loads the configuration; rejects with a CONFIG error that lists every mistake. */
export async function loadConfigOrThrow(
  envFile: string | undefined,
  environment: Environment,
): Promise<Loaded> {
  const path = resolveEnvFile(envFile);
  const loaded = loadConfig(path, environment);
  // A valid configuration is compared with its model by whoever loads that.
  if (loaded.mistakes.length > 0) {
    throw configError([...loaded.mistakes, ...(await modelMistakes(loaded.config))], path);
  }
  return loaded;
}

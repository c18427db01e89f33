/** What runs the model, for commands that need no env file: options over MODEL, PROVIDER, THREADS, ONNXRUNTIME_LIB. */
import { configError } from '../config/load.js';
import type { Mistake } from '../config/mistake.js';
import { VariableSource } from '../config/source.js';
import { NODE_VARIABLES } from '../config/table.js';
import type { Config, ProviderName } from '../config/types.js';
import type { DetectorOptions } from '../detect/detector.js';
import type { Environment } from './env-file.js';

export interface RuntimeFlags {
  model?: string;
  provider?: ProviderName;
  threads?: number;
}

/** Throws a CONFIG error when one of the variables is wrong. */
export function runtimeOptions(flags: RuntimeFlags, environment: Environment): DetectorOptions {
  const mistakes: Mistake[] = [];
  const source = new VariableSource(new Map(), environment, mistakes);
  const { MODEL, PROVIDER, THREADS, ONNXRUNTIME_LIB } = NODE_VARIABLES;
  const rows = { MODEL, PROVIDER, THREADS, ONNXRUNTIME_LIB };
  const { values } = source.readAll(rows, (name) => [name]);
  if (mistakes.length > 0) throw configError(mistakes);
  return configuredRuntime(flags, values);
}

/** Options over a configuration. */
export function configuredRuntime(
  flags: RuntimeFlags,
  config: Pick<Config, 'model' | 'provider' | 'threads' | 'onnxruntimeLib'>,
): DetectorOptions {
  const threads = flags.threads ?? config.threads;
  return {
    model: flags.model ?? config.model,
    provider: flags.provider ?? config.provider,
    ...(threads === undefined ? {} : { threads }),
    ...(config.onnxruntimeLib === undefined ? {} : { onnxruntimeLib: config.onnxruntimeLib }),
  };
}

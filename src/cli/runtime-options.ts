/** What runs the model, for commands that read no env file: options over MODEL, PROVIDER, THREADS, ONNXRUNTIME_LIB. */
import { configError } from '../config/load.js';
import type { Mistake } from '../config/mistake.js';
import { VariableSource } from '../config/source.js';
import { GLOBAL_VARIABLES } from '../config/table.js';
import type { ProviderName } from '../config/types.js';
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
  const { MODEL, PROVIDER, THREADS, ONNXRUNTIME_LIB } = GLOBAL_VARIABLES;
  const threads = flags.threads ?? source.read(['THREADS'], THREADS).value;
  const runtimeLibrary = source.read(['ONNXRUNTIME_LIB'], ONNXRUNTIME_LIB).value;
  const options: DetectorOptions = {
    model: flags.model ?? (source.read(['MODEL'], MODEL).value as string),
    provider: flags.provider ?? source.read(['PROVIDER'], PROVIDER).value ?? 'auto',
    ...(threads === undefined ? {} : { threads }),
    ...(runtimeLibrary === undefined ? {} : { runtimeLibrary }),
  };
  if (mistakes.length > 0) throw configError(mistakes);
  return options;
}

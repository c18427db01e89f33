/** What is wrong with a configuration that is only known with its model: the model itself, and labels that it does not have. */
import { unknownLabels } from '../config/labels.js';
import type { Mistake } from '../config/mistake.js';
import type { Config } from '../config/types.js';
import { GhostcamError } from '../errors.js';
import { loadManifest } from '../model/manifest.js';

/** A model that is loaded already. */
export interface KnownModel {
  /** As MODEL names it. */
  model: string;
  labels: readonly string[];
}

/** @param known Is not read again when it is the configuration's. */
export async function modelMistakes(config: Config, known?: KnownModel): Promise<Mistake[]> {
  if (config.model === known?.model) return unknownLabels(config, known.labels);
  try {
    const { labels } = await loadManifest(config.model);
    return unknownLabels(config, labels);
  } catch (error) {
    if (!(error instanceof GhostcamError)) throw error;
    const { message, remedy } = error;
    return [{ variable: 'MODEL', problem: message, ...(remedy ? { expected: remedy } : {}) }];
  }
}

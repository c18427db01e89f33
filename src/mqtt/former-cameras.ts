/**
 * States of cameras that are not in the env file any more, as an earlier run has left them on the broker: they are cleared, for
 * nobody else would ever say that these cameras are not online.
 */
import { isCameraName } from '../config/values.js';
import type { Log } from '../observe/log.js';
import type { Broker } from './broker.js';
import type { Topics } from './topics.js';

export interface FormerCamerasParts {
  broker: Pick<Broker, 'subscribe' | 'clear'>;
  topics: Topics;
  /** Names of the configured cameras. */
  cameras: readonly string[];
  log: Log;
}

export class FormerCameras {
  readonly #parts: FormerCamerasParts;
  readonly #cameras: ReadonlySet<string>;
  #stopped = false;

  constructor(parts: FormerCamerasParts) {
    this.#parts = parts;
    this.#cameras = new Set(parts.cameras);
  }

  start(): void {
    const { broker, topics, log } = this.#parts;
    broker.subscribe(topics.cameraStates, (topic, payload, retained) => {
      const parsed = topics.parse(topic);
      if (this.#stopped || !retained || payload.length === 0 || parsed?.kind !== 'cameraState') return;
      if (this.#cameras.has(parsed.camera) || !isCameraName(parsed.camera)) return;
      log.info(`camera ${parsed.camera} is no longer there: clearing its state`);
      broker.clear(topic);
    });
  }

  stop(): void {
    this.#stopped = true;
  }
}

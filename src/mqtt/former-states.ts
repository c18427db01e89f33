/**
 * States of cameras, labels and zones that are not in the env file any more, as an earlier run has left them on the broker: they are
 * cleared, for nobody else would ever say that these cameras are not online and that nobody is in these zones.
 */
import { isCameraName } from '../config/values.js';
import type { Log } from '../observe/log.js';
import type { Broker } from './broker.js';
import type { Topics } from './topics.js';

export interface FormerStatesParts {
  broker: Pick<Broker, 'subscribe' | 'clear' | 'retains'>;
  topics: Topics;
  log: Log;
}

export class FormerStates {
  readonly #parts: FormerStatesParts;
  #stopped = false;

  constructor(parts: FormerStatesParts) {
    this.#parts = parts;
  }

  /** To be called when every state of this run has been given to the broker connection. */
  start(): void {
    const { broker, topics } = this.#parts;
    for (const filter of [topics.cameraStates, ...topics.counts]) {
      broker.subscribe(filter, (topic, payload, retained) => {
        if (!this.#stopped && retained && payload.length > 0) this.#onRetained(topic);
      });
    }
  }

  stop(): void {
    this.#stopped = true;
  }

  #onRetained(topic: string): void {
    const { broker, topics, log } = this.#parts;
    const parsed = topics.parse(topic);
    if (parsed === undefined || !('camera' in parsed) || !isCameraName(parsed.camera)) return;
    if (broker.retains(topic)) return;
    if (parsed.kind === 'cameraState')
      log.info(`camera ${parsed.camera} is no longer there: clearing its state`);
    broker.clear(topic);
  }
}

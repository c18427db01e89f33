/**
 * Counts of labels and zones that a camera does not have any more, as an earlier run has left them on the broker: they are cleared, for
 * nobody else would ever say that nobody is in these zones.
 */
import type { Broker } from './broker.js';
import type { Topics } from './topics.js';

export interface FormerCountsParts {
  broker: Pick<Broker, 'search' | 'clear' | 'retains'>;
  topics: Topics;
  /** Whether a camera is in the settings now. */
  isConfigured(camera: string): boolean;
}

export class FormerCounts {
  readonly #parts: FormerCountsParts;
  #stopped = false;

  constructor(parts: FormerCountsParts) {
    this.#parts = parts;
  }

  /** To be called when the counts of all cameras have been given to the broker connection. */
  start(): void {
    const { broker, topics, isConfigured } = this.#parts;
    for (const filter of topics.counts) {
      broker.search(filter, (topic, payload, retained) => {
        if (this.#stopped || !retained || payload.length === 0 || broker.retains(topic)) return;
        const parsed = topics.parse(topic);
        if (parsed !== undefined && 'label' in parsed && isConfigured(parsed.camera)) broker.clear(topic);
      });
    }
  }

  stop(): void {
    this.#stopped = true;
  }
}

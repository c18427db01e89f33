/** What the node says of itself: `state`, `info`, and `health` every ten seconds. */
import type { Clock } from '../clock.js';
import type { Detector } from '../detect/detector.js';
import type { Broker } from '../mqtt/broker.js';
import type { InfoPayload, NodeStatePayload } from '../mqtt/payloads.js';
import type { Topics } from '../mqtt/topics.js';
import { readBoard } from '../observe/board.js';
import { EventLoopMonitor } from '../observe/event-loop.js';
import type { Log } from '../observe/log.js';
import { VERSION } from '../package-info.js';
import { type CameraNow, HealthReporter } from './health.js';

const HEALTH_INTERVAL_MS = 10_000;

export interface NodeReporterParts {
  broker: Pick<Broker, 'send' | 'retain' | 'dropped'>;
  topics: Topics;
  detector: Detector;
  /** Names of the configured cameras. */
  cameras: readonly string[];
  /** The counters of every camera, and their percentiles since the last call. */
  health: () => CameraNow[];
  clock: Clock;
  log: Log;
}

export class NodeReporter {
  readonly #parts: NodeReporterParts;
  readonly #health: HealthReporter;
  readonly #eventLoop = new EventLoopMonitor();
  readonly #onSessions = () => this.#publishInfo();
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: NodeReporterParts) {
    this.#parts = parts;
    this.#health = new HealthReporter(parts.clock);
  }

  start(): void {
    this.#publishState('online');
    this.#publishInfo();
    this.#parts.detector.on('sessions', this.#onSessions);
    this.#eventLoop.start();
    this.#timer = setInterval(() => void this.#publishHealth(), HEALTH_INTERVAL_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#parts.detector.off('sessions', this.#onSessions);
    this.#eventLoop.stop();
    this.#publishState('offline');
  }

  #publishState(payload: NodeStatePayload): void {
    const { broker, topics } = this.#parts;
    broker.retain(topics.nodeState, payload);
  }

  #publishInfo(): void {
    const { broker, topics } = this.#parts;
    broker.retain(topics.info, JSON.stringify(this.#info()));
  }

  async #publishHealth(): Promise<void> {
    const { broker, topics, health, log } = this.#parts;
    const board = await readBoard();
    const payload = this.#health.report(health(), board, this.#eventLoop.flush(), broker.dropped, log.lost);
    broker.send(topics.health, JSON.stringify(payload));
  }

  #info(): InfoPayload {
    const { detector, cameras, clock } = this.#parts;
    const { model, runtime, provider, threads } = detector.info;
    return {
      version: VERSION,
      startedAt: new Date(clock.wallTime()).toISOString(),
      runtime: { library: runtime.path, version: runtime.version, provider, threads },
      model: {
        name: model.name,
        sha256: model.sha256,
        precision: model.precision,
        inputs: detector.sessions,
        labels: model.labels,
      },
      cameras: [...cameras],
    };
  }
}

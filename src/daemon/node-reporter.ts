/** What the node says of itself: `state`, `info`, and `health` every ten seconds. */
import type { Clock } from '../clock.js';
import type { DetectorInfo } from '../detect/detector.js';
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
  detector: DetectorInfo;
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
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: NodeReporterParts) {
    this.#parts = parts;
    this.#health = new HealthReporter(parts.clock);
  }

  start(): void {
    const { broker, topics } = this.#parts;
    this.#publishState('online');
    broker.retain(topics.info, JSON.stringify(this.#info()));
    this.#eventLoop.start();
    this.#timer = setInterval(() => void this.#publishHealth(), HEALTH_INTERVAL_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#eventLoop.stop();
    this.#publishState('offline');
  }

  #publishState(payload: NodeStatePayload): void {
    const { broker, topics } = this.#parts;
    broker.retain(topics.nodeState, payload);
  }

  async #publishHealth(): Promise<void> {
    const { broker, topics, health, log } = this.#parts;
    const board = await readBoard();
    const payload = this.#health.report(health(), board, this.#eventLoop.flush(), broker.dropped, log.lost);
    broker.send(topics.health, JSON.stringify(payload));
  }

  #info(): InfoPayload {
    const { detector, cameras, clock } = this.#parts;
    const { model, runtime, provider, threads, medianMs } = detector;
    return {
      version: VERSION,
      startedAt: new Date(clock.wallTime()).toISOString(),
      runtime: { library: runtime.path, version: runtime.version, provider, threads },
      model: {
        name: model.name,
        sha256: model.sha256,
        precision: model.precision,
        input: { width: model.input.width, height: model.input.height },
        labels: model.labels,
        inferenceMs: medianMs,
      },
      cameras: [...cameras],
    };
  }
}

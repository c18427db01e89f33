/** What the node says of itself: `state`, `info`, and `health` every ten seconds. */
import type { Clock } from '../clock.js';
import type { Detector } from '../detect/detector.js';
import type { Broker } from '../mqtt/broker.js';
import type { InfoPayload, NodeStatePayload, SettingsPayload } from '../mqtt/payloads.js';
import type { Topics } from '../mqtt/topics.js';
import { readBoard } from '../observe/board.js';
import { EventLoopMonitor } from '../observe/event-loop.js';
import type { Log } from '../observe/log.js';
import { VERSION } from '../package-info.js';
import { redactText } from '../secrets/redact.js';
import { type CameraNow, HealthReporter } from './health.js';
import type { Namesakes } from './namesakes.js';

const HEALTH_INTERVAL_MS = 10_000;
/** A hundred looks for each report. */
const LOOP_RESOLUTION_MS = 100;
/** Of refused settings: a file that is none of ours has a thousand. */
const MAX_MISTAKES = 20;

export interface NodeReporterParts {
  broker: Pick<Broker, 'send' | 'retain' | 'dropped'>;
  topics: Topics;
  detector: Detector;
  /** Names of the configured cameras, as they are now. */
  cameras: () => string[];
  /** The counters of every camera, and their percentiles since the last call. */
  health: () => CameraNow[];
  /** Told of each health message before it is published. */
  namesakes: Pick<Namesakes, 'saying'>;
  clock: Clock;
  log: Log;
}

export class NodeReporter {
  readonly #parts: NodeReporterParts;
  readonly #health: HealthReporter;
  readonly #eventLoop = new EventLoopMonitor(LOOP_RESOLUTION_MS);
  readonly #onSessions = () => this.#publishInfo();
  #timer: NodeJS.Timeout | undefined;
  readonly #startedAt: string;
  #settings: SettingsPayload;

  constructor(parts: NodeReporterParts) {
    this.#parts = parts;
    this.#startedAt = iso(parts.clock);
    this.#settings = { readAt: this.#startedAt, needsRestart: [] };
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

  /** The settings were read anew and hold, but for those that need a restart. */
  settingsTaken(needsRestart: readonly string[]): void {
    this.#settings = { readAt: iso(this.#parts.clock), needsRestart: [...needsRestart] };
    this.#publishInfo();
  }

  /** The settings were read anew and have mistakes: those of before hold. */
  settingsRefused(mistakes: readonly string[]): void {
    const more = mistakes.length - MAX_MISTAKES;
    const shown = [...mistakes.slice(0, MAX_MISTAKES), ...(more > 0 ? [`and ${more} more`] : [])];
    const refused = { at: iso(this.#parts.clock), mistakes: shown.map((mistake) => redactText(mistake)) };
    this.#settings = { ...this.#settings, refused };
    this.#publishInfo();
  }

  /** @param variables That do not hold what was read; empty: all hold it again. */
  settingsTried(variables: readonly string[]): void {
    const { trial: _, ...settings } = this.#settings;
    const trial = { since: iso(this.#parts.clock), variables: [...variables] };
    this.#settings = variables.length === 0 ? settings : { ...settings, trial };
    this.#publishInfo();
  }

  #publishInfo(): void {
    const { broker, topics } = this.#parts;
    broker.retain(topics.info, JSON.stringify(this.#info()));
  }

  #publishState(payload: NodeStatePayload): void {
    const { broker, topics } = this.#parts;
    broker.retain(topics.nodeState, payload);
  }

  async #publishHealth(): Promise<void> {
    const { broker, topics, health, namesakes, log } = this.#parts;
    const board = await readBoard();
    const report = this.#health.report(health(), board, this.#eventLoop.flush(), broker.dropped, log.lost);
    const payload = JSON.stringify(report);
    namesakes.saying(payload);
    broker.send(topics.health, payload);
  }

  #info(): InfoPayload {
    const { detector, cameras } = this.#parts;
    const { model, runtime, provider, threads } = detector.info;
    return {
      version: VERSION,
      startedAt: this.#startedAt,
      runtime: { library: runtime.path, version: runtime.version, provider, threads },
      model: {
        name: model.name,
        sha256: model.sha256,
        precision: model.precision,
        inputs: detector.sessions,
        labels: model.labels,
      },
      cameras: cameras(),
      settings: this.#settings,
    };
  }
}

function iso(clock: Clock): string {
  return new Date(clock.wallTime()).toISOString();
}

/** `<node>/health`: how the daemon does, every ten seconds. */
import type { CameraStats } from '../capture/camera.js';
import type { CameraStatus } from '../capture/state.js';
import type { Clock } from '../clock.js';
import type { CameraHealth, HealthPayload } from '../mqtt/payloads.js';
import type { CameraMeterReport } from '../observe/camera-meter.js';
import type { EventLoopDelay } from '../observe/event-loop.js';

export interface CameraNow {
  name: string;
  status: CameraStatus;
  capture: CameraStats;
  meter: CameraMeterReport;
}

/** Keeps what rates are computed from: the totals of the report before. */
export class HealthReporter {
  readonly #clock: Clock;
  readonly #startedAt: number;
  #lastAt: number;
  readonly #lastInferred = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startedAt = clock.monotonic();
    this.#lastAt = this.#startedAt;
  }

  report(
    cameras: readonly CameraNow[],
    eventLoopDelayMs: EventLoopDelay,
    mqttDropped: number,
    logLost: number,
  ): HealthPayload {
    const now = this.#clock.monotonic();
    const seconds = (now - this.#lastAt) / 1000;
    this.#lastAt = now;
    return {
      at: new Date(this.#clock.wallTime()).toISOString(),
      uptimeS: Math.round((now - this.#startedAt) / 1000),
      rssMb: Math.round(process.memoryUsage.rss() / 2 ** 20),
      eventLoopDelayMs,
      mqttDropped,
      logLost,
      cameras: Object.fromEntries(cameras.map((camera) => [camera.name, this.#camera(camera, seconds)])),
    };
  }

  #camera({ name, status, capture, meter }: CameraNow, seconds: number): CameraHealth {
    const before = this.#lastInferred.get(name) ?? 0;
    this.#lastInferred.set(name, meter.inferred);
    return {
      state: status,
      fpsIn: Math.round(capture.fps * 10) / 10,
      fpsInferred: Math.round(((meter.inferred - before) / seconds) * 10) / 10,
      dropped: { replaced: capture.replaced, ...meter.dropped },
      restarts: capture.restarts,
      ...(meter.stages === undefined ? {} : { stages: meter.stages }),
    };
  }
}

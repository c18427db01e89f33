/** `<node>/health`: how the daemon does, every ten seconds. */
import type { CameraStats } from '../capture/camera.js';
import type { CameraStatus } from '../capture/state.js';
import type { Clock } from '../clock.js';
import { type BoardHealth, type CameraHealth, type HealthPayload, rounded } from '../mqtt/payloads.js';
import { type BoardReadings, isThrottled } from '../observe/board.js';
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
    board: BoardReadings,
    eventLoopDelayMs: EventLoopDelay,
    mqttDropped: number,
    logLost: number,
  ): HealthPayload {
    const now = this.#clock.monotonic();
    const seconds = (now - this.#lastAt) / 1000;
    this.#lastAt = now;
    const healths = cameras.map((camera) => [camera.name, this.#camera(camera, seconds)] as const);
    return {
      at: new Date(this.#clock.wallTime()).toISOString(),
      uptimeS: Math.round((now - this.#startedAt) / 1000),
      rssMb: Math.round(process.memoryUsage.rss() / 2 ** 20),
      board: boardHealth(board),
      fpsInferred: rounded(
        healths.reduce((sum, [, { fpsInferred }]) => sum + fpsInferred, 0),
        1,
      ),
      eventLoopDelayMs,
      mqttDropped,
      logLost,
      cameras: Object.fromEntries(healths),
    };
  }

  #camera({ name, status, capture, meter }: CameraNow, seconds: number): CameraHealth {
    const last = this.#lastInferred.get(name) ?? 0;
    // A camera that left and came back counts from the beginning.
    const before = last > meter.inferred ? 0 : last;
    this.#lastInferred.set(name, meter.inferred);
    return {
      state: status,
      fpsIn: rounded(capture.fps, 1),
      fpsInferred: rounded((meter.inferred - before) / seconds, 1),
      dropped: { replaced: capture.replaced, ...meter.dropped },
      restarts: capture.restarts,
      ...(meter.stages === undefined ? {} : { stages: meter.stages }),
    };
  }
}

function boardHealth({ temperatureC, throttled, memoryUsed }: BoardReadings): BoardHealth {
  return {
    ...(temperatureC === undefined ? {} : { temperatureC: rounded(temperatureC, 1) }),
    ...(throttled === undefined ? {} : { throttled: isThrottled(throttled) }),
    ...(memoryUsed === undefined ? {} : { memoryUsedPercent: rounded(100 * memoryUsed, 1) }),
  };
}

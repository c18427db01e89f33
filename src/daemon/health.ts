/** `<node>/health`: how the daemon does, every ten seconds. */
import type { CameraStats } from '../capture/camera.js';
import type { CameraStatus } from '../capture/state.js';
import type { Time } from '../mqtt/payloads.js';
import type { CameraMeterReport, Stage } from '../observe/camera-meter.js';
import type { EventLoopDelay } from '../observe/event-loop.js';
import type { Percentiles } from '../observe/window.js';

export interface HealthPayload {
  at: Time;
  uptimeS: number;
  /** Resident memory of the daemon, without its ffmpeg processes. */
  rssMb: number;
  eventLoopDelayMs: EventLoopDelay;
  /** Messages dropped because the broker was away or slow, since the start. */
  mqttDropped: number;
  cameras: Record<string, CameraHealth>;
}

export interface CameraHealth {
  state: CameraStatus;
  /** Frames a second that ffmpeg delivered and that were inferred. */
  fpsIn: number;
  fpsInferred: number;
  /** Frames not inferred since the start: replaced by a newer one, without motion, too old, or failed in inference. */
  dropped: { replaced: number; still: number; stale: number; failed: number };
  /** ffmpeg processes started anew since the start, by what ended the last one. */
  restarts: Record<string, number>;
  stages?: Record<Stage, Percentiles>;
}

export interface CameraNow {
  name: string;
  status: CameraStatus;
  capture: CameraStats;
  meter: CameraMeterReport;
}

/** Keeps what rates are computed from: the totals of the report before. */
export class HealthReporter {
  readonly #startedAt = performance.now();
  #lastAt = performance.now();
  readonly #lastInferred = new Map<string, number>();

  report(
    cameras: readonly CameraNow[],
    eventLoopDelayMs: EventLoopDelay,
    mqttDropped: number,
  ): HealthPayload {
    const now = performance.now();
    const seconds = (now - this.#lastAt) / 1000;
    this.#lastAt = now;
    return {
      at: new Date().toISOString(),
      uptimeS: Math.round((now - this.#startedAt) / 1000),
      rssMb: Math.round(process.memoryUsage.rss() / 2 ** 20),
      eventLoopDelayMs,
      mqttDropped,
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

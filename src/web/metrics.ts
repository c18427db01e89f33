/**
 * `GET /metrics` in the text format of Prometheus. Names follow https://prometheus.io/docs/practices/naming/: base units, `_total` for
 * what only grows. Most values are read when they are asked for; only histograms are kept.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { DetectorInfo } from '../detect/detector.js';
import type { Broker } from '../mqtt/broker.js';
import type { EventPayload } from '../mqtt/payloads.js';
import { VERSION } from '../package-info.js';
import type { FrameOutcome } from './camera-listener.js';
import type { LivePictures } from './live-pictures.js';
import type { WatchedCamera } from './watched-camera.js';

const STAGES = { queue: 'queueMs', pre: 'preMs', infer: 'inferMs', post: 'postMs' } as const;
const STAGE_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
const AGE_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
/** What prom-client gives as gauges with the suffix of a counter, which the conventions forbid. */
const MISNAMED = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

export interface MetricsParts {
  detector: DetectorInfo;
  broker: Pick<Broker, 'connected' | 'dropped' | 'waitingEvents'>;
  pictures: LivePictures;
  viewers: () => number;
  /** Lines of the log that could not be written since the start. */
  logLost: () => number;
}

export class Metrics {
  readonly #registry = new Registry();
  readonly #stages: Histogram<'camera' | 'stage'>;
  readonly #ages: Histogram<'camera'>;
  readonly #events: Counter<'camera' | 'label'>;
  #cameras: ReadonlyMap<string, WatchedCamera> = new Map();
  #watchesProcess = false;

  constructor() {
    const registers = [this.#registry];
    this.#stages = new Histogram({
      name: 'ghostcam_inference_stage_duration_seconds',
      help: 'Time of one inferred frame by stage: queue, pre (letterbox), infer (ONNX Runtime), post (NMS)',
      labelNames: ['camera', 'stage'],
      buckets: STAGE_BUCKETS,
      registers,
    });
    this.#ages = new Histogram({
      name: 'ghostcam_frame_age_seconds',
      help: 'Age of an inferred frame when its message was handed to the connection',
      labelNames: ['camera'],
      buckets: AGE_BUCKETS,
      registers,
    });
    this.#events = new Counter({
      name: 'ghostcam_events_total',
      help: 'Events that began',
      labelNames: ['camera', 'label'],
      registers,
      collect: () => this.#beginEventCounts(),
    });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  onFrame(camera: string, outcome: FrameOutcome): void {
    if (outcome.kind !== 'inferred') return;
    for (const [stage, key] of Object.entries(STAGES)) {
      this.#stages.observe({ camera, stage }, outcome.timings[key] / 1000);
    }
    this.#ages.observe({ camera }, outcome.timings.ageMs / 1000);
  }

  onEvent({ type, camera, label }: EventPayload): void {
    if (type === 'new') this.#events.inc({ camera, label });
  }

  /** From now on the values of these are given too; cameras may come and go. Call once. */
  watch(cameras: ReadonlyMap<string, WatchedCamera>, parts: MetricsParts): void {
    this.#cameras = cameras;
    this.#watchCameras(parts.pictures);
    this.#watchNode(parts);
  }

  text(): Promise<string> {
    this.#watchProcess();
    return this.#registry.metrics();
  }

  /** From the first request on: to watch the event loop takes a hundred wake-ups a second, which nobody has to pay who asks for nothing. */
  #watchProcess(): void {
    if (this.#watchesProcess) return;
    this.#watchesProcess = true;
    collectDefaultMetrics({ register: this.#registry });
    for (const name of MISNAMED) this.#registry.removeSingleMetric(name);
  }

  /** A counter that begins with 1 has no increase: what did not happen yet is 0. */
  #beginEventCounts(): void {
    for (const [camera, { reportableLabels }] of this.#cameras)
      for (const label of reportableLabels) this.#events.inc({ camera, label }, 0);
  }

  #watchCameras(pictures: LivePictures): void {
    const all = () => [...this.#cameras].map(([name, camera]) => ({ name, camera }));
    this.#counter('ghostcam_camera_frames_total', 'Frames that ffmpeg delivered', ['camera'], () =>
      all().map(({ camera, name }) => [{ camera: name }, camera.totals().capture.frames]),
    );
    this.#counter('ghostcam_camera_frames_inferred_total', 'Frames that were inferred', ['camera'], () =>
      all().map(({ camera, name }) => [{ camera: name }, camera.totals().meter.inferred]),
    );
    this.#counter(
      'ghostcam_camera_frames_dropped_total',
      'Frames that were not inferred: replaced by a newer one, still (no motion), paused, stale or failed',
      ['camera', 'reason'],
      () =>
        all().flatMap(({ camera, name }) => {
          const { capture, meter } = camera.totals();
          const dropped = Object.entries({ replaced: capture.replaced, ...meter.dropped });
          return dropped.map(([reason, count]) => [{ camera: name, reason }, count] as const);
        }),
    );
    this.#counter(
      'ghostcam_camera_restarts_total',
      'ffmpeg processes started anew, by what ended the last one',
      ['camera', 'reason'],
      () =>
        all().flatMap(({ camera, name }) =>
          Object.entries(camera.totals().capture.restarts).map(
            ([reason, count]) => [{ camera: name, reason }, count] as const,
          ),
        ),
    );
    this.#counter(
      'ghostcam_camera_ffmpeg_cpu_seconds_total',
      'CPU time of the camera’s ffmpeg',
      ['camera'],
      () =>
        all().map(({ camera, name }) => [{ camera: name }, camera.totals().capture.ffmpegCpuSeconds ?? 0]),
    );
    this.#gauge('ghostcam_camera_online', '1: the camera delivers frames', ['camera'], () =>
      all().map(({ camera, name }) => [{ camera: name }, camera.state.status === 'online' ? 1 : 0]),
    );
    this.#gauge('ghostcam_camera_enabled', '1: the camera is switched on', ['camera'], () =>
      all().map(({ camera, name }) => [{ camera: name }, camera.get('enabled') ? 1 : 0]),
    );
    this.#gauge('ghostcam_objects', 'Objects that are there now', ['camera', 'label'], () =>
      all().flatMap(({ camera, name }) =>
        camera.reportableLabels.map(
          (label) => [{ camera: name, label }, camera.counts.get(label) ?? 0] as const,
        ),
      ),
    );
    this.#counter('ghostcam_web_pictures_encoded_total', 'Live pictures that were encoded', ['camera'], () =>
      all().map(({ name }) => [{ camera: name }, pictures.encoded(name)]),
    );
  }

  #watchNode({ detector, broker, viewers, logLost }: MetricsParts): void {
    const { model, runtime, provider, threads, medianMs } = detector;
    const facts = {
      version: VERSION,
      runtime: runtime.version,
      provider,
      threads: String(threads),
      model: model.name,
      precision: model.precision,
    };
    this.#gauge('ghostcam_build_info', 'What runs here', Object.keys(facts), () => [[facts, 1]]);
    this.#gauge(
      'ghostcam_inference_startup_duration_seconds',
      'Median of one bare inference, measured at start-up',
      [],
      () => [[{}, medianMs / 1000]],
    );
    this.#gauge('ghostcam_mqtt_connected', '1: connected to the broker', [], () => [
      [{}, broker.connected ? 1 : 0],
    ]);
    this.#gauge('ghostcam_mqtt_events_waiting', 'Events that wait for the broker', [], () => [
      [{}, broker.waitingEvents],
    ]);
    this.#counter('ghostcam_mqtt_messages_dropped_total', 'Messages that were dropped', [], () => [
      [{}, broker.dropped],
    ]);
    this.#gauge('ghostcam_web_viewers', 'Pages that are open', [], () => [[{}, viewers()]]);
    this.#counter('ghostcam_log_lines_lost_total', 'Lines of the log that could not be written', [], () => [
      [{}, logLost()],
    ]);
  }

  #gauge(name: string, help: string, labelNames: string[], values: () => readonly Value[]): void {
    const gauge = new Gauge({
      name,
      help,
      labelNames,
      registers: [this.#registry],
      collect: () => {
        for (const [labels, value] of values()) gauge.set(labels, value);
      },
    });
  }

  /** The values are totals since the start. */
  #counter(name: string, help: string, labelNames: string[], values: () => readonly Value[]): void {
    const counter = new Counter({
      name,
      help,
      labelNames,
      registers: [this.#registry],
      collect: () => {
        counter.reset();
        for (const [labels, value] of values()) counter.inc(labels, value);
      },
    });
  }
}

type Value = readonly [labels: Record<string, string>, value: number];

/** Builds the daemon from its parts. The order of start is the architecture; stop is its reverse. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Camera } from '../capture/camera.js';
import { findFfmpeg } from '../capture/ffmpeg.js';
import type { CameraState } from '../capture/state.js';
import { unknownLabels } from '../config/labels.js';
import { configError } from '../config/load.js';
import type { Config } from '../config/types.js';
import { Detector, type DetectorInfo } from '../detect/detector.js';
import { Scheduler } from '../detect/scheduler.js';
import { classThresholds, isReportable } from '../detect/thresholds.js';
import { HomeAssistant } from '../homeassistant/home-assistant.js';
import { Broker } from '../mqtt/broker.js';
import { Commands } from '../mqtt/commands.js';
import {
  cameraStatePayload,
  type InfoPayload,
  type MotionPayload,
  type NodeStatePayload,
} from '../mqtt/payloads.js';
import { Topics } from '../mqtt/topics.js';
import { EventLoopMonitor } from '../observe/event-loop.js';
import type { Log } from '../observe/log.js';
import { Progress } from '../observe/progress.js';
import { VERSION } from '../package-info.js';
import { Snapshots } from '../snapshot/snapshots.js';
import { TrackIds } from '../track/ids.js';
import { type DetectionsListener, Pipeline, Watch } from './camera-pipeline.js';
import { Controls } from './controls.js';
import { HealthReporter } from './health.js';

const HEALTH_INTERVAL_MS = 10_000;
/** How late the end of an event may be told when no frames come. */
const EXPIRY_INTERVAL_MS = 1000;
/** Of the 10 s that a stop may take in all: what is left for the broker after cameras and inference. */
const BROKER_STOP_MS = 3000;
/** And for the pictures that are waiting. */
const SNAPSHOTS_STOP_MS = 1000;

export class App {
  readonly #config: Config;
  readonly #log: Log;
  readonly #onDetections: DetectionsListener | undefined;
  readonly #topics: Topics;
  readonly #broker: Broker;
  readonly #snapshots: Snapshots;
  readonly #loop = new EventLoopMonitor();
  readonly #health = new HealthReporter();
  readonly #progress = new Progress();
  #detector: Detector | undefined;
  #watches: Watch[] = [];
  #scheduler: Scheduler<Watch> | undefined;
  #pipeline: Pipeline | undefined;
  #commands: Commands | undefined;
  #homeAssistant: HomeAssistant | undefined;
  #healthTimer: NodeJS.Timeout | undefined;
  #expiryTimer: NodeJS.Timeout | undefined;

  constructor(config: Config, log: Log, onDetections?: DetectionsListener) {
    this.#config = config;
    this.#log = log;
    this.#onDetections = onDetections;
    this.#topics = new Topics(config.mqtt.topic, config.nodeId);
    this.#broker = new Broker(config.mqtt, { topic: this.#topics.nodeState, payload: 'offline' }, log);
    const { cameras } = config;
    this.#snapshots = new Snapshots({ broker: this.#broker, topics: this.#topics, cameras, log });
  }

  /** Rejects with a GhostcamError when a part that cannot be waited for is missing: model, runtime, ffmpeg, a label. */
  async start(): Promise<void> {
    const ffmpeg = await findFfmpeg(this.#config.ffmpegPath);
    const detector = await this.#openDetector();
    this.#detector = detector;
    const { model } = detector.info;
    const ids = new TrackIds(Date.now());
    this.#watches = this.#config.cameras.map((config) => {
      const camera = new Camera(config, { ffmpeg, inputSize: model.input, log: this.#log });
      const thresholds = classThresholds(model.labels, model.thresholds, config);
      return new Watch(camera, thresholds, ids, (on) => this.#publishMotion(config.name, on));
    });
    this.#publishStates(detector);
    this.#takeCommands(model);
    this.#announce(model);
    await this.#broker.start();
    const pipeline = new Pipeline({
      detector,
      broker: this.#broker,
      topics: this.#topics,
      maxFrameAge: this.#config.maxFrameAgeMs,
      log: this.#log,
      onDetections: this.#onDetections,
      onEvent: (change, frame) => this.#snapshots.take(change, frame),
    });
    this.#pipeline = pipeline;
    this.#scheduler = new Scheduler(this.#watches, (watch, frame, inferred) =>
      pipeline.infer(watch, frame, inferred),
    );
    for (const watch of this.#watches) this.#startWatch(watch, pipeline);
    this.#expiryTimer = setInterval(() => {
      for (const watch of this.#watches) pipeline.expire(watch);
    }, EXPIRY_INTERVAL_MS);
    this.#loop.start();
    this.#healthTimer = setInterval(() => this.#publishHealth(), HEALTH_INTERVAL_MS);
  }

  /** What stands still since the last call, for a watchdog; undefined: nothing does. */
  stuck(): string | undefined {
    const cameras = this.#watches.map(({ name, camera, meter }) => ({
      name,
      online: camera.state.status === 'online',
      stallTimeout: camera.config.stallTimeout,
      captured: camera.stats().frames,
      processed: meter.processed,
    }));
    return this.#progress.stuck(cameras, performance.now());
  }

  /** Stops what was started, also after a failed start; takes a few seconds at most. */
  async stop(): Promise<void> {
    this.#commands?.stop();
    this.#homeAssistant?.stop();
    clearInterval(this.#healthTimer);
    clearInterval(this.#expiryTimer);
    this.#loop.stop();
    for (const { camera } of this.#watches) camera.removeAllListeners();
    await Promise.all(this.#watches.map(({ camera }) => camera.stop()));
    await this.#scheduler?.stop();
    await Promise.race([this.#snapshots.settled(), sleep(SNAPSHOTS_STOP_MS, undefined, { ref: false })]);
    const now = Date.now();
    for (const watch of this.#watches) {
      const { name } = watch;
      this.#pipeline?.finish(watch);
      this.#publishCameraState(name, { status: 'offline', reason: 'ghostcam was stopped', since: now });
    }
    this.#publishNodeState('offline');
    await this.#broker.stop(BROKER_STOP_MS);
    await this.#detector?.close();
  }

  async #openDetector(): Promise<Detector> {
    const { model, provider, threads, onnxruntimeLib } = this.#config;
    const detector = await Detector.open({
      model,
      provider,
      ...(threads === undefined ? {} : { threads }),
      ...(onnxruntimeLib === undefined ? {} : { onnxruntimeLib }),
      log: this.#log,
    });
    const mistakes = unknownLabels(this.#config, detector.info.model.labels);
    if (mistakes.length === 0) return detector;
    await detector.close();
    throw configError(mistakes, this.#config.envFile);
  }

  #startWatch(watch: Watch, pipeline: Pipeline): void {
    const { camera, name } = watch;
    camera.on('frame', () => this.#scheduler?.wake());
    camera.on('state', (state) => {
      const { status, reason } = state;
      this.#log.info(`camera ${name} is ${status}${reason === undefined ? '' : `: ${reason}`}`);
      this.#publishCameraState(name, state);
      if (status === 'disabled') pipeline.finish(watch);
      if (status !== 'online') watch.gate?.reset();
    });
    pipeline.tellCounts(watch);
    if (watch.gate === undefined) this.#broker.forget(this.#topics.motion(name));
    else this.#publishMotion(name, watch.gate.motion);
    if (camera.config.enabled) camera.start();
  }

  #takeCommands({ labels, thresholds }: DetectorInfo['model']): void {
    const controls = this.#watches.map(
      (watch) => [watch.name, new Controls(watch, labels, thresholds)] as const,
    );
    this.#commands = new Commands(this.#broker, this.#topics, new Map(controls), this.#log);
    this.#commands.start();
  }

  #announce({ labels }: DetectorInfo['model']): void {
    const { homeassistant, homeassistantPrefix: prefix, nodeId } = this.#config;
    if (!homeassistant) return;
    const cameras = this.#watches.map(({ name, camera, thresholds, gate }) => ({
      name,
      labels: labels.filter((_, classId) => isReportable(thresholds, classId)),
      wantedLabels: camera.config.labels,
      motion: gate !== undefined,
      snapshots: camera.config.snapshot,
    }));
    const [broker, topics, log] = [this.#broker, this.#topics, this.#log];
    this.#homeAssistant = new HomeAssistant({ broker, topics, nodeId, prefix, cameras, log });
    this.#homeAssistant.start();
  }

  /** States are kept by the broker connection and told when it is there. */
  #publishStates(detector: Detector): void {
    this.#publishNodeState('online');
    this.#broker.retain(this.#topics.info, JSON.stringify(this.#info(detector)));
    for (const { name, camera } of this.#watches) {
      this.#publishCameraState(name, camera.state);
      if (camera.config.snapshot) continue;
      for (const label of detector.info.model.labels) this.#broker.forget(this.#topics.snapshot(name, label));
    }
  }

  #publishNodeState(payload: NodeStatePayload): void {
    this.#broker.retain(this.#topics.nodeState, payload);
  }

  #publishCameraState(name: string, state: CameraState): void {
    this.#broker.retain(this.#topics.cameraState(name), JSON.stringify(cameraStatePayload(state)));
  }

  #publishMotion(name: string, on: boolean): void {
    const payload: MotionPayload = on ? 'ON' : 'OFF';
    this.#broker.retain(this.#topics.motion(name), payload, 0);
  }

  #publishHealth(): void {
    const cameras = this.#watches.map(({ name, camera, meter }) => ({
      name,
      status: camera.state.status,
      capture: camera.stats(),
      meter: meter.report(),
    }));
    const health = this.#health.report(cameras, this.#loop.flush(), this.#broker.dropped);
    this.#broker.send(this.#topics.health, JSON.stringify(health));
  }

  #info({ info: { model, runtime, provider, threads, medianMs } }: Detector): InfoPayload {
    return {
      version: VERSION,
      startedAt: new Date().toISOString(),
      runtime: { library: runtime.path, version: runtime.version, provider, threads },
      model: {
        name: model.name,
        sha256: model.sha256,
        precision: model.precision,
        input: { width: model.input.width, height: model.input.height },
        labels: model.labels,
        inferenceMs: medianMs,
      },
      cameras: this.#config.cameras.map(({ name }) => name),
    };
  }
}

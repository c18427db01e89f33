/** The page with its API and metrics, as one part of the daemon. Nothing of it is loaded where WEB is off. */
import type { Clock } from '../clock.js';
import type { Config } from '../config/types.js';
import type { ListenAddress } from '../config/web.js';
import type { Detector } from '../detect/detector.js';
import type { CapturedFrame } from '../frame/frame.js';
import type { Broker } from '../mqtt/broker.js';
import type { Commands } from '../mqtt/commands.js';
import type { EventPayload } from '../mqtt/payloads.js';
import { FrequentErrors } from '../observe/frequent-errors.js';
import type { Log } from '../observe/log.js';
import { VERSION } from '../package-info.js';
import { Access } from './access.js';
import type { CamerasAnswer, CameraView, EventView } from './api.js';
import { webApp } from './app.js';
import type { CameraListener, FrameOutcome } from './camera-listener.js';
import type { CameraTrials } from './camera-trials.js';
import { CameraViews } from './camera-views.js';
import { EventStore } from './event-store.js';
import { pageFiles } from './files.js';
import { LivePictures } from './live-pictures.js';
import { Metrics } from './metrics.js';
import { OriginGuard } from './origin.js';
import { WebServer } from './server.js';
import { StillRequests } from './still-requests.js';
import { StillRoute } from './still-route.js';
import { Viewers } from './viewers.js';
import type { WatchedCamera } from './watched-camera.js';

/** How often open pages get the state of the cameras. */
const NOTIFY_INTERVAL_MS = 1000;

export interface WebParts {
  config: Config;
  /** Where it is served: `config.web`, which is not off. */
  address: ListenAddress;
  /** By name; they may come and go. */
  cameras: ReadonlyMap<string, WatchedCamera>;
  detector: Detector;
  broker: Broker;
  clock: Clock;
  log: Log;
}

export class Web implements CameraListener {
  readonly #parts: WebParts;
  readonly #views: CameraViews;
  readonly #pictures: LivePictures;
  readonly #events = new EventStore();
  readonly #metrics = new Metrics();
  readonly #viewers: Viewers;
  readonly #stills: StillRequests | undefined;
  #server: WebServer | undefined;
  #timer: NodeJS.Timeout | undefined;
  #sent = '';
  #trials: CameraTrials | undefined;

  constructor(parts: WebParts) {
    const { config, detector, clock, log } = parts;
    this.#parts = parts;
    this.#views = new CameraViews(clock);
    this.#pictures = new LivePictures(clock, log, (camera) => parts.cameras.get(camera)?.recall());
    this.#viewers = new Viewers(this.#pictures, clock);
    this.#stills = config.webDetect ? new StillRequests(detector, clock) : undefined;
  }

  /** What the scheduler serves while no camera has a frame. */
  get background(): StillRequests[] {
    return this.#stills === undefined ? [] : [this.#stills];
  }

  onFrame(camera: string, frame: CapturedFrame, outcome: FrameOutcome): void {
    this.#views.onFrame(camera, outcome.kind === 'inferred');
    this.#metrics.onFrame(camera, outcome);
    if (outcome.kind === 'inferred') this.#viewers.detected(camera, outcome.payload);
    this.#pictures.onFrame(camera, frame, outcome);
  }

  wantsFrames(camera: string): boolean {
    return this.#pictures.wantsFrames(camera);
  }

  wantsMotion(camera: string): boolean {
    return this.#pictures.wantsMotion(camera);
  }

  onEvent(event: EventPayload): void {
    this.#metrics.onEvent(event);
    this.#publishEvent(this.#events.update(event, this.#parts.clock.wallTime()));
  }

  onPrivacyChange(camera: string): void {
    this.#pictures.discard(camera);
    for (const event of this.#events.dropPictures(camera)) this.#publishEvent(event);
  }

  onSnapshot(eventId: string, jpeg: Buffer): void {
    this.#publishEvent(this.#events.setPicture(eventId, jpeg));
  }

  /** Begins to serve. */
  start(commands: Pick<Commands, 'command'>, trials: CameraTrials): void {
    this.#trials = trials;
    const { config, address, cameras, detector, broker, clock, log } = this.#parts;
    this.#metrics.watch(cameras, {
      detector: detector.info,
      broker,
      pictures: this.#pictures,
      viewers: () => this.#viewers.count,
      logLost: () => log.lost,
    });
    const guard = new OriginGuard(config.webHosts);
    const access = new Access(config.webPassword, clock);
    const app = webApp({
      files: pageFiles(),
      guard,
      access,
      frameAncestors: config.webFrameAncestors,
      cameras,
      pictures: this.#pictures,
      events: this.#events,
      commands,
      trials,
      metrics: this.#metrics,
      stills: this.#stills && new StillRoute(this.#stills, clock),
      answer: () => this.#answer(),
      healthy: () => this.#views.isHealthy(cameras.values()),
      onChange: () => this.#notify(),
      onLogout: () => this.#viewers.recheck(),
      errors: new FrequentErrors(log, clock),
    });
    const onViewer: ConstructorParameters<typeof WebServer>[0]['onViewer'] = (socket, allowed) => {
      this.#viewers.add(socket, { type: 'cameras', ...this.#answer() }, allowed);
      this.#timer ??= setInterval(() => this.#notify(), NOTIFY_INTERVAL_MS);
    };
    this.#server = new WebServer({ address, app, guard, access, onViewer, log });
    this.#server.start();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#stills?.stop();
    await this.#viewers.stop();
    await this.#server?.stop();
  }

  #answer(): CamerasAnswer {
    const { config, cameras, detector } = this.#parts;
    return {
      node: config.nodeId,
      version: VERSION,
      login: config.webPassword !== undefined,
      labels: detector.info.model.labels,
      cameras: [...cameras.values()].map((camera) => this.#view(camera)),
    };
  }

  #view(camera: WatchedCamera): CameraView {
    return this.#views.view(camera, this.#pictures, this.#trials?.variables(camera.name) ?? []);
  }

  /** Tells open pages how the cameras are, when that has changed; without any it ceases. */
  #notify(): void {
    if (this.#viewers.count === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
      return;
    }
    const message = { type: 'cameras', ...this.#answer() } as const;
    const text = JSON.stringify(message);
    if (text === this.#sent) return;
    this.#sent = text;
    this.#viewers.send(message);
  }

  #publishEvent(event: EventView | undefined): void {
    if (event !== undefined) this.#viewers.send({ type: 'event', event });
  }
}

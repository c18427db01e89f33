/** Makes the parts of the daemon. They are most of the program: this file is loaded while the model is opened and the broker answers. */
import { Camera } from '../capture/camera.js';
import type { Ffmpeg } from '../capture/ffmpeg.js';
import type { Clock } from '../clock.js';
import type { CameraConfig, Config } from '../config/types.js';
import type { Detector } from '../detect/detector.js';
import { type FrameSource, Scheduler } from '../detect/scheduler.js';
import type { LeasedFrame } from '../frame/leased-frame.js';
import { HomeAssistant } from '../homeassistant/home-assistant.js';
import type { Broker } from '../mqtt/broker.js';
import { FormerCameras } from '../mqtt/former-cameras.js';
import { FormerCounts } from '../mqtt/former-counts.js';
import type { Topics } from '../mqtt/topics.js';
import { readBoard } from '../observe/board.js';
import type { Log } from '../observe/log.js';
import { Snapshots } from '../snapshot/snapshots.js';
import type { TrackIds } from '../track/ids.js';
import type { Web } from '../web/web.js';
import { CameraPipeline } from './camera-pipeline.js';
import { Namesakes } from './namesakes.js';
import { NodeReporter } from './node-reporter.js';
import { Trials, type TrialsParts } from './trials.js';

/** What all parts have in common. */
export interface Shared {
  /** The settings that hold. */
  config(): Config;
  /** Of every camera that is there. */
  pipelines(): readonly CameraPipeline[];
  topics: Topics;
  ids: TrackIds;
  detector: Detector;
  broker: Broker;
  clock: Clock;
  log: Log;
}

/** What the pipelines of all cameras share. */
export interface CameraParts {
  ffmpeg: Ffmpeg;
  snapshots: Snapshots;
  web: Web | undefined;
}

/** A source of frames that does what is to be done with each of them. */
export interface Inferred extends FrameSource {
  process(frame: LeasedFrame, inferred: () => void, isIdle: () => boolean): Promise<void>;
}

export class PartFactory {
  readonly #shared: Shared;

  constructor(shared: Shared) {
    this.#shared = shared;
  }

  namesakes(): Namesakes {
    return new Namesakes({ ...this.#shared, nodeId: this.#shared.config().nodeId });
  }

  nodeReporter(namesakes: Namesakes): NodeReporter {
    const { config, pipelines } = this.#shared;
    return new NodeReporter({
      ...this.#shared,
      namesakes,
      cameras: () => config().cameras.map(({ name }) => name),
      health: () => pipelines().map((pipeline) => pipeline.health()),
    });
  }

  /** Undefined: there is no page, and nothing of it is loaded. */
  async web(cameras: ReadonlyMap<string, CameraPipeline>): Promise<Web | undefined> {
    const config = this.#shared.config();
    if (config.web === 'off') return undefined;
    const { Web } = await import('../web/web.js');
    return new Web({ ...this.#shared, config, address: config.web, cameras });
  }

  snapshots(web: Web | undefined): Snapshots {
    const { cameras } = this.#shared.config();
    const onPicture = web && ((event: string, jpeg: Buffer) => web.onSnapshot(event, jpeg));
    return new Snapshots({ ...this.#shared, cameras, onPicture });
  }

  pipeline(config: CameraConfig, { ffmpeg, snapshots, web }: CameraParts): CameraPipeline {
    const { detector, log, clock } = this.#shared;
    return new CameraPipeline({
      ...this.#shared,
      camera: new Camera(config, { ffmpeg, inputSize: detector.info.inputSize, log, clock }),
      snapshots,
      listener: web,
      maxFrameAge: this.#shared.config().maxFrameAgeMs,
    });
  }

  /** Of the cameras, and of what the page asks for while they have no frame. */
  scheduler(web: Web | undefined): Scheduler<Inferred> {
    const background = web?.background ?? [];
    const scheduler = new Scheduler<Inferred>(
      this.#shared.pipelines(),
      (source, frame, inferred, isIdle) => source.process(frame, inferred, isIdle),
      background,
    );
    for (const source of background) source.onFrame(() => scheduler.wake());
    return scheduler;
  }

  async homeAssistant(former: FormerCameras): Promise<HomeAssistant> {
    const { nodeId, homeassistantPrefix: prefix } = this.#shared.config();
    const cameras = this.#shared.pipelines();
    return new HomeAssistant({ ...this.#shared, nodeId, prefix, cameras, board: await readBoard(), former });
  }

  formerCameras(): FormerCameras {
    return new FormerCameras({ ...this.#shared, isConfigured: this.#isConfigured });
  }

  formerCounts(): FormerCounts {
    return new FormerCounts({ ...this.#shared, isConfigured: this.#isConfigured });
  }

  trials(reporter: NodeReporter, changes: Pick<TrialsParts, 'apply' | 'inOrder'>): Trials {
    const { config: current, detector, clock, log } = this.#shared;
    return new Trials({
      ...changes,
      current,
      labels: detector.info.model.labels,
      onChange: (variables) => reporter.settingsTried(variables),
      clock,
      log,
    });
  }

  readonly #isConfigured = (camera: string): boolean =>
    this.#shared.config().cameras.some(({ name }) => name === camera);
}

/** Builds the daemon from its parts. The order of start is the architecture; stop is its reverse. */
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { type Clock, systemClock } from '../clock.js';
import { type ConfigChanges, diff, withoutRestart } from '../config/changes.js';
import { unknownLabels } from '../config/labels.js';
import { configError } from '../config/load.js';
import type { CameraConfig, Config } from '../config/types.js';
import type { Detector } from '../detect/detector.js';
import type { Scheduler } from '../detect/scheduler.js';
import type { HomeAssistant } from '../homeassistant/home-assistant.js';
import { Broker } from '../mqtt/broker.js';
import { Commands } from '../mqtt/commands.js';
import type { FormerCameras } from '../mqtt/former-cameras.js';
import { makePacketLengths } from '../mqtt/packet-lengths.js';
import { Topics } from '../mqtt/topics.js';
import type { Log } from '../observe/log.js';
import { Progress } from '../observe/progress.js';
import { TrackIds } from '../track/ids.js';
import type { CameraPipeline } from './camera-pipeline.js';
import { allowGarbage } from './garbage.js';
import { Lifecycle, type Part } from './lifecycle.js';
import type { NodeReporter } from './node-reporter.js';
import type { CameraParts, Inferred, PartFactory } from './part-factory.js';
import type { Prerequisites } from './prerequisites.js';
import type { Trials } from './trials.js';

/** How late the end of an event may be published when no frames come. */
const EXPIRY_INTERVAL_MS = 1000;
/** Of the 10 s that a stop may take in all: what is left for the broker after cameras and inference. */
const BROKER_STOP_MS = 3000;
/** How long the start waits for the broker, which may have kept commands. */
const RECALL_TIMEOUT_MS = 1000;
/** How long a broker nearby takes to accept a connection and to answer a subscription, and more. */
const ANSWER_MS = 30;
/** Of a stop: for the pictures that are waiting. */
const SNAPSHOTS_STOP_MS = 1000;

export class Daemon {
  #config: Config;
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #prerequisites: Prerequisites;
  readonly #topics: Topics;
  readonly #lifecycle: Lifecycle;
  readonly #progress = new Progress();
  readonly #ids: TrackIds;
  #pipelines: CameraPipeline[] = [];
  /** Settles when the settings that came last have been applied. */
  #applied: Promise<unknown> = Promise.resolve();
  /** Since the end of the start. */
  #running: Running | undefined;

  /** @param prerequisites Of this configuration; the daemon closes the detector. */
  constructor(config: Config, prerequisites: Prerequisites, log: Log, clock: Clock = systemClock) {
    this.#config = config;
    this.#log = log;
    this.#clock = clock;
    this.#prerequisites = prerequisites;
    this.#topics = new Topics(config.mqtt.topic, config.nodeId);
    this.#lifecycle = new Lifecycle(log);
    this.#ids = new TrackIds(clock.wallTime());
  }

  /** Rejects with a GhostcamError when a part that cannot be waited for is missing: model, runtime, ffmpeg, a label. */
  async start(): Promise<void> {
    const lifecycle = this.#lifecycle;
    const opening = this.#prerequisites.detector;
    await lifecycle.start('the detector', {
      // What failed is told by the start.
      stop: () => opening.then((detector) => detector.close()).catch(() => {}),
    });
    const ffmpeg = await this.#prerequisites.ffmpeg;
    // A model that is not there is known by now: to connect would only end the connection of a daemon that runs under this name.
    await Promise.race([opening, turn()]);
    const will = { topic: this.#topics.nodeState, payload: 'offline' };
    const broker = new Broker(this.#config.mqtt, will, this.#log, this.#clock);
    await lifecycle.start('the broker connection', {
      start: () => broker.start(),
      stop: () => broker.stop(BROKER_STOP_MS),
    });
    const controls = new Map<string, CameraPipeline>();
    const commands = this.#commands(broker, controls);
    // The broker answers while the model is opened.
    const answer = answered(broker, this.#topics.settingCommands);
    const recalled = commands.recall(atMost(RECALL_TIMEOUT_MS, answer));
    // Modules are loaded in long steps, between which an answer waits.
    await atMost(ANSWER_MS, answer);
    const { PartFactory } = await import('./part-factory.js');
    const detector = await opening;
    const mistakes = unknownLabels(this.#config, detector.info.model.labels);
    if (mistakes.length > 0) throw configError(mistakes, this.#config.envFile);
    const factory = new PartFactory({
      ...{ config: () => this.#config, pipelines: () => this.#pipelines },
      ...{ topics: this.#topics, ids: this.#ids, detector, broker, clock: this.#clock, log: this.#log },
    });
    const namesakes = factory.namesakes();
    const reporter = factory.nodeReporter(namesakes);
    await lifecycle.start('the node reporter', reporter);
    await lifecycle.start('the namesakes', namesakes);
    const web = await factory.web(controls);
    const snapshots = factory.snapshots(web);
    await lifecycle.start('the snapshots', { stop: () => atMost(SNAPSHOTS_STOP_MS, snapshots.settled()) });
    const parts = { ffmpeg, snapshots, web };
    this.#pipelines = this.#config.cameras.map((config) => factory.pipeline(config, parts));
    allowGarbage(this.#pipelines.length);
    for (const pipeline of this.#pipelines) controls.set(pipeline.name, pipeline);
    await lifecycle.start('the events', this.#events());
    const scheduler = factory.scheduler(web);
    await lifecycle.start('the scheduler', { stop: () => scheduler.stop() });
    await recalled;
    commands.obeyRecalled();
    await lifecycle.start('the cameras', this.#cameras(scheduler));
    // While the first pictures are awaited; there have been few messages so far.
    void makePacketLengths();
    const former = factory.formerCameras();
    await lifecycle.start('the former cameras', former);
    const home = this.#config.homeassistant ? await factory.homeAssistant(former) : undefined;
    if (home !== undefined) await lifecycle.start('Home Assistant', home);
    await lifecycle.start('the commands', commands);
    await lifecycle.start('the former counts', factory.formerCounts());
    const trials = factory.trials(reporter, {
      apply: (next) => this.#apply(next),
      inOrder: (step) => this.#inOrder(step),
    });
    this.#running = {
      ...parts,
      factory,
      detector,
      scheduler,
      reporter,
      former,
      home,
      controls,
      commands,
      trials,
    };
    if (web !== undefined) {
      await lifecycle.start('the page', { start: () => web.start(commands, trials), stop: () => web.stop() });
    }
  }

  /** What the cameras' labels are compared with. */
  get model(): { model: string; labels: readonly string[] } | undefined {
    const labels = this.#running?.detector.info.model.labels;
    return labels && { model: this.#config.model, labels };
  }

  /**
   * Takes settings that were read anew, and valid ones: cameras come, go, are started anew or change as they run; everything else
   * goes on undisturbed. To be called after the start.
   * @returns What differed.
   */
  apply(config: Config): Promise<ConfigChanges> {
    const { reporter, trials } = this.#assertRunning();
    return this.#inOrder(async () => {
      const changes = await this.#apply(config);
      trials.reset();
      reporter.settingsTaken(changes.needsProcessRestart);
      return changes;
    });
  }

  /** Says that settings were read anew and not taken. */
  refuse(mistakes: readonly string[]): void {
    this.#assertRunning().reporter.settingsRefused(mistakes);
  }

  /** What stands still since the last call, for a watchdog; undefined: nothing does. */
  stuck(): string | undefined {
    const cameras = this.#pipelines.map((pipeline) => pipeline.progress());
    return this.#progress.stuck(cameras, this.#clock.monotonic());
  }

  /** Stops what was started, also after a failed start; takes a few seconds at most. */
  stop(): Promise<void> {
    return this.#lifecycle.stop();
  }

  async #apply(config: Config): Promise<ConfigChanges> {
    const running = this.#assertRunning();
    const changes = diff(this.#config, config);
    this.#config = withoutRestart(this.#config, config);
    await Promise.all(changes.removed.map((name) => this.#removeCamera(name, running)));
    for (const [list, restart] of [[changes.restart, true] as const, [changes.update, false] as const]) {
      for (const { camera } of list)
        running.controls.get(camera.name)?.configure(this.#configOf(camera.name), restart);
    }
    for (const { name } of changes.added) this.#addCamera(this.#configOf(name), running);
    this.#pipelines = this.#config.cameras.flatMap(({ name }) => running.controls.get(name) ?? []);
    for (const pipeline of this.#pipelines) pipeline.maxFrameAge = this.#config.maxFrameAgeMs;
    allowGarbage(this.#pipelines.length);
    const touched = [...changes.restart, ...changes.update].map(({ camera }) => camera.name);
    const names = [...touched, ...changes.added.map(({ name }) => name)];
    for (const pipeline of this.#pipelines)
      if (names.includes(pipeline.name)) running.home?.announce(pipeline);
    if (names.length > 0) running.commands.renew(names);
    return changes;
  }

  /** Each change of the settings builds on the one before. */
  #inOrder<T>(step: () => Promise<T>): Promise<T> {
    const result = this.#applied.then(step);
    // Whoever asked for it is told of its failure.
    this.#applied = result.catch(() => {});
    return result;
  }

  /** Ends events when no frames come, and all of them at the end, when no frame is in flight any more. */
  #events(): Part {
    let timer: NodeJS.Timeout | undefined;
    return {
      start: () => {
        timer = setInterval(() => {
          for (const pipeline of this.#pipelines) pipeline.expire();
        }, EXPIRY_INTERVAL_MS);
      },
      stop: () => {
        clearInterval(timer);
        for (const pipeline of this.#pipelines) pipeline.finish('ghostcam was stopped');
      },
    };
  }

  #cameras(scheduler: Pick<Scheduler<Inferred>, 'wake'>): Part {
    return {
      start: () => {
        for (const pipeline of this.#pipelines) {
          pipeline.onFrame(() => scheduler.wake());
          pipeline.start();
        }
      },
      stop: async () => {
        await Promise.all(this.#pipelines.map((pipeline) => pipeline.stop()));
      },
    };
  }

  #addCamera(config: CameraConfig, running: Running): void {
    const { factory, scheduler, former, snapshots, controls } = running;
    const pipeline = factory.pipeline(config, running);
    former.returned(config.name);
    snapshots.configure(config);
    controls.set(config.name, pipeline);
    scheduler.add(pipeline);
    pipeline.onFrame(() => scheduler.wake());
    pipeline.start();
  }

  /** Resolves when its ffmpeg is gone, no frame of it is in flight and its events have ended. */
  async #removeCamera(
    name: string,
    { scheduler, former, home, snapshots, controls }: Running,
  ): Promise<void> {
    const pipeline = controls.get(name);
    if (pipeline === undefined) return;
    controls.delete(name);
    this.#pipelines = this.#pipelines.filter((other) => other !== pipeline);
    await pipeline.stop();
    await scheduler.remove(pipeline);
    snapshots.discard(name);
    pipeline.finish('it is not in the settings');
    home?.leave(name);
    former.left(name);
  }

  #configOf(name: string): CameraConfig {
    return this.#config.cameras.find((camera) => camera.name === name) as CameraConfig;
  }

  #assertRunning(): Running {
    if (this.#running === undefined) throw new Error('the daemon has not been started');
    return this.#running;
  }

  #commands(broker: Broker, controls: ReadonlyMap<string, CameraPipeline>): Commands {
    return new Commands({
      broker,
      topics: this.#topics,
      controls,
      cameras: () => this.#config.cameras.map(({ name }) => name),
      clock: this.#clock,
      log: this.#log,
    });
  }
}

/** What a change of the settings concerns. */
interface Running extends CameraParts {
  factory: PartFactory;
  detector: Detector;
  scheduler: Scheduler<Inferred>;
  reporter: NodeReporter;
  former: FormerCameras;
  /** Undefined: nothing is announced. */
  home: HomeAssistant | undefined;
  /** By name: every camera that is there. */
  controls: Map<string, CameraPipeline>;
  commands: Commands;
  trials: Trials;
}

/** Resolves when the broker has answered a subscription. */
function answered(broker: Broker, wanted: string): Promise<void> {
  return new Promise((resolve) => {
    broker.on('answered', function onAnswer(filter) {
      if (filter !== wanted) return;
      broker.off('answered', onAnswer);
      resolve();
    });
  });
}

async function atMost(ms: number, work: Promise<unknown>): Promise<void> {
  await Promise.race([work, sleep(ms, undefined, { ref: false })]);
}

/** One camera's way from frames to messages: motion gate, detector, scene, broker. */
import { isDeepStrictEqual } from 'node:util';
import type { Camera, CameraStats } from '../capture/camera.js';
import { stallSeconds } from '../capture/stall.js';
import type { CameraState } from '../capture/state.js';
import { momentOf } from '../clock.js';
import type { CameraConfig } from '../config/types.js';
import type { Detector } from '../detect/detector.js';
import type { FrameSource } from '../detect/scheduler.js';
import { GhostcamError } from '../errors.js';
import type { CapturedFrame } from '../frame/frame.js';
import type { LeasedFrame } from '../frame/leased-frame.js';
import { isFor, MOTION } from '../geometry/masks.js';
import type { Polygon } from '../geometry/zones.js';
import { MotionGate } from '../motion/gate.js';
import type { MovingCells } from '../motion/meter.js';
import type { CameraChoices, CameraControls, CameraSettings } from '../mqtt/commands.js';
import { CameraMeter } from '../observe/camera-meter.js';
import { FrequentErrors } from '../observe/frequent-errors.js';
import { LimitedLog } from '../observe/limited-log.js';
import type { CameraProgress } from '../observe/progress.js';
import { appearanceIn } from '../track/appearance.js';
import type { TrackIds } from '../track/ids.js';
import { Scene } from '../track/scene.js';
import type { EventChange } from '../track/types.js';
import type { WatchedCamera } from '../web/watched-camera.js';
import { CameraMessages, type CameraMessagesParts } from './camera-messages.js';
import { FrameInference } from './frame-inference.js';
import type { CameraNow } from './health.js';

export interface CameraPipelineParts extends Omit<CameraMessagesParts, 'camera'> {
  camera: Camera;
  detector: Pick<Detector, 'detect' | 'info' | 'shapeFor'>;
  /** Shared by all cameras of the node. */
  ids: TrackIds;
  /** Milliseconds after which an unread frame is dropped instead of inferred. */
  maxFrameAge: number;
}

/** For so many milliseconds at most no frame is asked for in which nothing moves: the page's health is judged by frames. */
const MAX_SKIP_MS = 10_000;
/** A camera that comes and goes, or is switched on and off, has so many lines a minute of its state. */
const MAX_STATES = 10;

export class CameraPipeline implements FrameSource, CameraControls, WatchedCamera {
  readonly name: string;
  readonly #parts: CameraPipelineParts;
  readonly #camera: Camera;
  readonly #meter = new CameraMeter();
  readonly #scene: Scene;
  readonly #messages: CameraMessages;
  readonly #inference: FrameInference;
  readonly #errors: FrequentErrors;
  readonly #states: LimitedLog;
  /** Undefined: every frame is inferred. */
  #gate: MotionGate | undefined;
  /** Whether a frame has come since the last one was taken that is worth inference. */
  #due = false;
  /** Frames whose inference is not known yet. */
  #inFlight = 0;
  /** Frames that the camera did not give on, as far as they are counted here. */
  #skipped = 0;
  /** Where frames in inference had changed, while a viewer asks for that. */
  readonly #moved = new WeakMap<CapturedFrame, { motion: MovingCells }>();
  /** As the settings have them, whatever was changed by command since. */
  #settings: CameraConfig;
  #maxFrameAge: number;
  #started = false;
  /** Whether the camera is to run once it is started. */
  #enabled: boolean;
  /** Grows when what was captured before shall not be seen any more. */
  #epoch = 0;
  /** Whether frames are inferred; the camera runs either way. */
  #detect: boolean;
  #threshold: number | undefined;

  constructor(parts: CameraPipelineParts) {
    const { camera, detector, ids } = parts;
    const { name, motion, threshold, enabled, detect } = camera.config;
    this.name = name;
    this.#settings = camera.config;
    this.#maxFrameAge = parts.maxFrameAge;
    this.#parts = parts;
    this.#camera = camera;
    this.#scene = new Scene(camera.config, ids);
    this.#messages = new CameraMessages({ ...parts, camera: name });
    this.#gate = motion ? new MotionGate(camera.config, stillAreas(camera.config), Math.random()) : undefined;
    this.#errors = new FrequentErrors(parts.log, parts.clock);
    this.#states = new LimitedLog(parts.log, parts.clock, {
      level: 'info',
      what: `states of camera ${name}`,
      most: MAX_STATES,
    });
    this.#enabled = enabled;
    this.#detect = detect;
    this.#threshold = threshold;
    this.#inference = new FrameInference(detector, camera.config, this.#thresholds);
    camera.watch = () => this.#watch();
  }

  /** Publishes what is known before the first frame, and starts the camera unless it is switched off. */
  start(): void {
    this.#camera.on('state', (state) => this.#onState(state));
    this.#publishCounts();
    this.#messages.motion(this.motion);
    const { snapshot, privacy } = this.#camera.config;
    // An earlier run may have left pictures that show what is private now.
    if (!snapshot || privacy.length > 0) this.#messages.clearSnapshots(this.#inference.labels);
    this.#started = true;
    if (this.#enabled) this.#camera.start();
    else this.#messages.state(this.#camera.state);
  }

  /** Resolves when ffmpeg is gone; no frame comes any more. */
  async stop(): Promise<void> {
    this.#camera.removeAllListeners();
    await this.#camera.stop();
  }

  /** Ends all events and says that the camera is offline; for when no frame is in flight any more. */
  finish(reason: string): void {
    this.#endEvents();
    const since = this.#parts.clock.wallTime();
    this.#messages.state({ status: 'offline', reason, since });
  }

  /**
   * Takes settings that were read anew. What was changed by command stays so unless the settings say otherwise than before.
   * @param restart Whether ffmpeg is started anew: events end, and what was captured before is not seen any more.
   */
  configure(config: CameraConfig, restart: boolean): void {
    const before = this.#settings;
    this.#settings = config;
    const isSame = (name: keyof CameraConfig) => isDeepStrictEqual(before[name], config[name]);
    const fps = isSame('fps') ? this.#camera.config.fps : config.fps;
    const enabled = isSame('enabled') ? this.get('enabled') : config.enabled;
    const labels = this.reportableLabels;
    if (!isSame('threshold')) this.#threshold = config.threshold;
    if (restart) this.#begin();
    if (!isSame('privacy')) this.#forgetPictures();
    this.#enabled = enabled;
    if (!enabled) void this.#camera.stop();
    if (restart) this.#camera.restart({ ...config, fps });
    else this.#camera.configure({ ...config, fps });
    if (enabled) this.#camera.start();
    this.#parts.snapshots?.configure(this.#camera.config);
    if (!config.snapshot) this.#messages.clearSnapshots(this.#inference.labels);
    this.#scene.configure(config);
    this.#inference.setThresholds(this.#thresholds);
    this.#configureMotion(config);
    if (restart || !isSame('motion')) this.#inference.restart(config);
    this.#messages.clearSnapshots(labels.filter((label) => !this.reportableLabels.includes(label)));
    this.#publishCounts();
    if (!isSame('detect')) this.set('detect', config.detect);
    this.recall();
  }

  /** @param milliseconds After which an unread frame is dropped instead of inferred. */
  set maxFrameAge(milliseconds: number) {
    this.#maxFrameAge = milliseconds;
  }

  /** Calls `listener` whenever {@link nextFrame} may have one. */
  onFrame(listener: () => void): void {
    this.#camera.on('frame', () => {
      if (this.#measure()) listener();
    });
  }

  recall(): void {
    this.#camera.recall();
  }

  /** The newest unread frame, when it or one that it replaced is worth inference. */
  nextFrame(): LeasedFrame | undefined {
    const frame = this.#camera.take();
    if (frame === undefined) return undefined;
    const admitted = this.#gate === undefined || this.#due;
    this.#due = false;
    const moved = this.#movedCells();
    if (admitted && this.#detect) {
      if (moved !== undefined) this.#moved.set(frame, moved);
      return frame;
    }
    if (this.#detect) this.#meter.still();
    else this.#meter.paused();
    this.#parts.listener?.onFrame(this.name, frame, { kind: this.#detect ? 'still' : 'paused', ...moved });
    frame.release();
    return undefined;
  }

  /** Which of the next frames nobody needs: while nothing is to be inferred, none without motion, not even to be counted. */
  #watch(): ReturnType<Camera['watch']> {
    const { listener, clock } = this.#parts;
    if (!this.#detect || this.#due || this.#inFlight > 0 || listener?.wantsFrames(this.name))
      return undefined;
    const still = this.#gate?.still(clock.monotonic(), this.#scene);
    return still && { ...still, forMs: Math.min(MAX_SKIP_MS, still.forMs) };
  }

  /** Of the newest frame: motion is measured as frames come. */
  #movedCells(): { motion: MovingCells } | undefined {
    if (this.#gate === undefined || !this.#parts.listener?.wantsMotion(this.name)) return undefined;
    return { motion: this.#gate.cells() };
  }

  /**
   * Measures motion in a frame that has come, whether or not it will be replaced before it can be inferred; one that is not worth
   * inference is counted and released. Returns whether a frame is to be inferred.
   */
  #measure(): boolean {
    const { unread } = this.#camera;
    if (this.#gate === undefined || unread === undefined) return true;
    if (this.#measureMotion(this.#gate, unread)) this.#due = true;
    if (!this.#due) this.nextFrame();
    return this.#due;
  }

  /**
   * Infers a frame, publishes what came of it and releases it. Never rejects: a frame that fails is counted and logged.
   * @param inferred Called when the inference thread can have the next frame.
   * @param isIdle Whether the inference thread has nothing else to do; default: never.
   */
  async process(
    frame: LeasedFrame,
    inferred: () => void,
    isIdle: () => boolean = () => false,
  ): Promise<void> {
    const { clock } = this.#parts;
    const epoch = this.#epoch;
    this.#inFlight += 1;
    try {
      const takenAt = clock.monotonic();
      if (takenAt - frame.capturedAtMonotonic > this.#maxFrameAge) {
        this.#meter.stale();
        return;
      }
      const result = await this.#inference.infer(frame, this.#gate?.places ?? [], this.#scene, isIdle);
      if (epoch !== this.#epoch || !this.#isWatching()) return;
      // The thread goes on at once, unless what is seen here decides which region of the next frame is inferred.
      if (!this.#inference.plansRegions) inferred();
      const observation = this.#scene.observe(result.inferences, frame, (box) => appearanceIn(frame, box));
      this.#inference.observed(observation, frame);
      // The thread works on the next frame while this one's result is published.
      inferred();
      const moved = this.#moved.get(frame);
      const spent = this.#messages.detections({ frame, inferred: result, observation, takenAt, moved });
      this.#meter.inferred(spent);
      this.#publishChanges(observation.changes, frame);
    } catch (error) {
      this.#meter.failed();
      const what =
        error instanceof GhostcamError ? 'a frame could not be inferred' : 'a frame could not be processed';
      this.#errors.log(what, error, { camera: this.name });
    } finally {
      this.#inFlight -= 1;
      frame.release();
    }
  }

  /** Ends the events of objects that have been out of sight for too long, for when no frames come. */
  expire(): void {
    this.#publishChanges(this.#scene.expire(momentOf(this.#parts.clock)));
  }

  get<S extends keyof CameraSettings>(setting: S): CameraSettings[S] {
    const { score } = this.#parts.detector.info.model.thresholds;
    const threshold = this.#threshold ?? score;
    const settings: CameraSettings = { ...this.#chosen, threshold };
    return settings[setting];
  }

  chosen<S extends keyof CameraSettings>(setting: S): CameraChoices[S] {
    return this.#chosen[setting];
  }

  set<S extends keyof CameraSettings>(setting: S, value: CameraChoices[S]): void {
    const setters: { [Name in keyof CameraSettings]: (value: CameraChoices[Name]) => void } = {
      enabled: (enabled) => {
        this.#enabled = enabled;
        if (!this.#started) return;
        if (enabled) this.#camera.start();
        else void this.#camera.stop();
      },
      detect: (detect) => {
        this.#detect = detect;
        if (!detect) this.#endEvents();
        this.recall();
      },
      threshold: (threshold) => {
        this.#threshold = threshold;
        this.#inference.setThresholds(this.#thresholds);
      },
      fps: (fps) => this.#camera.setFps(fps),
    };
    setters[setting](value);
  }

  configured<S extends keyof CameraSettings>(setting: S): CameraChoices[S] {
    return this.#settings[setting];
  }

  get config(): CameraConfig {
    return this.#camera.config;
  }

  /** Labels that may be reported. */
  get reportableLabels(): readonly string[] {
    return this.#inference.reportableLabels;
  }

  /** Whether motion is measured, and so published. */
  get measuresMotion(): boolean {
    return this.#gate !== undefined;
  }

  get motion(): boolean | undefined {
    return this.#gate?.motion;
  }

  get state(): CameraState {
    return this.#camera.state;
  }

  get counts(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { label } of this.#scene.present) counts.set(label, (counts.get(label) ?? 0) + 1);
    return counts;
  }

  totals(): ReturnType<WatchedCamera['totals']> {
    return { capture: this.#stats(), meter: this.#meter.totals() };
  }

  /** Counters for a watchdog. */
  progress(): CameraProgress {
    return {
      name: this.name,
      online: this.#camera.state.status === 'online',
      stallTimeout: stallSeconds(this.#camera.config),
      captured: this.#stats().frames,
      processed: this.#meter.processed,
    };
  }

  /** Counters for the health message, and percentiles since the last call. */
  health(): CameraNow {
    return {
      name: this.name,
      status: this.#camera.state.status,
      capture: this.#stats(),
      meter: this.#meter.report(),
    };
  }

  /** The camera's counters, after what it did not give on was counted as still. */
  #stats(): CameraStats {
    const stats = this.#camera.stats();
    this.#meter.still(stats.skipped - this.#skipped);
    this.#skipped = stats.skipped;
    return stats;
  }

  get #chosen(): CameraChoices {
    return {
      enabled: this.#started ? this.#camera.running : this.#enabled,
      detect: this.#detect,
      threshold: this.#threshold,
      fps: this.#camera.config.fps,
    };
  }

  /** What decides what is reported. */
  get #thresholds() {
    return { ...this.#camera.config, threshold: this.#threshold };
  }

  /** What was switched off while a frame was in flight must not see that frame. */
  #isWatching(): boolean {
    return this.#detect && this.#camera.state.status !== 'disabled';
  }

  /** What comes from now on has nothing to do with what was. */
  #begin(): void {
    this.#epoch += 1;
    this.#endEvents();
  }

  /** No picture of before may be seen any more: other areas are private. */
  #forgetPictures(): void {
    this.#epoch += 1;
    this.#parts.snapshots?.discard(this.name);
    this.#parts.listener?.onPrivacyChange(this.name);
    this.#messages.clearSnapshots(this.#inference.labels);
  }

  #configureMotion(config: CameraConfig): void {
    if (!config.motion) {
      if (this.#gate !== undefined) this.#messages.motion(undefined);
      this.#gate = undefined;
    } else if (this.#gate === undefined) {
      this.#gate = new MotionGate(config, stillAreas(config), Math.random());
      this.#messages.motion(false);
    } else this.#gate.configure(config, stillAreas(config));
  }

  #measureMotion(gate: MotionGate, frame: CapturedFrame): boolean {
    const before = gate.motion;
    const admitted = gate.admits(frame, this.#scene);
    if (gate.motion !== before) this.#messages.motion(gate.motion);
    return admitted;
  }

  #onState(state: CameraState): void {
    const { status, reason } = state;
    this.#states.write(`camera ${this.name} is ${status}${reason === undefined ? '' : `: ${reason}`}`);
    this.#messages.state(state);
    if (status === 'disabled') this.#endEvents();
    if (status !== 'online' && this.#gate?.motion) this.#messages.motion(false);
    if (status !== 'online') this.#gate?.reset();
    if (status !== 'online') this.#inference.reset();
  }

  #endEvents(): void {
    this.#publishChanges(this.#scene.finish(momentOf(this.#parts.clock)));
  }

  #publishCounts(): void {
    this.#messages.counts(this.#scene.present, this.reportableLabels, this.#camera.config);
  }

  /** @param frame The one that made the changes; undefined: time made them, as an object's end. */
  #publishChanges(changes: readonly EventChange[], frame?: CapturedFrame): void {
    if (changes.length === 0) return;
    this.#messages.events(changes, this.#camera.config.snapshot, frame);
    this.#publishCounts();
  }
}

/** Where motion does not count. */
function stillAreas({ masks, privacy }: CameraConfig): Polygon[] {
  return [...masks.filter((mask) => isFor(mask, MOTION)), ...privacy];
}

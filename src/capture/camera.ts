/** A camera that is kept running, whatever happens to it. */
import { EventEmitter } from 'node:events';
import { isDeepStrictEqual } from 'node:util';
import { type Clock, systemClock } from '../clock.js';
import type { CameraConfig } from '../config/types.js';
import type { CapturedFrame } from '../frame/frame.js';
import type { InputSize } from '../frame/input-shape.js';
import type { LeasedFrame } from '../frame/leased-frame.js';
import { PrivacyMask } from '../frame/privacy.js';
import type { NativeWatch } from '../native/addon.js';
import type { Log } from '../observe/log.js';
import { secretsOfAddress } from '../secrets/literals.js';
import { redactText } from '../secrets/redact.js';
import { Backoff } from './backoff.js';
import { FaultLog } from './fault-log.js';
import type { Ffmpeg } from './ffmpeg.js';
import { FrameRate } from './frame-rate.js';
import { HostProxy } from './host-proxy.js';
import { assumedKind, type InputKind } from './input.js';
import { RtspRelay } from './rtsp-relay.js';
import { FrameSlot } from './slot.js';
import { Source, type SourceDeps, type SourceEnd, type SourceFrame } from './source.js';
import type { CameraState, CameraStatus } from './state.js';

export interface CameraDeps {
  ffmpeg: Ffmpeg;
  /** Frames are shrunk in ffmpeg to fit into the shape that it has for them: the detector's. */
  inputSize: InputSize;
  log: Log;
  /**
   * True, the default: as a camera delivers, the newest frame wins. False: every frame of a file as fast as it is taken,
   * none lost, for measuring.
   */
  paced?: boolean;
  clock?: Clock;
  /** Uniform in [0, 1), for the jitter. */
  random?: () => number;
}

/** Counters since the camera was created. */
export interface CameraStats {
  /** Frames that arrived, and how many of them a second lately. */
  frames: number;
  fps: number;
  /** Of the frames that arrived, those that were not given on, as nothing moved in them. */
  skipped: number;
  /** Frames that were replaced before they were taken: the consumer is slower than the camera. */
  replaced: number;
  /** Ends of ffmpeg that were not asked for, by kind. */
  restarts: Record<'ended' | 'stalled' | 'resized', number>;
  /** CPU time of all of this camera's ffmpeg processes; undefined where it is unknown. */
  ffmpegCpuSeconds: number | undefined;
}

/** After a run of this length the faults before it are over. */
const GOOD_RUN_MS = 60_000;
/** A state that lasts no longer is not worth a message: the next ffmpeg is about to start. */
const UNNOTICED_MS = 1_000;

/**
 * A camera that is kept running: ffmpeg is started, watched and restarted until stop(). Emits `frame` when take() has a
 * new one, `state` when status or reason change, and `failure` when an attempt has failed, with the reason and the milliseconds
 * until the next one.
 */
export class Camera extends EventEmitter<{ frame: []; state: [CameraState]; failure: [string, number] }> {
  #config: CameraConfig;
  readonly #deps: CameraDeps;
  readonly #clock: Clock;
  readonly #slot = new FrameSlot();
  readonly #privacy = new PrivacyMask();
  readonly #rate: FrameRate;
  readonly #faults: FaultLog;
  #inputKind: InputKind;
  /** Why the way to read it that was assumed failed. */
  #assumedReason: string | undefined;
  readonly #restarts = { ended: 0, stalled: 0, resized: 0 };
  #state: CameraState;
  #stopping: AbortController | undefined;
  /** Ends the ffmpeg of the moment; the next one follows. */
  #run: AbortController | undefined;
  #supervision: Promise<void> = Promise.resolve();
  #source: Source | undefined;
  #pastCpuSeconds: number | undefined;
  #frames = 0;
  #skipped = 0;
  #onlineSince: number | undefined;
  /** Asked before each frame which ones need not be given on; undefined: all are. */
  watch: () => NativeWatch | undefined = () => undefined;

  constructor(config: CameraConfig, deps: CameraDeps) {
    super();
    this.#config = config;
    this.#privacy.cover(config.privacy);
    this.#deps = deps;
    this.#clock = deps.clock ?? systemClock;
    this.#rate = new FrameRate(this.#clock);
    this.#faults = new FaultLog(this.#clock);
    this.#inputKind = assumedKind(config.url);
    this.#state = { status: 'disabled', since: this.#clock.wallTime() };
  }

  get config(): CameraConfig {
    return this.#config;
  }

  /** Whether it was started and not stopped since. */
  get running(): boolean {
    return this.#stopping !== undefined;
  }

  get state(): CameraState {
    return this.#state;
  }

  /** Begins to watch; a camera that runs is left alone. */
  start(): void {
    if (this.#stopping !== undefined) return;
    this.#stopping = new AbortController();
    const { signal } = this.#stopping;
    this.#setState('offline', 'connecting');
    // One supervision at a time: a start right after a stop waits for the old ffmpeg to be gone.
    this.#supervision = this.#supervision.then(() => this.#supervise(signal));
  }

  /** Resolves when ffmpeg is gone. The camera is `disabled` until the next start(). */
  async stop(): Promise<void> {
    if (this.#stopping !== undefined) {
      this.#cancel(this.#stopping);
      this.#stopping = undefined;
      this.#setState('disabled');
    }
    await this.#supervision;
  }

  /** Ends a supervision and the ffmpeg of the moment; what it has delivered is the past. */
  #cancel(supervision: AbortController): void {
    supervision.abort();
    this.#run?.abort();
    this.#slot.clear();
  }

  /**
   * Changes the frame rate. A running ffmpeg is started anew, for frames are to be dropped where that is cheapest, before
   * they are scaled and piped; no frame comes for about a second.
   */
  setFps(fps: number): void {
    if (fps === this.#config.fps) return;
    this.#config = { ...this.#config, fps };
    this.#run?.abort();
  }

  /** Takes settings that concern no ffmpeg: the one that runs is left alone. */
  configure(config: CameraConfig): void {
    // The unread frame may show what is private now.
    if (!isDeepStrictEqual(config.privacy, this.#config.privacy)) this.#slot.clear();
    this.#privacy.cover(config.privacy);
    this.#config = config;
  }

  /** Takes settings, and starts ffmpeg anew with them where it runs: at once, whatever was waited for. */
  restart(config: CameraConfig): void {
    this.configure(config);
    this.#inputKind = assumedKind(config.url);
    this.#assumedReason = undefined;
    this.#faults.clear();
    if (this.#stopping === undefined) return;
    this.#cancel(this.#stopping);
    this.#stopping = undefined;
    this.start();
  }

  /** What {@link watch} answered last does not hold any more: the next frame is given on. */
  recall(): void {
    this.#source?.recall();
  }

  /** The frame that {@link take} would give, to be read before anything is awaited. */
  get unread(): CapturedFrame | undefined {
    return this.#slot.unread;
  }

  /** The newest unread frame, if any, to be released by its reader. */
  take(): LeasedFrame | undefined {
    return this.#slot.take();
  }

  stats(): CameraStats {
    this.#countSkipped();
    return {
      frames: this.#frames,
      fps: this.#rate.perSecond(),
      replaced: this.#slot.replaced,
      skipped: this.#skipped,
      restarts: { ...this.#restarts },
      ffmpegCpuSeconds: sum(this.#pastCpuSeconds, this.#source?.cpuSeconds()),
    };
  }

  /** Never rejects: whatever ends a run, the next one follows until the signal says stop. */
  async #supervise(signal: AbortSignal): Promise<void> {
    const backoff = new Backoff(this.#deps.random ?? Math.random);
    while (!signal.aborted) {
      this.#onlineSince = undefined;
      const end = await this.#runOnce();
      if (end.kind === 'cancelled' || signal.aborted) continue;
      const onlineMs = this.#onlineSince && this.#clock.monotonic() - this.#onlineSince;
      if (onlineMs !== undefined && onlineMs >= GOOD_RUN_MS) this.#faults.clear();
      if (end.kind === 'recognized' && this.#readAs(end)) continue;
      if (onlineMs === undefined) {
        // What was recognized may be something else the next time.
        this.#inputKind = assumedKind(this.#config.url);
        end.reason = this.#assumedReason ?? end.reason;
      }
      this.#assumedReason = undefined;
      const kind = end.kind === 'recognized' ? 'ended' : end.kind;
      this.#restarts[kind] += 1;
      const delay = backoff.next(onlineMs);
      this.#report(end, delay);
      await this.#clock.sleep(delay, signal);
    }
  }

  /** False when it was read so before: then it is in order, and ends or fails for another reason. */
  #readAs({ inputKind, reason }: SourceEnd): boolean {
    if (inputKind === this.#inputKind) return false;
    this.#deps.log.debug(`what comes is read as ${inputKind}`, { camera: this.#config.name });
    this.#inputKind = inputKind;
    this.#assumedReason = inputKind === 'mjpeg' ? reason : undefined;
    return true;
  }

  async #runOnce(): Promise<SourceEnd> {
    this.#run = new AbortController();
    const { signal } = this.#run;
    const between = await this.#startBetween().catch((error: Error) => error);
    if (between instanceof Error) return this.#notTried(`no connection can be made: ${between.message}`);
    try {
      this.#source = new Source(this.#config, { ...this.#sourceDeps(signal), ...between });
      return await this.#source.run(signal);
    } catch (error) {
      // A board that has no thread, process or memory left may have some later.
      const { message } = error as Error;
      return this.#notTried(redactText(`it cannot be read: ${message}`, secretsOfAddress(this.#config.url)));
    } finally {
      this.#countSkipped();
      between.proxy?.stop();
      between.relay?.stop();
      this.#pastCpuSeconds = sum(this.#pastCpuSeconds, this.#source?.cpuSeconds());
      this.#source = undefined;
    }
  }

  /** What keeps ffmpeg at the camera's own host. */
  async #startBetween(): Promise<Pick<SourceDeps, 'proxy' | 'relay'>> {
    const { url } = this.#config;
    switch (url.scheme) {
      case 'http':
      case 'https':
        return { proxy: await HostProxy.start(this.#config, this.#inputKind) };
      case 'rtsp':
      case 'rtsps':
        return { relay: await RtspRelay.start(this.#config) };
      default:
        return {};
    }
  }

  #notTried(reason: string): SourceEnd {
    return { kind: 'ended', inputKind: this.#inputKind, answered: false, reason };
  }

  #sourceDeps(signal: AbortSignal): SourceDeps {
    const { ffmpeg, inputSize, log, paced = true } = this.#deps;
    return {
      ffmpeg,
      inputSize,
      paced,
      inputKind: this.#inputKind,
      clock: this.#clock,
      allocate: (bytes) => this.#slot.allocate(bytes),
      // Private areas are blackened in what is given on: what is not would differ at their borders.
      watch: () => (paced && this.#config.privacy.length === 0 ? this.watch() : undefined),
      onWaiting: (reason) => this.#setState('stalled', reason),
      onLine: (line) => log.debug(line, { camera: this.#config.name }),
      deliver: async (frame) => {
        if (!paced) await this.#slot.room();
        if (!signal.aborted) this.#onFrame(frame);
      },
    };
  }

  /** Frames that did not come as far as here. */
  #countSkipped(): void {
    const skipped = this.#source?.takeSkipped() ?? 0;
    if (skipped === 0) return;
    this.#frames += skipped;
    this.#skipped += skipped;
    this.#rate.tick(skipped);
  }

  #onFrame(frame: SourceFrame): void {
    this.#countSkipped();
    this.#frames += 1;
    this.#rate.tick();
    this.#onlineSince ??= this.#clock.monotonic();
    this.#setState('online', this.#clockReason());
    this.#privacy.blacken(frame, { width: frame.sourceWidth, height: frame.sourceHeight });
    this.#slot.put({ ...frame, sequence: this.#frames });
    this.emit('frame');
  }

  #clockReason(): string | undefined {
    const problem = this.#source?.clockProblem;
    return problem && `the clock in the camera's stream ${problem}: frames are timed by their arrival`;
  }

  #report(end: SourceEnd, delayMs: number): void {
    const { name } = this.#config;
    const { log } = this.#deps;
    if (end.kind === 'resized' && delayMs < UNNOTICED_MS) {
      const times = this.#faults.seen(end.reason);
      if (times !== undefined) log.info(`camera ${name}: ${end.reason}${again(times)}: starting ffmpeg anew`);
      return;
    }
    this.#setState(end.kind !== 'ended' && end.answered ? 'stalled' : 'offline', end.reason);
    this.emit('failure', end.reason, delayMs);
    const times = this.#faults.seen(end.reason);
    if (times === undefined) return;
    const next = `next attempt in ${(delayMs / 1000).toFixed(1)} s`;
    log.warn(`camera ${name}: ${end.reason}${again(times)}; ${next}`);
  }

  #setState(status: CameraStatus, reason?: string): void {
    const { status: was, reason: wasReason, since } = this.#state;
    if (status === was && reason === wasReason) return;
    this.#state = {
      status,
      ...(reason === undefined ? {} : { reason }),
      since: status === was ? since : this.#clock.wallTime(),
    };
    this.emit('state', this.#state);
  }
}

const again = (times: number) => (times > 1 ? `, ${times} times since this or the like was logged last` : '');

function sum(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? b : a + (b ?? 0);
}

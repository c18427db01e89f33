/** One ffmpeg from its start to its end, and why it ended. */
import { isHttp } from '../address/camera.js';
import { type Clock, pollForInput } from '../clock.js';
import type { CameraConfig } from '../config/types.js';
import { GhostcamError } from '../errors.js';
import type { CapturedFrame } from '../frame/frame.js';
import { addon, type NativeFrameReader, type NativeWatch } from '../native/addon.js';
import { secretsOfAddress } from '../secrets/literals.js';
import { redactText } from '../secrets/redact.js';
import { type ArgumentOptions, ffmpegArguments } from './arguments.js';
import { unknownMethods } from './authentication.js';
import { diagnose, type Evidence, otherHostReason, silenceReason, waitingReason } from './diagnosis.js';
import type { Ffmpeg } from './ffmpeg.js';
import type { HostProxy } from './host-proxy.js';
import { hasClock, type InputKind, kindAfter, kindOfFormat } from './input.js';
import { FfmpegProcess, type ProcessEnd } from './process.js';
import type { RtspRelay } from './rtsp-relay.js';
import { stallSeconds } from './stall.js';
import { StreamClock } from './stream-clock.js';
import { type StreamFacts, StreamFactsReader } from './stream-facts.js';
import { UNMODIFIED_FFMPEG, type Y4mFrame, Y4mReader } from './y4m.js';

/** A frame as the source knows it; the camera adds its number. */
export type SourceFrame = Omit<CapturedFrame, 'sequence'>;

export interface SourceDeps {
  ffmpeg: Ffmpeg;
  inputSize: ArgumentOptions['inputSize'];
  paced: boolean;
  inputKind: InputKind;
  /** Through which an HTTP camera is read. */
  proxy?: HostProxy;
  /** Through which an RTSP camera is read. */
  relay?: RtspRelay;
  clock: Clock;
  /** Provides the buffer that the next frame is read into. */
  allocate(bytes: number): Uint8Array;
  /** Asked before each frame: which ones need not be delivered; undefined: all are to be. */
  watch(): NativeWatch | undefined;
  /** Takes a frame; the source reads on when the promise resolves. */
  deliver(frame: SourceFrame): Promise<void>;
  /** The camera answered, but its first picture is awaited for longer than the stall time-out. */
  onWaiting(reason: string): void;
  /** Lines of ffmpeg's log, free of credentials. */
  onLine(line: string): void;
}

/**
 * Why a run ended. `ended`: ffmpeg left, whatever its exit code (it leaves with 0 when a camera is switched off).
 * `stalled`: no frame for too long. `resized`: the camera's picture has a new size. `recognized`: what comes is read in another
 * way, see `inputKind`. `cancelled`: as asked.
 */
export interface SourceEnd {
  kind: 'ended' | 'stalled' | 'resized' | 'recognized' | 'cancelled';
  /** How the camera is to be read next. */
  inputKind: InputKind;
  /** The camera answered, so that it is there, whatever else is wrong. */
  answered: boolean;
  /** For people, free of credentials. */
  reason: string;
}

/** The level that `-loglevel level+…` writes into each line. */
const COMPLAINT = /\[(?:warning|error|fatal|panic)\]/;
const KEPT_COMPLAINTS = 8;
/** A broken stream makes ffmpeg complain of each of its blocks; what is above is counted only. */
const MAX_LINES_PER_SECOND = 100;
/** An ffmpeg that wrote its last frame has little left to do. */
const LEAVE_MS = 2_000;
/** How long after the first frame the log may say what it shows. */
const FACTS_TIMEOUT_MS = 5_000;

/** One ffmpeg from start to end: runs until it fails or is cancelled, then has left nothing behind. */
export class Source {
  readonly #camera: CameraConfig;
  readonly #deps: SourceDeps;
  readonly #secrets: readonly string[];
  readonly #facts = new StreamFactsReader();
  /** The last ones in ffmpeg's log, free of credentials. */
  readonly #complaints: string[] = [];
  readonly #pipe: NativeFrameReader;
  readonly #process: FfmpegProcess;
  readonly #streamClock = new StreamClock();
  readonly #ending = new AbortController();
  #kind: SourceEnd['kind'] = 'ended';
  #failure: unknown;
  readonly #began: number;
  #endedAt = Number.NaN;
  #lastProgress: number;
  #delivering = false;
  #onFacts: () => void = () => {};
  #frames = 0;
  #inputKind: InputKind;
  #lines = { second: 0, count: 0 };

  constructor(camera: CameraConfig, deps: SourceDeps) {
    this.#camera = camera;
    this.#deps = deps;
    this.#secrets = secretsOfAddress(camera.url);
    this.#began = deps.clock.monotonic();
    this.#lastProgress = this.#began;
    this.#inputKind = deps.inputKind;
    if (deps.proxy !== undefined) deps.proxy.onJpegs = () => this.#recognizeAs('mjpeg');
    const args = ffmpegArguments(camera, deps);
    this.#pipe = new (addon().FrameReader)();
    try {
      this.#process = new FfmpegProcess(deps.ffmpeg.path, args, (line) => this.#onLine(line), {
        output: this.#pipe.writeEnd(),
        ...(deps.proxy && { proxy: deps.proxy.url }),
      });
    } catch (error) {
      // Its thread and descriptors would be kept until V8 looks for garbage, on a machine that has none left.
      this.#pipe.close();
      throw error;
    }
    this.#pipe.closeWriteEnd();
  }

  /** @see FfmpegProcess.cpuSeconds */
  cpuSeconds(): number | undefined {
    return this.#process.cpuSeconds();
  }

  /** How many frames were not delivered since the last call, as nothing moved in them. */
  takeSkipped(): number {
    return this.#pipe.takeSkipped();
  }

  /** The next frame is delivered, whatever was answered when it was asked which ones need not be. */
  recall(): void {
    this.#pipe.recall();
  }

  /** Call once. Never rejects. */
  async run(signal: AbortSignal): Promise<SourceEnd> {
    const cancel = () => this.#end('cancelled');
    signal.addEventListener('abort', cancel, { once: true });
    if (signal.aborted) cancel();
    const watching = this.#watch();
    await this.#read();
    // Whoever ended the reading, be it ffmpeg itself, ffmpeg is gone after this.
    const processEnd = await this.#gone();
    signal.removeEventListener('abort', cancel);
    this.#ending.abort();
    await watching;
    this.#endedAt = this.#deps.clock.monotonic();
    this.#recognizeEnd(processEnd);
    const reason = await this.#reason(processEnd);
    // ffmpeg may notice it first.
    const silent = this.#kind === 'ended' && reason === silenceReason(this.#camera, this.#evidence());
    return {
      kind: silent ? 'stalled' : this.#kind,
      inputKind: this.#inputKind,
      answered: this.#answered || this.#frames > 0,
      reason,
    };
  }

  /** What is wrong with the clock in the camera's stream; undefined: nothing is known to be. */
  get clockProblem(): string | undefined {
    return this.#streamClock.problem;
  }

  /** An ffmpeg that closed its output is given a moment to leave by itself, for its exit code. */
  async #gone(): Promise<ProcessEnd> {
    if (this.#ending.signal.aborted) return this.#process.stop();
    let stopped = false;
    const stop = setTimeout(() => {
      stopped = true;
      void this.#process.stop();
    }, LEAVE_MS);
    const end = await this.#process.ended;
    clearTimeout(stop);
    return stopped ? { code: null, signal: null } : end;
  }

  /** Ends the reading, and with it the run; the first reason counts. */
  #end(kind: SourceEnd['kind']): void {
    if (this.#ending.signal.aborted) return;
    this.#kind = kind;
    this.#ending.abort();
    this.#pipe.close();
  }

  async #read(): Promise<void> {
    const reader = new Y4mReader(this.#pipe, (bytes) => this.#deps.allocate(bytes));
    try {
      for (;;) {
        // This run has to show a picture first.
        const watch = this.#frames > 0 ? this.#deps.watch() : undefined;
        const frame = await reader.next(watch);
        if (frame === undefined) break;
        await this.#onFrame(reader, frame);
      }
      this.#pipe.close();
    } catch (error) {
      this.#failure = error;
      this.#end('ended');
    }
  }

  async #onFrame(reader: Y4mReader, { pixels, ageMs, share }: Y4mFrame): Promise<void> {
    const { clock } = this.#deps;
    const capturedAt = clock.wallTime() - ageMs;
    const capturedAtMonotonic = clock.monotonic() - ageMs;
    // From here on it is not the camera that is waited for.
    this.#delivering = true;
    const facts = await this.#factsOfFrame();
    if (this.#ending.signal.aborted || reader.header === undefined || facts === undefined) return;
    const { width, height, range } = reader.header;
    this.#frames += 1;
    await this.#deps.deliver({
      data: pixels,
      format: 'yuv420p',
      width,
      height,
      range: range ?? 'limited',
      matrix: facts.matrix,
      sourceWidth: facts.sourceWidth,
      sourceHeight: facts.sourceHeight,
      capturedAt,
      capturedAtMonotonic,
      ...(share !== undefined && { changed: share }),
    });
    this.#delivering = false;
    this.#lastProgress = clock.monotonic();
  }

  /**
   * What ffmpeg logged of the stream up to the frame that was just read: it logs a new size of the source before it writes the first
   * frame of that size to the other pipe. Rejects when it does not log it at all.
   */
  async #factsOfFrame(): Promise<StreamFacts | undefined> {
    await pollForInput();
    if (this.#facts.facts === undefined && !this.#ending.signal.aborted) await this.#firstFacts();
    const { facts } = this.#facts;
    if (facts === undefined && !this.#ending.signal.aborted) {
      throw new GhostcamError('FFMPEG', "this ffmpeg's log does not say the size of the source", {
        remedy: UNMODIFIED_FFMPEG,
      });
    }
    return facts;
  }

  /** Resolves when the log has said what the frames show, when the run ends, or when it is too late. */
  async #firstFacts(): Promise<void> {
    const found = new AbortController();
    this.#onFacts = () => {
      if (this.#facts.facts !== undefined) found.abort();
    };
    await this.#deps.clock.sleep(FACTS_TIMEOUT_MS, AbortSignal.any([this.#ending.signal, found.signal]));
    this.#onFacts = () => {};
  }

  /**
   * Ends the run when no frame has come for the stall time-out, or no first one for the connect time-out; waiting for our own
   * consumer does not count. ffmpeg itself ends when a camera sends nothing at all.
   */
  async #watch(): Promise<void> {
    const { clock } = this.#deps;
    const { signal } = this.#ending;
    const connect = 1_000 * Math.max(this.#camera.stallTimeout, this.#camera.connectTimeout);
    let waiting = false;
    for (;;) {
      const stall = 1_000 * (this.#frames > 0 ? stallSeconds(this.#camera) : this.#camera.stallTimeout);
      await clock.sleep(this.#silentSince + (waiting ? connect : stall) - clock.monotonic(), signal);
      // When it was this process that stood still, frames are waiting in the pipe.
      await pollForInput();
      if (signal.aborted) return;
      if (this.#delivering) this.#lastProgress = clock.monotonic();
      const elapsed = clock.monotonic() - this.#silentSince;
      const connected = this.#facts.connected && this.#between?.reached !== false;
      const mayWait = this.#frames === 0 && (this.#facts.answered || connected);
      // JPEGs came, and ffmpeg could not tell where each of them begins.
      if (elapsed >= stall && this.#frames === 0 && this.#deps.proxy?.showsJpegs) this.#recognizeAs('mjpeg');
      if (signal.aborted) return;
      if (elapsed >= (mayWait ? connect : stall)) return this.#end('stalled');
      if (waiting && !mayWait) waiting = false;
      else if (!waiting && mayWait && elapsed >= stall) {
        waiting = true;
        this.#deps.onWaiting(waitingReason(this.#camera));
      }
    }
  }

  /** The latest moment from which on there has been no frame, not even one that was skipped. */
  get #silentSince(): number {
    return Math.max(this.#lastProgress, this.#deps.clock.monotonic() - this.#pipe.silentMs());
  }

  #onLine(line: string): void {
    const routine = this.#facts.read(line);
    this.#onFacts();
    if (this.#facts.sizeChanged) this.#end('resized');
    if (this.#otherHost !== undefined && this.#frames === 0) this.#end('ended');
    if (routine) {
      this.#onFrameTime();
      return;
    }
    this.#recognize();
    if (!this.#countLine()) return;
    const clean = redactText(this.#withCamera(line), this.#secrets);
    if (COMPLAINT.test(clean)) this.#complaints.push(clean);
    if (this.#complaints.length > KEPT_COMPLAINTS) this.#complaints.shift();
    if (this.#facts.unknownCodec && this.#frames === 0) this.#end('ended');
    this.#deps.onLine(clean);
  }

  /** ffmpeg says it when it lets a frame pass, so that it has just arrived. */
  #onFrameTime(): void {
    const time = this.#facts.takeFrameTime();
    if (time === undefined || !hasClock(this.#facts.format)) return;
    this.#streamClock.observe(time, this.#deps.clock.monotonic());
    this.#recognize();
  }

  /** The line with the camera's address where ffmpeg says the relay's. */
  #withCamera(line: string): string {
    const { relay } = this.#deps;
    if (relay === undefined) return line;
    return line.replaceAll(`127.0.0.1:${relay.port}`, this.#camera.url.authority());
  }

  /** False for what is above the limit of this second. */
  #countLine(): boolean {
    const second = Math.floor(this.#deps.clock.monotonic() / 1_000);
    if (second !== this.#lines.second) {
      const left = this.#lines.count - MAX_LINES_PER_SECOND;
      if (left > 0) this.#deps.onLine(`${left} more lines in a second`);
      this.#lines = { second, count: 0 };
    }
    this.#lines.count += 1;
    return this.#lines.count <= MAX_LINES_PER_SECOND;
  }

  #recognize(): void {
    const { format } = this.#facts;
    if (format === undefined || !isHttp(this.#camera.url) || !this.#deps.paced) return;
    const kind = kindOfFormat(this.#inputKind, format);
    // At the pace of a clock that runs fast, pictures would come later and later. A file has to be played at that pace, whatever it is, but
    // under TLS nobody sees that it is one.
    if (kind === 'fragments' && this.#deps.proxy?.endless !== false && !this.#streamClock.isRight) return;
    this.#recognizeAs(kind);
  }

  #recognizeAs(kind: InputKind): void {
    if (this.#deps.inputKind !== 'stream' || kind === 'stream' || !this.#deps.paced) return;
    this.#inputKind = kind;
    this.#end('recognized');
  }

  #recognizeEnd({ code }: ProcessEnd): void {
    if (!isHttp(this.#camera.url) || !this.#deps.paced) return;
    const { format } = this.#facts;
    const run = {
      ...{ kind: this.#inputKind, format, frames: this.#frames, exitCode: code },
      ...{ end: this.#kind, clockProblem: this.clockProblem },
    };
    const kind = kindAfter({ ...run, complaints: this.#complaints });
    if (kind === undefined) return;
    this.#kind = 'recognized';
    this.#inputKind = kind;
  }

  async #reason(end: ProcessEnd): Promise<string> {
    switch (this.#kind) {
      case 'cancelled':
        return 'stopped';
      case 'resized':
        return "the size of the camera's picture changed";
      case 'stalled':
        return silenceReason(this.#camera, this.#evidence());
      case 'recognized':
      case 'ended':
        if (this.#failure instanceof Error) return redactText(withRemedy(this.#failure), this.#secrets);
        if (this.#frames === 0 && this.#otherHost !== undefined)
          return otherHostReason(this.#camera, this.#otherHost);
        if (this.#between?.complaint !== undefined)
          this.#complaints.unshift(redactText(this.#between.complaint, this.#secrets));
        return (
          (await this.#refusedMethods()) ?? diagnose(this.#complaints, end, this.#camera, this.#evidence())
        );
    }
  }

  /** ffmpeg says 401 of a method that it does not know as it does of a wrong password. */
  async #refusedMethods(): Promise<string | undefined> {
    const { url } = this.#camera;
    if (url.username === undefined || !this.#complaints.some((line) => /\b401 Unauthorized/.test(line)))
      return undefined;
    const methods = await unknownMethods(url);
    if (methods === undefined) return undefined;
    return `the camera asks for the password by ${methods.join(' or ')} only, which ffmpeg does not know: choose Digest with MD5, or Basic, in the camera`;
  }

  get #answered(): boolean {
    return this.#facts.answered || this.#deps.proxy?.answered === true;
  }

  /** What stands between ffmpeg and the camera. */
  get #between(): HostProxy | RtspRelay | undefined {
    return this.#deps.proxy ?? this.#deps.relay;
  }

  /** The other host that the camera refers to. */
  get #otherHost(): string | undefined {
    return this.#between?.refused;
  }

  #evidence(): Evidence {
    const { codec, format } = this.#facts;
    const seconds = (this.#endedAt - this.#began) / 1_000;
    return {
      frames: this.#frames,
      answered: this.#answered,
      codec,
      format,
      seconds,
      inputKind: this.#deps.inputKind,
    };
  }
}

function withRemedy(error: Error): string {
  const remedy = error instanceof GhostcamError ? error.remedy : undefined;
  return remedy === undefined ? error.message : `${error.message}: ${remedy}`;
}

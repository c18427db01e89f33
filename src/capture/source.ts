import type { Clock } from '../clock.js';
import type { CameraConfig } from '../config/types.js';
import { GhostcamError } from '../errors.js';
import type { CapturedFrame } from '../frame/frame.js';
import { secretsOfAddress } from '../secrets/literals.js';
import { redactText } from '../secrets/redact.js';
import { type ArgumentOptions, ffmpegArguments } from './arguments.js';
import { diagnose } from './diagnosis.js';
import type { Ffmpeg } from './ffmpeg.js';
import { FfmpegProcess, type ProcessEnd } from './process.js';
import { type StreamFacts, StreamFactsReader } from './stream-facts.js';
import { Y4mReader } from './y4m.js';

/** A frame as the source knows it; the camera adds its number. */
export type SourceFrame = Omit<CapturedFrame, 'sequence'>;

export interface SourceDeps {
  ffmpeg: Ffmpeg;
  inputSize: ArgumentOptions['inputSize'];
  paced: boolean;
  clock: Clock;
  /** Provides the buffer that the next frame is read into. */
  allocate(bytes: number): Uint8Array;
  /** Takes a frame; the source reads on when the promise resolves. */
  deliver(frame: SourceFrame): Promise<void>;
  /** Each line of ffmpeg's log, free of credentials. */
  onLine(line: string): void;
}

/**
 * Why a run ended. `ended`: ffmpeg left, whatever its exit code (it leaves with 0 when a camera is switched off).
 * `stalled`: no frame for too long. `resized`: the camera's picture has a new size. `cancelled`: as asked.
 */
export interface SourceEnd {
  kind: 'ended' | 'stalled' | 'resized' | 'cancelled';
  /** The camera answered, so that it is there, whatever else is wrong. */
  answered: boolean;
  /** For people, free of credentials. */
  reason: string;
  /** The last complaints in ffmpeg's log, free of credentials. */
  complaints: string[];
}

/** The level that `-loglevel level+…` writes into each line. */
const complaint = /\[(?:warning|error|fatal|panic)\]/;
const keptComplaints = 8;
/** How long after the first frame the facts of the stream may be logged: ffmpeg does so before it. */
const FACTS_TIMEOUT_MS = 5_000;

/** One ffmpeg from start to end: runs until it fails or is cancelled, then has left nothing behind. */
export class Source {
  readonly #camera: CameraConfig;
  readonly #deps: SourceDeps;
  readonly #secrets: readonly string[];
  readonly #facts = new StreamFactsReader();
  readonly #complaints: string[] = [];
  readonly #process: FfmpegProcess;
  readonly #ending = new AbortController();
  #kind: SourceEnd['kind'] = 'ended';
  #failure: unknown;
  #lastProgress: number;
  #delivering = false;
  #onFacts: () => void = () => {};
  #frames = 0;

  constructor(camera: CameraConfig, deps: SourceDeps) {
    this.#camera = camera;
    this.#deps = deps;
    this.#secrets = secretsOfAddress(camera.url);
    this.#lastProgress = deps.clock.monotonic();
    const args = ffmpegArguments(camera, deps);
    this.#process = new FfmpegProcess(deps.ffmpeg.path, args, (line) => this.#onLine(line));
  }

  /** @see FfmpegProcess.cpuSeconds */
  cpuSeconds(): number | undefined {
    return this.#process.cpuSeconds();
  }

  /** Call once. Never rejects. */
  async run(signal: AbortSignal): Promise<SourceEnd> {
    const cancel = () => this.#end('cancelled');
    signal.addEventListener('abort', cancel, { once: true });
    if (signal.aborted) cancel();
    const watching = this.#watch();
    await this.#read();
    // Whoever ended the reading, be it ffmpeg itself, ffmpeg is gone after this.
    const processEnd = this.#ending.signal.aborted ? await this.#process.stop() : await this.#process.ended;
    signal.removeEventListener('abort', cancel);
    this.#ending.abort();
    await watching;
    return {
      kind: this.#kind,
      answered: this.#facts.answered || this.#frames > 0,
      reason: this.#reason(processEnd),
      complaints: this.#complaints,
    };
  }

  /** Ends the reading, and with it the run; the first reason counts. */
  #end(kind: SourceEnd['kind']): void {
    if (this.#ending.signal.aborted) return;
    this.#kind = kind;
    this.#ending.abort();
    this.#process.stdout.destroy();
  }

  async #read(): Promise<void> {
    const reader = new Y4mReader((bytes) => this.#deps.allocate(bytes));
    try {
      for await (const chunk of this.#process.stdout as AsyncIterable<Buffer>) {
        for (const data of reader.frames(chunk)) await this.#onFrame(reader, data);
      }
    } catch (error) {
      // Reading a pipe that we destroyed ourselves ends with an error that says so.
      if (this.#ending.signal.aborted) return;
      this.#failure = error;
      this.#end('ended');
    }
  }

  async #onFrame(reader: Y4mReader, data: Uint8Array): Promise<void> {
    const { clock } = this.#deps;
    const capturedAt = clock.wallTime();
    const capturedAtMonotonic = clock.monotonic();
    this.#lastProgress = clock.monotonic();
    // ffmpeg logs a new size of the source before it writes the first frame of it, to another pipe.
    await this.#process.pipesRead();
    const facts = this.#facts.facts ?? (await this.#firstFacts());
    if (this.#ending.signal.aborted || reader.header === undefined || facts === undefined) return;
    const { width, height, range } = reader.header;
    this.#frames += 1;
    this.#delivering = true;
    await this.#deps.deliver({
      data,
      format: 'yuv420p',
      width,
      height,
      range: range ?? 'limited',
      matrix: facts.matrix,
      sourceWidth: facts.sourceWidth,
      sourceHeight: facts.sourceHeight,
      capturedAt,
      capturedAtMonotonic,
    });
    this.#delivering = false;
    this.#lastProgress = clock.monotonic();
  }

  /** What ffmpeg logs of the stream once, before or soon after the first frame. Rejects when it does not. */
  async #firstFacts(): Promise<StreamFacts | undefined> {
    const known = new AbortController();
    this.#onFacts = () => known.abort();
    await this.#deps.clock.sleep(FACTS_TIMEOUT_MS, AbortSignal.any([this.#ending.signal, known.signal]));
    if (!known.signal.aborted && !this.#ending.signal.aborted) {
      throw new GhostcamError('FFMPEG', "this ffmpeg's log does not tell the size of the source", {
        remedy: 'set FFMPEG_PATH to an unmodified ffmpeg, version 4.1 or later',
      });
    }
    return this.#facts.facts;
  }

  /** Ends the run when no frame has come for the stall time-out; waiting for our own consumer does not count. */
  async #watch(): Promise<void> {
    const { clock } = this.#deps;
    const { signal } = this.#ending;
    const patience = this.#camera.stallTimeout * 1_000;
    for (;;) {
      await clock.sleep(this.#lastProgress + patience - clock.monotonic(), signal);
      // When it was this process that stood still, frames are waiting in the pipe.
      await this.#process.pipesRead();
      if (signal.aborted) return;
      if (this.#delivering) this.#lastProgress = clock.monotonic();
      if (clock.monotonic() - this.#lastProgress >= patience) return this.#end('stalled');
    }
  }

  #onLine(line: string): void {
    this.#facts.read(line);
    if (this.#facts.facts !== undefined) this.#onFacts();
    if (this.#facts.sizeChanged) this.#end('resized');
    const clean = redactText(line, this.#secrets);
    if (complaint.test(clean)) this.#complaints.push(clean);
    if (this.#complaints.length > keptComplaints) this.#complaints.shift();
    this.#deps.onLine(clean);
  }

  #reason(end: ProcessEnd): string {
    switch (this.#kind) {
      case 'cancelled':
        return 'stopped';
      case 'resized':
        return "the size of the camera's picture changed";
      case 'stalled':
        return stallReason(this.#camera.stallTimeout, this.#frames > 0, this.#facts.answered);
      case 'ended':
        return this.#failure instanceof Error
          ? redactText(this.#failure.message, this.#secrets)
          : diagnose(this.#complaints, end, this.#camera);
    }
  }
}

function stallReason(seconds: number, hadFrames: boolean, answered: boolean): string {
  if (hadFrames) return `no frame for ${seconds} s`;
  if (answered) return `the camera answers, but sent no picture within ${seconds} s`;
  return `the camera did not answer within ${seconds} s`;
}

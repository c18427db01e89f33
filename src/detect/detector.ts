/** A model on an inference thread of its own: frames in, detections out. */

import { EventEmitter } from 'node:events';
import { availableParallelism } from 'node:os';
import type { ProviderName } from '../config/types.js';
import { GhostcamError } from '../errors.js';
import type { PixelFrame } from '../frame/frame.js';
import { type InputShape, type InputSize, shapeFor, shapeText } from '../frame/input-shape.js';
import { inSource, type Region, wholeOf } from '../frame/region.js';
import type { LoadedModel } from '../model/manifest.js';
import type { ModelManifest } from '../model/manifest-schema.js';
import { fromAddon, type NativeDetector } from '../native/addon.js';
import type { Log } from '../observe/log.js';
import type { StageTimings } from '../observe/stage-timings.js';
import { type Candidate, type ChosenRuntime, usualShape } from '../runtime/choose.js';
import { openRuntime } from '../runtime/open.js';
import type { Provider } from '../runtime/providers.js';
import type { Detection } from './detection.js';
import { type SessionInfo, Sessions } from './sessions.js';
import { classThresholds } from './thresholds.js';

export interface DetectorOptions {
  /** Path of an .onnx file, the name of a shipped model, or one that is loaded already. */
  model: string | LoadedModel;
  provider: ProviderName;
  /** Default: one fewer than the cores, which leaves one to ffmpeg; at least 1. */
  threads?: number;
  /** Path of the ONNX Runtime library to use instead of choosing one. */
  onnxruntimeLib?: string;
  /** A folder in which is remembered what was chosen; absent: everything is tried. */
  stateFolder?: string;
  /** Called when the rest is done on other threads, or must be chosen first. */
  onOpening?: () => void;
  log?: Log;
}

export interface DetectorInfo {
  /** `name` is that of the size that was chosen. */
  model: ModelManifest & { path: string };
  inputSize: InputSize;
  runtime: { path: string; version: string; providers: Provider[] };
  provider: Provider;
  threads: number;
  /** How many of the graph's nodes each provider (ONNX Runtime's name) ran; absent when that could not be found out. */
  nodes?: Record<string, number>;
  /** Milliseconds of a bare inference when the runtime was chosen, at the shape for pictures of 16:9. */
  medianMs: number;
  /** Every model, library and provider that was timed; of a remembered choice, that one. */
  candidates: Candidate[];
}

export interface DetectOptions {
  /** One score per class, exclusive; default: the manifest's. */
  thresholds?: Float32Array;
  iou?: number;
  maxDetections?: number;
  /** Of the input; default: the one for pictures of the source size. */
  shape?: InputShape;
  /** The part of the frame that is inferred; default: the whole. */
  region?: Region;
  /** Size of the picture that the frame shows and the boxes are for; default: the frame's. */
  sourceWidth?: number;
  sourceHeight?: number;
}

export interface DetectionResult {
  /** Best score first. */
  detections: Detection[];
  timings: StageTimings;
}

/** Longest side of a frame, as in native/image/frame.h. */
const MAX_SIDE = 16_384;

/** Emits `sessions` when the model was opened for another shape of its input, or one was closed. */
export class Detector extends EventEmitter<{ sessions: [] }> {
  readonly info: DetectorInfo;
  readonly #native: NativeDetector;
  readonly #sessions: Sessions;
  readonly #thresholds: Float32Array;
  #closing: Promise<void> | undefined;

  /** Use {@link Detector.open}. */
  private constructor(
    info: DetectorInfo,
    chosen: ChosenRuntime,
    load: () => Promise<LoadedModel>,
    log: Log | undefined,
  ) {
    super();
    this.info = info;
    this.#native = chosen.native;
    const { threads } = info;
    const onChange = () => this.emit('sessions');
    // Without the model, whose bytes would stay in memory.
    const { model: _, ...session } = chosen;
    this.#sessions = new Sessions({ load, chosen: session, threads, log, onChange });
    const { labels, thresholds } = info.model;
    this.#thresholds = classThresholds(labels, thresholds, {
      threshold: undefined,
      labels: undefined,
      filters: [],
    });
  }

  /** Rejects with a GhostcamError: MODEL, RUNTIME, PROVIDER or ADDON. */
  static async open(options: DetectorOptions): Promise<Detector> {
    const { provider, onnxruntimeLib, stateFolder, onOpening, log } = options;
    const threads = options.threads ?? Math.max(1, availableParallelism() - 1);
    if (!Number.isInteger(threads) || threads < 1 || threads > 256) {
      throw new GhostcamError('RUNTIME', `threads must be an integer from 1 to 256, received ${threads}`);
    }
    const chosen = await openRuntime(options.model, {
      provider,
      threads,
      ...(onnxruntimeLib === undefined ? {} : { onnxruntimeLib }),
      ...(stateFolder === undefined ? {} : { stateFolder }),
      ...(onOpening === undefined ? {} : { onOpening }),
      ...(log === undefined ? {} : { log }),
    });
    const info = describe(threads, chosen);
    log?.info(
      `${info.model.name} runs on ONNX Runtime ${info.runtime.version}, ${info.provider}, ${info.medianMs.toFixed(1)} ms an inference of ${shapeText(chosen.inputShape)} on ${threads === 1 ? '1 thread' : `${threads} threads`}`,
    );
    return new Detector(info, chosen, chosen.load, log);
  }

  /** The shape of the input for pictures of this size in pixels. */
  shapeFor(picture: InputShape): InputShape {
    return shapeFor(this.info.inputSize, picture);
  }

  /** The shapes of the input that the model is open for. */
  get sessions(): SessionInfo[] {
    return this.#sessions.infos;
  }

  /**
   * Finds the objects in a frame, off the event loop, in the order of the calls. The pixels are read where they are: they must neither
   * change nor be detached before the promise settles. Rejects with FRAME for a frame or option that makes no sense, CLOSED after close().
   */
  async detect(frame: PixelFrame, options: DetectOptions = {}): Promise<DetectionResult> {
    this.#assertOpen();
    checkFrame(frame);
    const { thresholds, iou, maxDetections } = this.#settings(options);
    const { labels } = this.info.model;
    const { sourceWidth = frame.width, sourceHeight = frame.height } = options;
    const shape = options.shape ?? this.shapeFor({ width: sourceWidth, height: sourceHeight });
    const { region = wholeOf(frame) } = options;
    checkRegion(region, frame);
    const { width, height } = frame;
    const [left, top, right, bottom] = inSource(region, { width, height, sourceWidth, sourceHeight });
    const session = this.#sessions.find(shape) ?? (await this.#open(shape));
    const request = {
      session,
      data: frame.data,
      format: frame.format,
      width,
      height,
      fullRange: frame.range === 'full',
      bt709: frame.matrix === 'bt709',
      region,
      thresholds,
      iou,
      maxDetections,
      sourceWidth: right - left,
      sourceHeight: bottom - top,
    };
    try {
      const { boxes, queueMs, preMs, inferMs, postMs } = await this.#native.detect(request);
      return { detections: unpack(boxes, labels, left, top), timings: { queueMs, preMs, inferMs, postMs } };
    } catch (error) {
      throw fromAddon(error);
    }
  }

  /** Milliseconds of each of `runs` back-to-back inferences at a shape on whatever the input tensor holds: the floor. */
  async bare(runs: number, shape: InputShape = usualShape(this.info)): Promise<Float64Array> {
    this.#assertOpen();
    if (!Number.isInteger(runs) || runs < 1 || runs > 1_000_000) {
      throw new GhostcamError('FRAME', `runs must be an integer from 1 to 1000000, received ${runs}`);
    }
    const session = this.#sessions.find(shape) ?? (await this.#open(shape));
    try {
      return await this.#native.bare(session, runs);
    } catch (error) {
      throw fromAddon(error);
    }
  }

  /** CPU time of the inference thread and of ONNX Runtime's pools so far, in seconds. */
  cpuSeconds(): number {
    return this.#native.cpuSeconds();
  }

  /** Waits for the frame in flight and frees the sessions; frames still queued are rejected with CLOSED. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#native.close();
    return this.#closing;
  }

  /** Rejects with FRAME for a shape that the model does not take. */
  #open(shape: InputShape): Promise<number> {
    const { inputSize, model } = this.info;
    const sides = [shape.width, shape.height];
    const fits =
      'side' in inputSize
        ? sides.every(
            (side) => side >= inputSize.multiple && side <= inputSize.side && side % inputSize.multiple === 0,
          )
        : shapeText(shape) === shapeText(inputSize);
    expect(fits, `shape: ${model.name} does not take ${shapeText(shape)}`);
    return this.#sessions.open(shape);
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw new GhostcamError('CLOSED', 'the detector is closed');
  }

  #settings(options: DetectOptions): { thresholds: Float32Array; iou: number; maxDetections: number } {
    const { labels, thresholds, maxDetections } = this.info.model;
    const settings = {
      thresholds: options.thresholds ?? this.#thresholds,
      iou: options.iou ?? thresholds.iou,
      maxDetections: options.maxDetections ?? maxDetections,
    };
    expect(
      settings.thresholds instanceof Float32Array && settings.thresholds.length === labels.length,
      `thresholds: expected a Float32Array of ${labels.length}, one per label`,
    );
    expect(!settings.thresholds.some(Number.isNaN), 'thresholds: expected numbers, received NaN');
    expect(settings.iou >= 0 && settings.iou <= 1, `iou: expected 0 to 1, received ${settings.iou}`);
    expect(
      Number.isInteger(settings.maxDetections) &&
        settings.maxDetections >= 1 &&
        settings.maxDetections <= 10_000,
      `maxDetections: expected an integer from 1 to 10000, received ${settings.maxDetections}`,
    );
    for (const side of [options.sourceWidth ?? 1, options.sourceHeight ?? 1]) {
      expect(side > 0 && side <= 1e6, `source size: expected positive pixels, received ${side}`);
    }
    return settings;
  }
}

function expect(holds: boolean, message: string): void {
  if (!holds) throw new GhostcamError('FRAME', message);
}

function checkFrame({ data, format, width, height }: PixelFrame): void {
  expect(data instanceof Uint8Array, 'frame: expected its data as a Uint8Array');
  expect(format === 'yuv420p' || format === 'rgb24', `frame: expected yuv420p or rgb24, received ${format}`);
  for (const side of [width, height]) {
    expect(
      Number.isInteger(side) && side >= 1 && side <= MAX_SIDE,
      `frame: expected a size of 1 x 1 to ${MAX_SIDE} x ${MAX_SIDE}, received ${width} x ${height}`,
    );
  }
  const bytes =
    format === 'rgb24'
      ? 3 * width * height
      : width * height + 2 * Math.ceil(width / 2) * Math.ceil(height / 2);
  expect(
    data.byteLength === bytes,
    `frame: ${format} of ${width} x ${height} has ${bytes} bytes, received ${data.byteLength}`,
  );
}

function checkRegion({ left, top, width, height }: Region, frame: PixelFrame): void {
  const along = (begin: number, length: number, total: number) =>
    Number.isInteger(begin) &&
    Number.isInteger(length) &&
    begin >= 0 &&
    length >= 1 &&
    begin + length <= total &&
    begin % 2 === 0 &&
    (length % 2 === 0 || begin + length === total);
  expect(
    along(left, width, frame.width) && along(top, height, frame.height),
    `region: expected even pixels within ${frame.width} x ${frame.height}, received ${width} x ${height} at ${left}, ${top}`,
  );
}

/** @param left The region's, in pixels of the picture, as is `top`. */
function unpack(boxes: Float32Array, labels: readonly string[], left: number, top: number): Detection[] {
  const detections: Detection[] = [];
  const value = (index: number) => boxes[index] as number;
  for (let at = 0; at < boxes.length; at += 6) {
    const classId = value(at + 5);
    detections.push({
      label: labels[classId] as string,
      classId,
      score: value(at + 4),
      box: [value(at) + left, value(at + 1) + top, value(at + 2) + left, value(at + 3) + top],
    });
  }
  return detections;
}

function describe(
  threads: number,
  { model: loaded, library, provider, nodes, medianMs, candidates }: ChosenRuntime,
): DetectorInfo {
  const { manifest, path, name, inputSize } = loaded;
  const runtime = { path: library.path, version: library.version, providers: library.providers };
  const model = { ...manifest, path, name };
  return { model, inputSize, runtime, provider, threads, medianMs, candidates, ...(nodes ? { nodes } : {}) };
}

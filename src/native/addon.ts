/** The C++ addon as TypeScript sees it. The only file that loads it. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { familySync } from 'detect-libc';
import { type ErrorCode, GhostcamError } from '../errors.js';
import type { ModelManifest } from '../model/manifest-schema.js';
import { platformFacts, platformProblems } from './platform.js';

export interface NativeOpenRequest {
  /** Path of the ONNX Runtime library. */
  library: string;
  provider: string;
  threads: number;
  /** Content of the .onnx file. */
  model: Uint8Array;
  manifest: ModelManifest;
  /** Pixels: the manifest's, or those of its symbolic dimensions. */
  inputWidth: number;
  inputHeight: number;
  /** Where the profile of the first run goes: ONNX Runtime appends "_<time>.json". '' for none. */
  profilePrefix: string;
}

export interface NativeSession {
  /** What the other methods know it by. */
  session: number;
  /** Path of the profile, '' when none was asked for. */
  profile: string;
}

export interface NativePixels {
  data: Uint8Array;
  format: 'yuv420p' | 'rgb24';
  width: number;
  height: number;
  fullRange: boolean;
  bt709: boolean;
}

/** Of one colour, 0xrrggbb: a polygon by its corners, x and y in turn, or a mask of 0..255. In pixels of the picture. */
export type NativeShape = { color: number; opacity: number } & (
  | { corners: Float32Array }
  | { left: number; top: number; width: number; height: number; mask: Uint8Array }
);

export interface NativeFrame extends NativePixels {
  session: number;
  /** The part that is inferred, in pixels; left and top are even, the sides as well unless they reach the edge. */
  region: { left: number; top: number; width: number; height: number };
  thresholds: Float32Array;
  iou: number;
  maxDetections: number;
  /** What the boxes are measured in: the size of the region. */
  sourceWidth: number;
  sourceHeight: number;
}

export interface NativeDetections {
  /** Six numbers each: x1, y1, x2, y2, score, class. */
  boxes: Float32Array;
  queueMs: number;
  preMs: number;
  inferMs: number;
  postMs: number;
}

/** One inference thread, and sessions that share it. Calls are worked through in order. */
export interface NativeDetector {
  /** Opens a session, before the methods that take one. */
  open(request: NativeOpenRequest): Promise<NativeSession>;
  /** Reads `data` until the promise settles: it must neither change nor be detached before. */
  detect(frame: NativeFrame): Promise<NativeDetections>;
  bare(session: number, runs: number): Promise<Float64Array>;
  /** Closes a session, once the calls before are done. */
  release(session: number): Promise<void>;
  cpuSeconds(): number;
  close(): Promise<void>;
}

/** The background of one camera. */
export interface NativeMotionMeter {
  /** `data` begins with the luma plane; `seconds` have passed since the last call. The share that changed, or -1. */
  update(data: Uint8Array, width: number, height: number, seconds: number, learn: boolean): number;
  /**
   * The square cells of the last frame whose change counted, `side` pixels wide and `columns` in a row: of each run along a row the index
   * of its first cell, and its length.
   */
  changedCells(): { side: number; columns: number; runs: number[] };
  /** Where the last frame changed, the strongest first: x1, y1, x2, y2 in pixels and the strength of each. */
  boxes(): Float32Array;
  /** maskSide rows of as many bytes, not 0 where nothing counts. */
  setMask(mask: Uint8Array): void;
}

/** What lets frames be skipped in which nothing moves. */
export interface NativeWatch {
  meter: NativeMotionMeter;
  /** The share of the picture that must have changed, 0..1. */
  area: number;
  /** As for {@link NativeMotionMeter.update}. */
  learn: boolean;
  /** Milliseconds since the frame that the meter has measured last. */
  sinceMs: number;
  /** Milliseconds after which the next frame is wanted whatever moves. */
  forMs: number;
}

export interface NativeFrameRead {
  /** Milliseconds since its last byte was read. */
  ageMs: number;
  /** With a watch: as {@link NativeMotionMeter.update} returns it. */
  share?: number;
}

/** A pipe to a program that writes YUV4MPEG2, read by a thread of its own. One read at a time. */
export interface NativeFrameReader {
  /** The file descriptor for the program that writes; -1 where there is none left. */
  writeEnd(): number;
  /** To be called once that program has it: without it the stream has no end. */
  closeWriteEnd(): void;
  /** The next line, or as much of it as is above 1,024 bytes; undefined at the end of the stream. */
  readLine(): Promise<string | undefined>;
  /**
   * Fills `pixels` with the next frame, with a watch, and the size of frames in pixels, with the next one that is wanted; they must not be touched before it resolves: with
   * what is known of the frame, with the line where it begins none, or with undefined at the end of the stream.
   */
  readFrame(
    pixels: Uint8Array,
    watch?: NativeWatch & { width: number; height: number },
  ): Promise<NativeFrameRead | string | undefined>;
  /** How many frames were skipped since the last call, also while a read is under way. */
  takeSkipped(): number;
  /** Milliseconds since a frame was read, or skipped, also while a read is under way; Infinity before the first one. */
  silentMs(): number;
  /** The read under way resolves with the next frame, whatever its watch says. */
  recall(): void;
  /** Ends the reading, also one that is under way. Idempotent. */
  close(): void;
}

export interface Addon {
  FrameReader: new () => NativeFrameReader;
  MotionMeter: { new (): NativeMotionMeter; readonly maskSide: number };
  /**
   * Fills `into` with a part of the picture as rgb24 and the shapes over it, off the event loop; it must not be touched until then.
   * Copies the pixels before it returns.
   */
  toRgb(
    pixels: NativePixels,
    part: { left: number; top: number; width: number; height: number },
    shapes: readonly NativeShape[],
    into: Uint8Array,
  ): Promise<Uint8Array>;
  NativeDetector: new () => NativeDetector;
  /** Loads an ONNX Runtime library, for good; providers have ONNX Runtime's names. */
  loadRuntime(path: string): { version: string; providers: string[] };
  /** User and system seconds of a process; undefined when there is none of this number. */
  processCpuSeconds(pid: number): number | undefined;
  /** User and system seconds of the calling thread. */
  threadCpuSeconds(): number;
  /** One datagram to systemd, see sd_notify(3); returns why it could not be sent, '' when it was. */
  notifyServiceManager(socket: string, message: string): string;
}

interface PackageJson {
  binary: { module_name: string; module_path: string; napi_versions: number[] };
}

const require = createRequire(import.meta.url);
const root = new URL('../../', import.meta.url);

let loaded: Addon | undefined;

/** The addon, loaded on first use. Throws an ADDON error with the remedy when it was not built for this platform. */
export function addon(): Addon {
  loaded ??= load();
  return loaded;
}

/**
 * Where the addon for this platform is, or would be: package.json's `binary.module_path`, which is what node-pre-gyp's find()
 * returns. Loading node-pre-gyp for it would cost each process 30 ms and 10 MB.
 */
export function addonPath(): string {
  const { binary } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as PackageJson;
  const values: Record<string, string> = {
    platform: process.platform,
    arch: process.arch,
    libc: familySync() ?? 'unknown',
    napi_build_version: String(Math.max(...binary.napi_versions)),
  };
  const folder = binary.module_path.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? '');
  return fileURLToPath(new URL(`${folder}/${binary.module_name}.node`, root));
}

function load(): Addon {
  const path = addonPath();
  if (!existsSync(path)) throw addonError(`the native addon is not there: ${path}`);
  try {
    return require(path) as Addon;
  } catch (cause) {
    throw addonError(`the native addon does not load: ${(cause as Error).message}`, cause);
  }
}

/** Names what is wrong with this kind of machine, where something is: an addon is missing or unfit for a reason. */
function addonError(message: string, cause?: unknown): GhostcamError {
  const problem = platformProblems(platformFacts()).find(({ part }) => part !== 'Node');
  return new GhostcamError('ADDON', problem === undefined ? message : `${message}\n  ${problem.message}`, {
    remedy:
      problem?.remedy ?? 'build it: npm run setup in a checkout, npm rebuild ghostcam where it is installed',
    cause,
  });
}

/** What the addon threw, as this project's error class. */
export function fromAddon(error: unknown, remedy?: string): GhostcamError {
  const { message, code } = error as Error & { code?: ErrorCode };
  return new GhostcamError(code ?? 'ADDON', message, { cause: error, ...(remedy ? { remedy } : {}) });
}

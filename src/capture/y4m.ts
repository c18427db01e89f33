/**
 * YUV4MPEG2, ffmpeg's uncompressed stream format that says its own size, as ffmpeg writes it.
 * Format: https://wiki.multimedia.cx/index.php/YUV4MPEG2
 */
import { GhostcamError } from '../errors.js';
import type { NativeFrameRead, NativeFrameReader, NativeWatch } from '../native/addon.js';

/** What the stream header says; only 8-bit 4:2:0 is accepted. */
export interface Y4mHeader {
  width: number;
  height: number;
  /** From XCOLORRANGE; undefined when the writer says nothing (ffmpeg before 4.3), which means limited. */
  range: 'limited' | 'full' | undefined;
}

/** A header or frame line longer than this is not YUV4MPEG2: ffmpeg's stay below 120 bytes. As in native/bindings/frame_reader.cc. */
const MAX_LINE_BYTES = 1024;
/** Far above any camera, and small enough that a hostile header cannot exhaust the memory of a board. */
const MAX_SIDE = 16_384;
const MAX_PIXELS = 2 ** 26;
/** They differ in where chroma samples lie, which a detector cannot see. A missing C means 420jpeg. */
const CHROMA_FORMATS = new Set(['420', '420jpeg', '420mpeg2', '420paldv']);

/** Bytes of one yuv420p picture: luma plus two chroma planes whose sides are rounded up. */
export function yuv420Bytes(width: number, height: number): number {
  return width * height + 2 * Math.ceil(width / 2) * Math.ceil(height / 2);
}

/** A frame that was read. */
export interface Y4mFrame extends NativeFrameRead {
  pixels: Uint8Array;
}

/** Reads frame after frame into buffers that the caller provides. */
export class Y4mReader {
  readonly #pipe: Pick<NativeFrameReader, 'readLine' | 'readFrame'>;
  readonly #allocate: (bytes: number) => Uint8Array;
  #header: Y4mHeader | undefined;

  /** @param allocate Called before each frame for a buffer of exactly that size, to be filled and returned. */
  constructor(
    pipe: Pick<NativeFrameReader, 'readLine' | 'readFrame'>,
    allocate: (bytes: number) => Uint8Array,
  ) {
    this.#pipe = pipe;
    this.#allocate = allocate;
  }

  /** Defined from the first frame on. */
  get header(): Y4mHeader | undefined {
    return this.#header;
  }

  /**
   * The next frame, with a watch the next one that is wanted; undefined at the end of the stream. One call at a time.
   * Rejects with FRAME when the stream is not YUV4MPEG2 as above.
   */
  async next(watch?: NativeWatch): Promise<Y4mFrame | undefined> {
    if (this.#header === undefined) {
      const line = await this.#pipe.readLine();
      if (line === undefined) return undefined;
      checkLength(line);
      this.#header = parseHeader(line);
    }
    const { width, height } = this.#header;
    const pixels = this.#allocate(yuv420Bytes(width, height));
    const read = await this.#pipe.readFrame(pixels, watch && { ...watch, width, height });
    if (typeof read === 'string') {
      checkLength(read);
      throw malformed(`a frame begins with ${quote(read)} instead of FRAME`);
    }
    return read && { ...read, pixels };
  }
}

function checkLength(line: string): void {
  if (line.length > MAX_LINE_BYTES) throw malformed(`a line is longer than ${MAX_LINE_BYTES} bytes`);
}

function parseHeader(line: string): Y4mHeader {
  const [magic, ...parameters] = line.split(' ');
  if (magic !== 'YUV4MPEG2') throw malformed(`it begins with ${quote(line)} instead of YUV4MPEG2`);
  let width = 0;
  let height = 0;
  let chroma = '420jpeg';
  let range: Y4mHeader['range'];
  for (const parameter of parameters) {
    const value = parameter.slice(1);
    if (parameter.startsWith('W')) width = side(parameter);
    else if (parameter.startsWith('H')) height = side(parameter);
    else if (parameter.startsWith('C')) chroma = value;
    else if (parameter === 'XCOLORRANGE=FULL') range = 'full';
    else if (parameter === 'XCOLORRANGE=LIMITED') range = 'limited';
  }
  if (width === 0 || height === 0) throw malformed(`its header has no size: ${quote(line)}`);
  if (width * height > MAX_PIXELS) throw malformed(`a picture of ${width}x${height} is too large`);
  if (!CHROMA_FORMATS.has(chroma)) throw malformed(`its pixels are ${quote(chroma)}, not 8-bit 4:2:0`);
  return { width, height, range };
}

function side(parameter: string): number {
  const value = /^[WH]([1-9]\d{0,4})$/.exec(parameter)?.[1];
  if (value === undefined || Number(value) > MAX_SIDE) {
    throw malformed(`${quote(parameter)} is no size between 1 and ${MAX_SIDE}`);
  }
  return Number(value);
}

/** The remedy for what ffmpeg itself never writes. */
export const UNMODIFIED_FFMPEG =
  'set FFMPEG_PATH to an unmodified ffmpeg, version 4.1 or later, or let the program that starts it pass its output and error on as they are';

function malformed(what: string): GhostcamError {
  return new GhostcamError('FRAME', `ffmpeg's output is not the YUV4MPEG2 that was asked for: ${what}`, {
    remedy: UNMODIFIED_FFMPEG,
  });
}

/** Binary noise stays readable and short in a message. */
function quote(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}

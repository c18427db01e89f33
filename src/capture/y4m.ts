/**
 * YUV4MPEG2, ffmpeg's uncompressed stream format that says its own size, read as it arrives.
 * Format: https://wiki.multimedia.cx/index.php/YUV4MPEG2
 */
import { GhostcamError } from '../errors.js';

/** What the stream header says; only 8-bit 4:2:0 is accepted. */
export interface Y4mHeader {
  width: number;
  height: number;
  /** From XCOLORRANGE; undefined when the writer says nothing (ffmpeg before 4.3), which means limited. */
  range: 'limited' | 'full' | undefined;
}

/** A header or frame line longer than this is not YUV4MPEG2: ffmpeg's stay below 120 bytes. */
const MAX_LINE_BYTES = 1024;
/** Far above any camera, and small enough that a hostile header cannot exhaust the memory of a board. */
const MAX_SIDE = 16_384;
const MAX_PIXELS = 2 ** 26;
/** They differ in where chroma samples lie, which a detector cannot see. A missing C means 420jpeg. */
const CHROMA_FORMATS = new Set(['420', '420jpeg', '420mpeg2', '420paldv']);
const NEWLINE = 0x0a;

/** Bytes of one yuv420p picture: luma plus two chroma planes whose sides are rounded up. */
export function yuv420Bytes(width: number, height: number): number {
  return width * height + 2 * Math.ceil(width / 2) * Math.ceil(height / 2);
}

/** Turns chunks of any size into frames, copying each byte once, into buffers that the caller provides. */
export class Y4mReader {
  readonly #allocate: (bytes: number) => Uint8Array;
  readonly #line = Buffer.allocUnsafeSlow(MAX_LINE_BYTES);
  #lineBytes = 0;
  #header: Y4mHeader | undefined;
  #frame: Uint8Array | undefined;
  #frameBytes = 0;

  /** @param allocate Called at the start of each frame for a buffer of exactly that size, to be filled and yielded. */
  constructor(allocate: (bytes: number) => Uint8Array) {
    this.#allocate = allocate;
  }

  /** Defined from the first frame on. */
  get header(): Y4mHeader | undefined {
    return this.#header;
  }

  /**
   * Yields the pixels of every frame that the chunk completes. Drain it: what is left of an abandoned chunk is lost.
   * @throws GhostcamError FRAME when the stream is not YUV4MPEG2 as above.
   */
  *frames(chunk: Uint8Array): Generator<Uint8Array, void, void> {
    let offset = 0;
    while (offset < chunk.length) {
      if (this.#frame === undefined) {
        offset = this.#readLine(chunk, offset);
        continue;
      }
      const part = chunk.subarray(offset, offset + this.#frame.length - this.#frameBytes);
      this.#frame.set(part, this.#frameBytes);
      this.#frameBytes += part.length;
      offset += part.length;
      if (this.#frameBytes === this.#frame.length) {
        const complete = this.#frame;
        this.#frame = undefined;
        yield complete;
      }
    }
  }

  /** Collects bytes up to the end of a line, and acts on a complete one; returns the new offset. */
  #readLine(chunk: Uint8Array, offset: number): number {
    const end = chunk.indexOf(NEWLINE, offset);
    const part = chunk.subarray(offset, end === -1 ? chunk.length : end);
    if (this.#lineBytes + part.length > MAX_LINE_BYTES) {
      throw malformed(`a line is longer than ${MAX_LINE_BYTES} bytes`);
    }
    this.#line.set(part, this.#lineBytes);
    this.#lineBytes += part.length;
    if (end === -1) return chunk.length;
    const line = this.#line.toString('latin1', 0, this.#lineBytes);
    this.#lineBytes = 0;
    if (this.#header === undefined) {
      this.#header = parseHeader(line);
    } else {
      if (line !== 'FRAME' && !line.startsWith('FRAME ')) {
        throw malformed(`a frame begins with ${quote(line)} instead of FRAME`);
      }
      this.#frame = this.#allocate(yuv420Bytes(this.#header.width, this.#header.height));
      this.#frameBytes = 0;
    }
    return end + 1;
  }
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

function malformed(what: string): GhostcamError {
  return new GhostcamError('FRAME', `ffmpeg's output is not the YUV4MPEG2 that was asked for: ${what}`, {
    remedy: 'set FFMPEG_PATH to an unmodified ffmpeg, version 4.1 or later',
  });
}

/** Binary noise stays readable and short in a message. */
function quote(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}

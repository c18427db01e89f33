import type { PixelFrame } from '../frame/frame.js';
import { scaleFilterName } from './arguments.js';

/** What ffmpeg's log tells about the picture on its way through. */
export interface StreamFacts {
  /** Size of the picture before scaling, after any rotation that its metadata asks for. */
  sourceWidth: number;
  sourceHeight: number;
  /** Colour matrix of the frames on the pipe. */
  matrix: NonNullable<PixelFrame['matrix']>;
}

/** Printed whenever the scale filter is (re)configured: `[scale@fit @ 0x…] [verbose] w:1920 h:1080 fmt:yuv420p … -> w:320 …`. */
const scaleLine = new RegExp(
  `^\\[${scaleFilterName} @ [^\\]]*\\] \\[verbose\\] w:(\\d+) h:(\\d+) fmt:(\\S+) .*-> `,
);
/** Names of FFmpeg's pixel formats that hold no Y, Cb and Cr: gbrp, rgb24, bgr0, 0rgb, argb, pal8 … */
const rgbFormat = /^(?:gbr|pal8|[0ax]?(?:rgb|bgr))/;
/** Begins the description of what goes out; its stream line comes next: `… yuv420p(tv, bt709/…, progressive), 320x180 …`. */
const outputLine = /^(?:\[[^\]]*\] )?\[info\] Output #0, /;
const streamLine = /Stream #0:0.*: Video: .*?\byuv420p(?:\(([^)]*)\))?, /;
/** After DESCRIBE was answered, or once any input was opened. */
const answerLine = /\[verbose\] SDP:|\[info\] Input #0, /;

/** Reads ffmpeg's log line by line; undefined facts are not known yet. Works with ffmpeg 4.1 to 9.0; 4.1 is silent about colours. */
export class StreamFactsReader {
  #source: { width: number; height: number; rgb: boolean } | undefined;
  #colours: string | undefined;
  #inOutput = false;
  #answered = false;
  #sizeChanged = false;

  read(line: string): void {
    const size = scaleLine.exec(line);
    if (size !== null) {
      const [width, height] = [Number(size[1]), Number(size[2])];
      if (this.#source === undefined) this.#source = { width, height, rgb: rgbFormat.test(size[3] ?? '') };
      else if (this.#source.width !== width || this.#source.height !== height) this.#sizeChanged = true;
    } else if (answerLine.test(line)) {
      this.#answered = true;
    } else if (outputLine.test(line)) {
      this.#inOutput = true;
    } else if (this.#inOutput) {
      const stream = streamLine.exec(line);
      if (stream !== null) {
        this.#colours = stream[1] ?? '';
        this.#inOutput = false;
      }
    }
  }

  /** The camera spoke with us, whether or not it sends a picture. */
  get answered(): boolean {
    return this.#answered;
  }

  /** The source changed its size while running; ffmpeg goes on in the old output size, with a distorted picture. */
  get sizeChanged(): boolean {
    return this.#sizeChanged;
  }

  get facts(): StreamFacts | undefined {
    if (this.#source === undefined || this.#colours === undefined) return undefined;
    const { width, height, rgb } = this.#source;
    // What swscale converts RGB with unless told otherwise, and what it does not then say.
    const matrix = rgb ? 'bt601' : colourMatrix(this.#colours, height);
    return { sourceWidth: width, sourceHeight: height, matrix };
  }
}

/**
 * @param colours ffmpeg's words for the colours, e.g. `tv, bt709/unknown/unknown, progressive` (matrix/primaries/transfer,
 *   one word when all three agree, none when unknown).
 */
function colourMatrix(colours: string, sourceHeight: number): StreamFacts['matrix'] {
  const matrix = colours.split(', ').map((word) => word.split('/')[0] ?? '');
  if (matrix.some((word) => word === 'bt709' || word.startsWith('bt2020'))) return 'bt709';
  if (matrix.some((word) => ['bt470bg', 'smpte170m', 'fcc', 'gbr'].includes(word))) return 'bt601';
  // Unsaid: high definition means bt709 by convention, as every player assumes.
  return sourceHeight > 576 ? 'bt709' : 'bt601';
}

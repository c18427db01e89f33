/** What ffmpeg's log says of a stream, line by line. Lines are bounded by process.ts, and every expression here is linear in them. */
import type { PixelFrame } from '../frame/frame.js';
import { SCALE_FILTER_NAME } from './arguments.js';

/** What ffmpeg's log says about the picture on its way through. */
export interface StreamFacts {
  /** Size of the picture before scaling, after any rotation that its metadata asks for. */
  sourceWidth: number;
  sourceHeight: number;
  /** Colour matrix of the frames on the pipe. */
  matrix: NonNullable<PixelFrame['matrix']>;
}

/** Printed whenever the scale filter is (re)configured: `[scale@fit @ 0x…] [verbose] w:1920 h:1080 fmt:yuv420p … -> w:320 …`. */
const SCALE_LINE = new RegExp(
  `^\\[${SCALE_FILTER_NAME} @ [^\\]]{1,32}\\] \\[verbose\\] w:([1-9]\\d{0,5}) h:([1-9]\\d{0,5}) fmt:(\\w{1,32}) .*-> `,
);
/** Names of FFmpeg's pixel formats that hold no Y, Cb and Cr: gbrp, rgb24, bgr0, 0rgb, argb, pal8 … */
const RGB_FORMAT = /^(?:gbr|pal8|[0ax]?(?:rgb|bgr))/;
/** Begins the description of what goes out; its stream line comes next: `… yuv420p(tv, bt709/…, progressive), 320x180 …`. */
const OUTPUT_LINE = /^(?:\[[^\]]{1,64}\] )?\[info\] Output #0, /;
const STREAM_LINE =
  /^(?:\[[^\]]{1,64}\] )?\[info\] {3,5}Stream #0:\d{1,3}[^ ]{0,32}: Video: ([a-z0-9_]{1,32})/;
const OUTPUT_COLOURS = /, yuv420p(?:\(([^)]{0,128})\))?, /;
/** What was opened: `Input #0, mov,mp4,m4a,3gp,3g2,mj2, from 'http…'`. */
const INPUT_LINE = /^(?:\[[^\]]{1,64}\] )?\[info\] Input #0, (\S{1,64}), from /;
/** Also said of the connection below TLS. */
const CONNECTED_LINE = /^\[tcp @ [^\]]{1,32}\] \[verbose\] Successfully connected/;
/** HEVC in FLV before ffmpeg 6: it skips the picture and reads on without end. */
const UNKNOWN_CODEC_LINE = /^\[flv @ [^\]]{1,32}\] \[warning\] Video codec \(\w{1,10}\) is not implemented/;
/** After DESCRIBE was answered. */
const DESCRIPTION_LINE = /^\[rtsp @ [^\]]{1,32}\] \[verbose\] SDP:/;
/** A line of that description, by the names of RTP's payload formats. */
const PAYLOAD_LINE = /^a=rtpmap:\d{1,3} ([\w-]{1,32})\//;
const CODECS = new Map([
  ['H264', 'h264'],
  ['H265', 'hevc'],
  ['JPEG', 'mjpeg'],
  ['MP4V-ES', 'mpeg4'],
]);
/** What the expression in arguments.ts prints now and then for a frame on its way to the pipe: its time in the stream in seconds. */
const FRAME_LINE = /^(?:\[Eval @ [^\]]{1,32}\] )?\[info\] (-?\d{1,20}\.\d{1,9}|-?nan)$/;

/** Reads ffmpeg's log line by line; undefined facts are not known yet. Works with ffmpeg 4.1 to 9.0; 4.1 is silent about colours. */
export class StreamFactsReader {
  #source: { width: number; height: number; rgb: boolean } | undefined;
  #colours: string | undefined;
  /** Of both, made once: every frame asks for them. */
  #facts: StreamFacts | undefined;
  #section: 'description' | 'input' | 'output' | undefined;
  #format: string | undefined;
  #codec: string | undefined;
  #connected = false;
  #answered = false;
  #unknownCodec = false;
  #sizeChanged = false;
  #frameTime: number | undefined;

  /** @returns Whether the line is one of those that are logged every second. */
  read(line: string): boolean {
    const frame = FRAME_LINE.exec(line);
    if (frame !== null) {
      this.#frameTime = Number(frame[1]?.replace(/^-?nan$/, 'NaN'));
      return true;
    }
    const size = SCALE_LINE.exec(line);
    if (size !== null) {
      const [width, height] = [Number(size[1]), Number(size[2])];
      if (this.#source === undefined) this.#source = { width, height, rgb: RGB_FORMAT.test(size[3] ?? '') };
      else if (this.#source.width !== width || this.#source.height !== height) this.#sizeChanged = true;
      return false;
    }
    const input = INPUT_LINE.exec(line);
    if (input !== null) {
      this.#answered = true;
      this.#format ??= input[1];
      this.#section = 'input';
    } else if (DESCRIPTION_LINE.test(line)) {
      this.#answered = true;
      this.#section = 'description';
    } else if (CONNECTED_LINE.test(line)) {
      this.#connected = true;
    } else if (UNKNOWN_CODEC_LINE.test(line)) {
      this.#unknownCodec = true;
    } else if (OUTPUT_LINE.test(line)) {
      this.#section = 'output';
    } else if (this.#section === 'description') {
      this.#codec ??= CODECS.get(PAYLOAD_LINE.exec(line)?.[1]?.toUpperCase() ?? '');
    } else if (this.#section !== undefined) {
      this.#readStream(line, this.#section);
    }
    return false;
  }

  /** Something accepted the connection, or answered. */
  get connected(): boolean {
    return this.#connected || this.#answered;
  }

  /** The camera spoke with us, whether or not it sends a picture. */
  get answered(): boolean {
    return this.#answered;
  }

  /** The source changed its size while running; ffmpeg goes on in the old output size, with a distorted picture. */
  get sizeChanged(): boolean {
    return this.#sizeChanged;
  }

  /** This ffmpeg does not know how the picture is coded, and so will never show one. */
  get unknownCodec(): boolean {
    return this.#unknownCodec;
  }

  /** The name of ffmpeg's demuxer, such as `rtsp`, `mpjpeg` or `mov,mp4,m4a,3gp,3g2,mj2`. */
  get format(): string | undefined {
    return this.#format;
  }

  /** ffmpeg's name of the codec in which the picture comes, such as `h264`. */
  get codec(): string | undefined {
    return this.#codec;
  }

  /** The newest time of a frame in the stream, in seconds, NaN where it has none; undefined: none since the last call. */
  takeFrameTime(): number | undefined {
    const time = this.#frameTime;
    this.#frameTime = undefined;
    return time;
  }

  get facts(): StreamFacts | undefined {
    if (this.#source === undefined || this.#colours === undefined) return undefined;
    const { width, height, rgb } = this.#source;
    // What swscale converts RGB with by default, and what it does not then say.
    this.#facts ??= {
      sourceWidth: width,
      sourceHeight: height,
      matrix: rgb ? 'bt601' : colourMatrix(this.#colours, height),
    };
    return this.#facts;
  }

  #readStream(line: string, section: 'input' | 'output'): void {
    const stream = STREAM_LINE.exec(line);
    if (section === 'input') {
      this.#codec ??= stream?.[1];
      return;
    }
    if (stream === null) return;
    const colours = OUTPUT_COLOURS.exec(line);
    if (colours === null) return;
    this.#colours = colours[1] ?? '';
    this.#facts = undefined;
    this.#section = undefined;
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

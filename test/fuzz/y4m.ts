/** The target `y4m`: damaged streams of pictures, whole and in pieces, in the process. */
import { GhostcamError } from '../../src/errors.js';
import { seededRandom } from '../support/random.js';
import { readPieces } from '../support/y4m.js';
import { mutateBytes } from './bytes.js';
import type { Target } from './target.js';

/** Pictures above it are not read: they are allowed, and would cost the fuzzer its time. */
const MAX_PICTURE = 1 << 20;
/** The largest that the reader may ask for: 2^26 pixels. */
const MAX_ALLOWED = 1.5 * 2 ** 26 + 2 ** 15;
const COLOURS = [
  '',
  ' C420jpeg XCOLORRANGE=FULL',
  ' F25:1 Ip A1:1 C420mpeg2 XYSCSS=420MPEG2 XCOLORRANGE=LIMITED',
];

class TooLarge extends Error {}

interface Reading {
  frames: string[];
  end: string;
}

export function y4mTarget(): Target {
  return {
    name: 'y4m',
    limitMs: 2000,
    seeds: () =>
      COLOURS.map((colours) => `YUV4MPEG2 W3 H2${colours}\n${`FRAME\n${'\x10'.repeat(10)}`.repeat(3)}`),
    mutate: mutateBytes,
    async run(input) {
      const bytes = Buffer.from(input, 'latin1');
      const whole = await read([bytes]);
      const pieces = await read(inPieces(bytes));
      if (JSON.stringify(pieces) !== JSON.stringify(whole))
        throw new Error(
          `in pieces: ${pieces.frames.length} ${pieces.end}, whole: ${whole.frames.length} ${whole.end}`,
        );
      return `${Math.min(3, whole.frames.length)} ${whole.end.replace(/"(?:[^"\\]|\\.)*"|[0-9]+/g, '')}`;
    },
  };
}

/** The same pieces for the same input. */
function inPieces(bytes: Buffer): Buffer[] {
  const random = seededRandom(bytes.length);
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = 1 + Math.floor(random() ** 2 * 40);
    pieces.push(bytes.subarray(at, at + length));
    at += length;
  }
  return pieces;
}

async function read(chunks: readonly Buffer[]): Promise<Reading> {
  try {
    const { frames, header } = await readPieces(chunks, (bytes) => {
      if (!(bytes > 0 && bytes <= MAX_ALLOWED)) throw new Error(`a picture of ${bytes} bytes`);
      if (bytes > MAX_PICTURE) throw new TooLarge();
      return Buffer.alloc(bytes);
    });
    return {
      frames: frames.map((frame) => Buffer.from(frame).toString('latin1')),
      end: header?.range ?? 'no range',
    };
  } catch (error) {
    if (error instanceof TooLarge) return { frames: [], end: 'large' };
    if (!(error instanceof GhostcamError) || error.code !== 'FRAME') throw error;
    // Control characters are replaced where it is shown.
    if (error.message.length > 500) throw new Error('a message that is too long');
    return { frames: [], end: error.message };
  }
}

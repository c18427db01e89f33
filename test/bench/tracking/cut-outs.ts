/**
 * People cut out of vtest.avi, the square without them, and the noise of its camera: the parts from which sequences are composed
 * whose truth is known. The square is the median of many frames; a person is what differs from it.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { vtest } from '../../support/footage.js';
import { FOOTAGE, pedestrianTruth } from '../../support/pedestrians.js';

const { width: WIDTH, height: HEIGHT } = FOOTAGE;
const BYTES = WIDTH * HEIGHT * 3;
/** Visits and frames in which they are alone and whole: see test/fixtures/pedestrians. */
const PIECES: readonly (readonly [visit: string, first: number, last: number])[] = [
  ['A', 176, 204],
  ['A', 262, 288],
  ['B', 66, 96],
  ['C', 170, 204],
  ['D', 52, 90],
  ['D', 222, 262],
  ['D', 352, 388],
  ['E', 182, 230],
  ['F', 160, 212],
  ['J', 224, 262],
  ['K', 234, 270],
  ['K', 368, 398],
];
/** Grey levels by which a person differs from the square. */
const DIFFERENT = 26;
/** A piece of lawn that nobody steps on in the first 40 s: what changes there is noise. */
const LAWN = { left: 16, top: 360, width: 320, height: 180 };

export interface Picture {
  width: number;
  height: number;
  /** Interleaved R, G, B, and of a cut-out A. */
  data: Uint8Array;
}

export interface CutOut {
  /** One picture for each tenth of a second of a walk. */
  steps: Picture[];
  /** In x, 1 or -1. */
  heading: number;
}

export interface Parts {
  square: Picture;
  people: CutOut[];
  /** What a frame of the lawn differs by from the usual one. */
  noise: Int8Array[];
}

/** The frames for which the filter expression is true, as RGB. */
async function framesWhere(expression: string): Promise<Uint8Array[]> {
  const args = ['-v', 'error', '-i', await vtest(), '-vf', `select='${expression}'`, '-vsync', 'vfr'];
  const output = ['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-'];
  const options = { encoding: 'buffer', maxBuffer: 2 ** 31 - 1 } as const;
  const { stdout } = await promisify(execFile)('ffmpeg', [...args, ...output], options);
  return Array.from({ length: stdout.length / BYTES }, (_, index) =>
    stdout.subarray(index * BYTES, (index + 1) * BYTES),
  );
}

export async function cutOuts(): Promise<Parts> {
  const sampled = await framesWhere('not(mod(n,16))');
  const square = median(sampled);
  const people: CutOut[] = [];
  for (const [visit, first, last] of PIECES) {
    const frames = await framesWhere(`between(n,${first},${last})`);
    const truthAt = pedestrianTruth();
    const boxes = frames.map((_, index) => truthAt(first + index).find(({ id }) => id === visit)?.box);
    const steps = frames.flatMap((frame, index) => cutOut(frame, square, boxes[index] ?? [0, 0, 0, 0]) ?? []);
    const heading = Math.sign((boxes.at(-1)?.[0] ?? 0) - (boxes[0]?.[0] ?? 0)) || 1;
    people.push({ steps, heading });
  }
  const quiet = sampled.slice(0, 25);
  return { square: { width: WIDTH, height: HEIGHT, data: square }, people, noise: noiseOf(quiet) };
}

function median(frames: readonly Uint8Array[]): Uint8Array {
  const result = new Uint8Array(BYTES);
  const values = new Uint8Array(frames.length);
  for (let index = 0; index < BYTES; index++) {
    for (const [at, frame] of frames.entries()) values[at] = frame[index] as number;
    result[index] = values.sort()[frames.length >> 1] as number;
  }
  return result;
}

function noiseOf(frames: readonly Uint8Array[]): Int8Array[] {
  const usual = median(frames);
  const { left, top, width, height } = LAWN;
  return frames.map((frame) => {
    const noise = new Int8Array(width * height);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const at = 3 * ((top + y) * WIDTH + left + x) + 1;
        noise[y * width + x] = (frame[at] as number) - (usual[at] as number);
      }
    }
    return noise;
  });
}

export const NOISE_SIZE = { width: LAWN.width, height: LAWN.height };

/** The person in the box, cut to the pixels that belong to it; undefined: there is hardly anything. */
function cutOut(
  frame: Uint8Array,
  square: Uint8Array,
  [x1, y1, x2, y2]: readonly [number, number, number, number],
): Picture | undefined {
  const [left, top] = [Math.max(0, Math.round(x1) - 4), Math.max(0, Math.round(y1) - 4)];
  const width = Math.min(WIDTH, Math.round(x2) + 4) - left;
  const height = Math.min(HEIGHT, Math.round(y2) + 4) - top;
  const differs = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = 3 * ((top + y) * WIDTH + left + x);
      const distance = Math.max(
        ...[0, 1, 2].map((channel) =>
          Math.abs((frame[at + channel] as number) - (square[at + channel] as number)),
        ),
      );
      differs[y * width + x] = distance > DIFFERENT ? 1 : 0;
    }
  }
  const person = largestPart(majority(differs, width, height), width, height);
  if (person.count < 0.2 * width * height) return undefined;
  const { mask, minX, minY, maxX, maxY } = person;
  const [w, h] = [maxX - minX + 1, maxY - minY + 1];
  const data = new Uint8Array(w * h * 4);
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      const from = 3 * ((top + minY + y) * WIDTH + left + minX + x);
      data.set(frame.subarray(from, from + 3), 4 * (y * w + x));
      // Soft at the border, without the rim of ground around it.
      const inside = neighbours(mask, width, height, minX + x, minY + y);
      data[4 * (y * w + x) + 3] = 255 * Math.max(0, (inside - 4) / 5);
    }
  }
  return { width: w, height: h, data };
}

/** How many of the nine pixels around and at a point are set. */
function neighbours(mask: Uint8Array, width: number, height: number, x: number, y: number): number {
  let count = 0;
  for (let v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v++) {
    for (let u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u++)
      count += mask[v * width + u] as number;
  }
  return count;
}

const majority = (mask: Uint8Array, width: number, height: number) =>
  mask.map((_, at) => (neighbours(mask, width, height, at % width, Math.floor(at / width)) >= 5 ? 1 : 0));

/** The largest connected part, and where it is. */
function largestPart(mask: Uint8Array, width: number, height: number) {
  const rest = mask.slice();
  let best: number[] = [];
  for (const start of rest.keys()) {
    if (rest[start] === 0) continue;
    rest[start] = 0;
    const part = [start];
    for (const at of part) {
      const x = at % width;
      const around = [x > 0 ? at - 1 : -1, x + 1 < width ? at + 1 : -1, at - width, at + width];
      for (const next of around) {
        if (next < 0 || next >= width * height || rest[next] === 0) continue;
        rest[next] = 0;
        part.push(next);
      }
    }
    if (part.length > best.length) best = part;
  }
  const only = new Uint8Array(width * height);
  for (const at of best) only[at] = 1;
  const xs = best.map((at) => at % width);
  const ys = best.map((at) => Math.floor(at / width));
  return {
    mask: only,
    count: best.length,
    minX: Math.min(...xs),
    minY: Math.min(...ys),
    maxX: Math.max(...xs),
    maxY: Math.max(...ys),
  };
}

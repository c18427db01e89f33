/**
 * What an object looks like: how bright and of which colours its upper and its lower half are. Two histograms are compared by the
 * Bhattacharyya coefficient, as in Comaniciu, Ramesh, Meer, "Kernel-Based Object Tracking", IEEE PAMI 25, 2003.
 */
import type { CapturedFrame } from '../frame/frame.js';
import type { Box } from '../geometry/box.js';

/** Histograms of Y, U and V in the upper half and then in the lower one: in each, the shares of the pixels that have such values. */
export type Appearance = Float32Array;

const BINS = 8;
const CHANNELS = 3;
const HALVES = 2;
/** The middle of the first bin and how far the next one's is from it. Of the colours' 0..255 nearly all is close to 128. */
const LUMA = { first: 16, width: 32 };
const CHROMA = { first: 100, width: 8 };
/** The part of a box that is looked at, in shares of its sides: the rest is background, sky and street. */
const INNER = { left: 0.25, right: 0.75, top: 0.15, bottom: 0.9 };
/** So many pixels of each half are looked at, whatever its size. */
const COLUMNS = 8;
const ROWS = 12;
/** What a new sighting counts in what is known of an object. */
const WEIGHT = 0.1;
/** The coefficient of one who is seen twice is about .95, that of two who are dressed differently .7: this sets them apart. */
const SHARPNESS = 4;

/**
 * What there is in a box; undefined: the frame is not in yuv420p. Takes the same time for near and far objects.
 * @param box In pixels of the camera's picture.
 */
export function appearanceIn(frame: CapturedFrame, box: Box): Appearance | undefined {
  if (frame.format !== 'yuv420p') return undefined;
  const { data, width, height } = frame;
  const [x1, y1, x2, y2] = box;
  const toX = width / frame.sourceWidth;
  const toY = height / frame.sourceHeight;
  const chromaWidth = (width + 1) >> 1;
  const u = width * height;
  const v = u + chromaWidth * ((height + 1) >> 1);
  const result = new Float32Array(HALVES * CHANNELS * BINS);
  const left = toX * (x1 + INNER.left * (x2 - x1));
  const top = toY * (y1 + INNER.top * (y2 - y1));
  const stepX = (toX * (INNER.right - INNER.left) * (x2 - x1)) / COLUMNS;
  const stepY = (toY * (INNER.bottom - INNER.top) * (y2 - y1)) / (HALVES * ROWS);
  for (let row = 0; row < HALVES * ROWS; row++) {
    const y = clamp(Math.floor(top + (row + 0.5) * stepY), height);
    const half = row < ROWS ? 0 : CHANNELS * BINS;
    for (let column = 0; column < COLUMNS; column++) {
      const x = clamp(Math.floor(left + (column + 0.5) * stepX), width);
      const chroma = (y >> 1) * chromaWidth + (x >> 1);
      count(result, half, data[y * width + x] as number, LUMA);
      count(result, half + BINS, data[u + chroma] as number, CHROMA);
      count(result, half + 2 * BINS, data[v + chroma] as number, CHROMA);
    }
  }
  return result;
}

/** How alike two look, 0..1; 1: the same. */
export function similarity(one: Appearance, other: Appearance): number {
  let sum = 0;
  for (let index = 0; index < one.length; index++)
    sum += Math.sqrt((one[index] as number) * (other[index] as number));
  return (sum / (HALVES * CHANNELS)) ** SHARPNESS;
}

/** Takes a new sighting into what is known. */
export function learn(known: Appearance, seen: Appearance): void {
  for (let index = 0; index < known.length; index++) {
    known[index] = (known[index] as number) + WEIGHT * ((seen[index] as number) - (known[index] as number));
  }
}

/** Counts a pixel in the two bins whose middles it is between. */
function count(histogram: Float32Array, start: number, value: number, { first, width }: typeof LUMA): void {
  const place = Math.max(0, Math.min(BINS - 1, (value - first) / width));
  const bin = Math.min(BINS - 2, Math.floor(place));
  const share = (place - bin) / (COLUMNS * ROWS);
  histogram[start + bin] = (histogram[start + bin] as number) + 1 / (COLUMNS * ROWS) - share;
  histogram[start + bin + 1] = (histogram[start + bin + 1] as number) + share;
}

/** The nearest pixel that there is. */
const clamp = (pixel: number, side: number) => Math.max(0, Math.min(side - 1, pixel));

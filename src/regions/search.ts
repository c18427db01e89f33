/**
 * Where a region shows most of what waits to be inferred. Every frame asks for it, for thousands of places that a region may have, so it
 * makes no garbage.
 */
import type { InputShape } from '../frame/input-shape.js';
import { type Region, regionAround } from '../frame/region.js';
import type { Box, Size } from '../geometry/box.js';

/** A region may be so many times as large as the model's input on each side, and shows things so many times smaller than the frame does. */
const SCALES = [1, 1.15, 1.3, 1.45, 1.6, 1.8, 2];
/** … but must show them so many times larger than the whole picture does. */
const LEAST_GAIN = 1.1;
/** What has this height in the input is found as well as can be; what is lower, by so much worse, and not at all from here on. */
const ENOUGH_HEIGHT = 40;
const NO_HEIGHT = 14;

/** Something that is better seen in a region. */
export interface Wanted {
  /** With its margin, within the frame. */
  box: Box;
  /** Its own, without. */
  height: number;
  worth: number;
}

/** A frame and the input that it is inferred with. */
interface Sizes {
  frame: Size;
  shape: InputShape;
}

/** How many pixels of the frame are one of the input, when the whole picture is inferred. */
const wholeScale = ({ frame, shape }: Sizes) =>
  Math.max(frame.width / shape.width, frame.height / shape.height);

/** How well something of this height in pixels of the input is found, 0..1. */
const quality = (height: number) =>
  Math.max(0, Math.min(1, (height - NO_HEIGHT) / (ENOUGH_HEIGHT - NO_HEIGHT)));

/** What the whole picture shows is worth. */
export function worthOfWhole(wanted: readonly Wanted[], sizes: Sizes): number {
  const scale = wholeScale(sizes);
  return wanted.reduce((sum, { height, worth }) => sum + worth * quality(height / scale), 0);
}

export class RegionSearch {
  /** Of each of the wanted, as x1, y1, x2, y2. */
  readonly #boxes: Float64Array;
  /** Of each of the wanted, what it is worth in a region of the present scale. */
  readonly #values: Float64Array;
  /** Of each of the wanted, what it and those after it are worth together. */
  readonly #rest: Float64Array;
  readonly #lefts = new Float64Array(3);
  readonly #tops = new Float64Array(3);
  #count = 0;

  /** @param most How many may be wanted at a time. */
  constructor(most: number) {
    this.#boxes = new Float64Array(4 * most);
    this.#values = new Float64Array(most);
    this.#rest = new Float64Array(most + 1);
  }

  /** The region of which what lies in it is worth most, and more than `least`; undefined: there is none. */
  best(wanted: readonly Wanted[], sizes: Sizes, least: number): Region | undefined {
    const { frame, shape } = sizes;
    const whole = wholeScale(sizes);
    this.#takeBoxes(wanted);
    let most = least;
    let best: Region | undefined;
    for (const scale of SCALES) {
      const width = shape.width * scale;
      const height = shape.height * scale;
      // Not even a region of the frame's own pixels, or one that is larger than the frame on a side, would show more.
      if (scale * LEAST_GAIN > whole || width > frame.width || height > frame.height) break;
      this.#takeValues(wanted, scale);
      for (let index = 0; index < wanted.length && this.#total > most; index++) {
        const at = 4 * index;
        const lefts = starts(this.#lefts, this.#side(at), this.#side(at + 2), width, frame.width);
        const tops = starts(this.#tops, this.#side(at + 1), this.#side(at + 3), height, frame.height);
        for (let column = 0; column < lefts; column++) {
          for (let row = 0; row < tops; row++) {
            const left = this.#lefts[column] as number;
            const top = this.#tops[row] as number;
            const worth = this.#within(left, top, left + width, top + height, most);
            if (worth <= most) continue;
            most = worth;
            best = regionAround([left, top, left + width, top + height], { width, height }, frame);
          }
        }
      }
    }
    return best;
  }

  #takeBoxes(wanted: readonly Wanted[]): void {
    this.#count = wanted.length;
    for (let index = 0; index < wanted.length; index++)
      this.#boxes.set((wanted[index] as Wanted).box, 4 * index);
  }

  #takeValues(wanted: readonly Wanted[], scale: number): void {
    this.#rest[wanted.length] = 0;
    for (let index = wanted.length - 1; index >= 0; index--) {
      const { height, worth } = wanted[index] as Wanted;
      const value = worth * quality(height / scale);
      this.#values[index] = value;
      this.#rest[index] = value + (this.#rest[index + 1] as number);
    }
  }

  /** What all of the wanted are worth in a region of the present scale. */
  get #total(): number {
    return this.#rest[0] as number;
  }

  #side(index: number): number {
    return this.#boxes[index] as number;
  }

  /** What lies in a place is worth. @param least When it cannot be more than that, the sum so far is enough. */
  #within(x1: number, y1: number, x2: number, y2: number, least: number): number {
    const boxes = this.#boxes;
    let sum = 0;
    for (let index = 0; index < this.#count; index++) {
      if (sum + (this.#rest[index] as number) <= least) return sum;
      const at = 4 * index;
      if (
        (boxes[at] as number) >= x1 &&
        (boxes[at + 1] as number) >= y1 &&
        (boxes[at + 2] as number) <= x2 &&
        (boxes[at + 3] as number) <= y2
      ) {
        sum += this.#values[index] as number;
      }
    }
    return sum;
  }
}

/**
 * Writes where a stretch of this length may begin that has from..to in its middle or at an end; returns how many there are: none, where
 * it is too short.
 */
function starts(into: Float64Array, from: number, to: number, length: number, total: number): number {
  if (to - from > length) return 0;
  let count = 0;
  for (let which = 0; which < 3; which++) {
    const start = which === 0 ? (from + to - length) / 2 : which === 1 ? from : to - length;
    const clamped = Math.max(0, Math.min(total - length, start));
    let known = false;
    for (let index = 0; index < count; index++) known ||= into[index] === clamped;
    if (!known) into[count++] = clamped;
  }
  return count;
}

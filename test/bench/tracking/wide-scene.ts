/**
 * A wide view whose truth is known: real people, cut out of vtest.avi, far away on its empty square, as frames of a camera of any size;
 * and what makes pictures change without anybody in them.
 */
import sharp from 'sharp';
import type { CapturedFrame } from '../../../src/frame/frame.js';
import type { Box, Size } from '../../../src/geometry/box.js';
import { seededRandom } from '../../support/random.js';
import { type CutOut, NOISE_SIZE, type Parts, type Picture } from './cut-outs.js';

export interface Walker {
  id: string;
  /** Of the cut-outs. */
  looks: number;
  /** In pixels of the frame. */
  height: number;
  /** Where the middle of the lower edge is at so many seconds; undefined: not there. */
  at: (seconds: number) => { x: number; y: number } | undefined;
}

/** What happens to the picture beside people, seconds into it. */
export type Disturbance = 'shake' | 'rain' | 'leaves' | 'flicker';

export interface SceneOptions {
  walkers?: readonly Walker[];
  disturbance?: Disturbance;
  /** A photograph that goes through the picture from left to right in so many seconds and fills it. */
  passing?: { photo: string; seconds: number };
}

/** The part of the square that is shown: 16:9 without the sky. */
const VIEW = { left: 0, top: 72, width: 768, height: 432 };
/** Grey levels, pixels of a frame of 720 lines, seconds. */
const RAIN = { drops: 250, length: 26, brightness: 60 };
const SHAKE = 7;
const LEAVES = { x: 0.62, y: 0.02, width: 0.3, height: 0.4, sway: 5, seconds: 1.7 };
const FLICKER = { x: 0.1, y: 0.35, width: 0.35, height: 0.4, levels: 35 };

/** Luma and chroma of yuv420p, full range is of no interest here. */
interface Planes {
  y: Uint8Array;
  u: Uint8Array;
  v: Uint8Array;
}

export class WideScene {
  readonly size: Size;
  readonly #walkers: readonly Walker[];
  readonly #options: SceneOptions;
  readonly #ground: Planes;
  readonly #noise: readonly Int8Array[];
  /** Of each walker, in his size. */
  readonly #looks: readonly CutOut[];
  readonly #passing: Picture | undefined;

  private constructor(
    size: Size,
    options: SceneOptions,
    ground: Planes,
    parts: Parts,
    looks: readonly CutOut[],
    passing: Picture | undefined,
  ) {
    this.size = size;
    this.#options = options;
    this.#walkers = options.walkers ?? [];
    this.#ground = ground;
    this.#noise = parts.noise;
    this.#looks = looks;
    this.#passing = passing;
  }

  /** @param size Of the frames; both sides even. */
  static async of(parts: Parts, size: Size, options: SceneOptions): Promise<WideScene> {
    const { width, height, data } = parts.square;
    const ground = await sharp(data, { raw: { width, height, channels: 3 } })
      .extract(VIEW)
      .resize(size.width, size.height, { fit: 'fill', kernel: 'cubic' })
      .raw()
      .toBuffer();
    const looks = await Promise.all(
      (options.walkers ?? []).map(async (walker) => {
        const { steps, heading } = parts.people[walker.looks % parts.people.length] as CutOut;
        return { steps: await Promise.all(steps.map((step) => scaled(step, walker.height))), heading };
      }),
    );
    const passing = options.passing && (await photograph(options.passing.photo, size));
    return new WideScene(size, options, toPlanes(ground, size), parts, looks, passing);
  }

  /** Who is in the picture, nearest last; boxes in pixels of the frame. */
  truth(seconds: number): { id: string; box: Box; whole: boolean }[] {
    return this.#walkers.flatMap((walker, index) => {
      const place = walker.at(seconds);
      if (place === undefined) return [];
      const { width, height } = this.#step(index, seconds);
      const box: Box = [place.x - width / 2, place.y - height, place.x + width / 2, place.y];
      const whole = box[0] >= 0 && box[1] >= 0 && box[2] <= this.size.width && box[3] <= this.size.height;
      const inside: Box = [
        Math.max(0, box[0]),
        Math.max(0, box[1]),
        Math.min(this.size.width, box[2]),
        Math.min(this.size.height, box[3]),
      ];
      return inside[2] - inside[0] > 2 && inside[3] - inside[1] > 2
        ? [{ id: walker.id, box: inside, whole }]
        : [];
    });
  }

  /** The frames of so many seconds. The same moment gives the same frame. */
  async *frames(seconds: number, fps: number): AsyncGenerator<CapturedFrame> {
    const { width, height } = this.size;
    for (let index = 0; index < seconds * fps; index++) {
      const at = (1000 * index) / fps;
      const data = this.#frame(index / fps);
      const sizes = { width, height, sourceWidth: width, sourceHeight: height };
      yield { data, format: 'yuv420p', ...sizes, capturedAt: at, capturedAtMonotonic: at, sequence: index };
    }
  }

  #step(walker: number, seconds: number): Picture {
    const { steps } = this.#looks[walker] as CutOut;
    const { at } = this.#walkers[walker] as Walker;
    const [now, before] = [at(seconds), at(seconds - 0.2)];
    const walks =
      now !== undefined && before !== undefined && Math.hypot(now.x - before.x, now.y - before.y) > 0.3;
    return steps[walks ? Math.floor(seconds * 10) % steps.length : 0] as Picture;
  }

  #frame(seconds: number): Uint8Array {
    const { width, height } = this.size;
    const next = seededRandom(Math.round(1000 * seconds) + 1);
    const data = new Uint8Array((width * height * 3) / 2);
    const planes = planesOf(data, this.size);
    const shakes = this.#options.disturbance === 'shake';
    const shift = () => (shakes ? 2 * Math.round((SHAKE * (next() - 0.5) * height) / 720) : 0);
    copyShifted(this.#ground, planes, this.size, shift(), shift());
    if (this.#options.disturbance === 'leaves') this.#leaves(planes, seconds);
    for (const [index, walker] of this.#walkers.entries()) this.#draw(planes, index, walker, seconds);
    const { passing } = this.#options;
    if (passing !== undefined && this.#passing !== undefined) {
      const left = Math.round(((2 * width) / passing.seconds) * seconds - width);
      paste(planes, this.size, this.#passing, left, 0, false);
    }
    this.#weather(planes, seconds, next);
    this.#addNoise(planes.y, next);
    return data;
  }

  #draw(planes: Planes, index: number, walker: Walker, seconds: number): void {
    const place = walker.at(seconds);
    if (place === undefined) return;
    const picture = this.#step(index, seconds);
    const heading = place.x - (walker.at(seconds - 0.2)?.x ?? place.x);
    const { heading: own } = this.#looks[index] as CutOut;
    const [left, top] = [Math.round(place.x - picture.width / 2), Math.round(place.y - picture.height)];
    paste(planes, this.size, picture, left, top, heading * own < 0);
  }

  /** A part of the picture sways, each row by itself. */
  #leaves({ y }: Planes, seconds: number): void {
    const { width, height } = this.size;
    const { x: left, y: top, width: across, height: down, sway } = LEAVES;
    const [x1, x2] = [Math.round(left * width), Math.round((left + across) * width)];
    for (let row = Math.round(top * height); row < (top + down) * height; row++) {
      const phase = (2 * Math.PI * seconds) / LEAVES.seconds + row / 40;
      const shift = Math.round(((sway * height) / 720) * Math.sin(phase));
      for (let x = x1; x < x2; x++) y[row * width + x] = this.#ground.y[row * width + x + shift] as number;
    }
  }

  #weather({ y }: Planes, seconds: number, next: () => number): void {
    const { width, height } = this.size;
    if (this.#options.disturbance === 'rain') {
      for (let drop = 0; drop < RAIN.drops; drop++) {
        const [left, top] = [Math.floor(next() * width), Math.floor(next() * height)];
        for (let row = top; row < Math.min(height, top + (RAIN.length * height) / 720); row++)
          y[row * width + left] = Math.min(235, (y[row * width + left] as number) + RAIN.brightness);
      }
    }
    // A lamp with a loose contact.
    if (this.#options.disturbance === 'flicker' && next() < 0.5 && seconds % 10 < 6) {
      const { x: left, y: top, width: across, height: down, levels } = FLICKER;
      for (let row = Math.round(top * height); row < (top + down) * height; row++)
        for (let x = Math.round(left * width); x < (left + across) * width; x++)
          y[row * width + x] = Math.min(235, (y[row * width + x] as number) + levels);
    }
  }

  #addNoise(y: Uint8Array, next: () => number): void {
    const { width } = this.size;
    const noise = this.#noise[Math.floor(next() * this.#noise.length)] as Int8Array;
    const [left, top] = [Math.floor(next() * NOISE_SIZE.width), Math.floor(next() * NOISE_SIZE.height)];
    for (let at = 0, x = left, row = top % NOISE_SIZE.height, column = 0; at < y.length; at++) {
      const value = (y[at] as number) + (noise[row * NOISE_SIZE.width + x] as number);
      y[at] = Math.max(16, Math.min(235, value));
      x = x + 1 === NOISE_SIZE.width ? 0 : x + 1;
      if (++column === width) {
        column = 0;
        x = left;
        row = row + 1 === NOISE_SIZE.height ? 0 : row + 1;
      }
    }
  }
}

async function scaled({ width, height, data }: Picture, toHeight: number): Promise<Picture> {
  const { data: pixels, info } = await sharp(data, { raw: { width, height, channels: 4 } })
    .resize({ height: Math.round(toHeight) })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data: pixels };
}

/** As RGBA, of the height of the frame. */
async function photograph(photo: string, { height }: Size): Promise<Picture> {
  const { data, info } = await sharp(photo)
    .resize({ height })
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data };
}

const luma = (r: number, g: number, b: number) => 16 + 0.257 * r + 0.504 * g + 0.098 * b;
const blue = (r: number, g: number, b: number) => 128 - 0.148 * r - 0.291 * g + 0.439 * b;
const red = (r: number, g: number, b: number) => 128 + 0.439 * r - 0.368 * g - 0.071 * b;

function planesOf(data: Uint8Array, { width, height }: Size): Planes {
  const [pixels, quarter] = [width * height, (width * height) / 4];
  return {
    y: data.subarray(0, pixels),
    u: data.subarray(pixels, pixels + quarter),
    v: data.subarray(pixels + quarter),
  };
}

function toPlanes(rgb: Uint8Array, size: Size): Planes {
  const planes = planesOf(new Uint8Array((size.width * size.height * 3) / 2), size);
  const rgba = new Uint8Array(4 * size.width * size.height).fill(255);
  for (let at = 0; at < size.width * size.height; at++) rgba.set(rgb.subarray(3 * at, 3 * at + 3), 4 * at);
  paste(planes, size, { ...size, data: rgba }, 0, 0, false);
  return planes;
}

/** Draws an RGBA picture over a frame; of the colours every second sample of every second row. */
function paste(
  planes: Planes,
  size: Size,
  picture: Picture,
  left: number,
  top: number,
  mirrored: boolean,
): void {
  const { width, height, data } = picture;
  for (let row = Math.max(0, -top); row < Math.min(height, size.height - top); row++) {
    for (let column = Math.max(0, -left); column < Math.min(width, size.width - left); column++) {
      const from = 4 * (row * width + (mirrored ? width - 1 - column : column));
      const alpha = (data[from + 3] as number) / 255;
      if (alpha === 0) continue;
      const [r, g, b] = [data[from] as number, data[from + 1] as number, data[from + 2] as number];
      const [x, y] = [left + column, top + row];
      const blend = (plane: Uint8Array, at: number, value: number) => {
        plane[at] = (plane[at] as number) + alpha * (value - (plane[at] as number));
      };
      blend(planes.y, y * size.width + x, luma(r, g, b));
      if (x % 2 || y % 2) continue;
      const chroma = (y / 2) * (size.width / 2) + x / 2;
      blend(planes.u, chroma, blue(r, g, b));
      blend(planes.v, chroma, red(r, g, b));
    }
  }
}

/** Moved by an even number of pixels; the edge is repeated. */
function copyShifted(from: Planes, to: Planes, { width, height }: Size, dx: number, dy: number): void {
  const copy = (source: Uint8Array, target: Uint8Array, w: number, h: number, x: number, y: number) => {
    for (let row = 0; row < h; row++) {
      const line = source.subarray(w * Math.max(0, Math.min(h - 1, row + y)));
      for (let column = 0; column < w; column++)
        target[w * row + column] = line[Math.max(0, Math.min(w - 1, column + x))] as number;
    }
  };
  if (dx === 0 && dy === 0) {
    to.y.set(from.y);
    to.u.set(from.u);
    to.v.set(from.v);
    return;
  }
  copy(from.y, to.y, width, height, dx, dy);
  copy(from.u, to.u, width / 2, height / 2, dx / 2, dy / 2);
  copy(from.v, to.v, width / 2, height / 2, dx / 2, dy / 2);
}

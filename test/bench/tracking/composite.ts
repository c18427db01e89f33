/** A sequence of the simulated world in which real people walk over a real square: pictures, and the truth about them. */

import type { PixelFrame } from '../../../src/frame/frame.js';
import type { Box } from '../../../src/geometry/box.js';
import { seededRandom } from '../../support/random.js';
import { visibleShare } from '../../support/visibility.js';
import { type CutOut, NOISE_SIZE, type Parts, type Picture } from './cut-outs.js';
import { type TrueObject, World } from './world.js';

interface Placed extends TrueObject {
  picture: Picture;
  mirrored: boolean;
}

export class Composite {
  readonly #parts: Parts;
  readonly #world: World;

  constructor(parts: Parts, seed: number, seconds: number, crowd: number) {
    this.#parts = parts;
    this.#world = new World(seed, seconds, crowd);
  }

  truth(at: number): TrueObject[] {
    return this.#place(at).map(({ id, box, visible }) => ({ id, box, visible }));
  }

  /** The same moment gives the same picture. */
  frame(at: number): PixelFrame {
    const { square, noise } = this.#parts;
    const { width, height } = square;
    const data = square.data.slice();
    for (const placed of this.#place(at).sort((a, b) => a.box[3] - b.box[3]))
      draw(data, width, height, placed);
    const next = seededRandom(Math.round(1000 * at) + 1);
    addNoise(data, width, noise[Math.floor(next() * noise.length)] as Int8Array, next);
    return { data, format: 'rgb24', width, height };
  }

  #place(at: number): Placed[] {
    const before = new Map(this.#world.truth(at - 0.2).map(({ id, box }) => [id, box]));
    const placed = this.#world
      .truth(at)
      .map(({ id, box }) => this.#dress(id, box, before.get(id) ?? box, at));
    return placed.map((person) => {
      const nearer = placed.filter((other) => other.id !== person.id && other.box[3] > person.box[3]);
      const boxes = nearer.map((other) => other.box);
      return { ...person, visible: visibleShare(person.box, boxes) };
    });
  }

  /** Gives a person of the world the looks of a real one of his height, whose legs move as he walks. `before`: 0.2 s ago. */
  #dress(id: number, [x1, y1, x2, y2]: Box, before: Box, at: number): Placed {
    const { people, square } = this.#parts;
    const { steps, heading } = people[id % people.length] as CutOut;
    const shift = x1 + x2 - before[0] - before[2];
    const walks = Math.abs(shift) > 0.5 || Math.abs(y2 - before[3]) > 0.5;
    const picture = steps[walks ? Math.floor(at * 10 + 7 * id) % steps.length : 0] as Picture;
    const half = ((y2 - y1) * picture.width) / picture.height / 2;
    const middle = (x1 + x2) / 2;
    const box: Box = [Math.max(0, middle - half), y1, Math.min(square.width, middle + half), y2];
    return { id, box, visible: 1, picture, mirrored: shift * heading < 0 };
  }
}

/** The pixel of so many that lies at a point of a stretch. */
const sample = (point: number, from: number, to: number, count: number) =>
  Math.min(count - 1, Math.max(0, Math.floor(((point - from) / (to - from)) * count)));

/** Scales with the nearest pixel, which at these factors is what a sensor does. */
function draw(data: Uint8Array, width: number, height: number, { box, picture, mirrored }: Placed): void {
  const [x1, y1, x2, y2] = box;
  for (let y = Math.max(0, Math.round(y1)); y < Math.min(height, Math.round(y2)); y++) {
    const row = sample(y, y1, y2, picture.height);
    for (let x = Math.max(0, Math.round(x1)); x < Math.min(width, Math.round(x2)); x++) {
      const column = sample(x, x1, x2, picture.width);
      const from = 4 * (row * picture.width + (mirrored ? picture.width - 1 - column : column));
      const alpha = (picture.data[from + 3] as number) / 255;
      const to = 3 * (y * width + x);
      for (let channel = 0; channel < 3; channel++) {
        const below = data[to + channel] as number;
        data[to + channel] = below + alpha * ((picture.data[from + channel] as number) - below);
      }
    }
  }
}

/** One patch of noise, laid out over the picture from a random place on. */
function addNoise(data: Uint8Array, width: number, noise: Int8Array, next: () => number): void {
  const [left, top] = [Math.floor(next() * NOISE_SIZE.width), Math.floor(next() * NOISE_SIZE.height)];
  for (let at = 0; at < data.length / 3; at++) {
    const x = ((at % width) + left) % NOISE_SIZE.width;
    const y = (Math.floor(at / width) + top) % NOISE_SIZE.height;
    const value = noise[y * NOISE_SIZE.width + x] as number;
    for (let channel = 0; channel < 3; channel++) {
      data[3 * at + channel] = Math.max(0, Math.min(255, (data[3 * at + channel] as number) + value));
    }
  }
}

/**
 * A square full of people whose places are known exactly, and what a detector would make of it. People walk at 0.5 to 1.1
 * of their height a second, turn, stop, pass in front of each other and leave; at a given moment the world is the same at any
 * frame rate. The detector misses, misplaces, sees half-hidden people badly and not at all behind others, and sees some things
 * that are not there; how well it sees a person wanders slowly, as real scores do.
 */

import type { Detection } from '../../../src/detect/detection.js';
import { area, type Box } from '../../../src/geometry/box.js';
import { seededRandom } from '../../support/random.js';
import { visibleShare } from '../../support/visibility.js';

export const SIZE = { width: 768, height: 576 };

export interface TrueObject {
  id: number;
  box: Box;
  /** Share of it that nothing hides, 0..1. */
  visible: number;
}

interface Leg {
  from: number;
  to: number;
  x: number;
  y: number;
  dx: number;
  dy: number;
}

const STEP_S = 0.04;
const gauss = (next: () => number) => next() + next() + next() + next() - 2;

/** A walk through the picture, from one edge to another, as legs of straight ways and halts. */
class Person {
  readonly id: number;
  readonly begin: number;
  readonly end: number;
  readonly #legs: Leg[] = [];
  readonly #scale: number;
  readonly #mood: number[];

  constructor(id: number, begin: number, next: () => number) {
    this.id = id;
    this.begin = begin;
    this.#scale = 0.85 + 0.3 * next();
    let [x, y] = next() < 0.5 ? [0, 150 + 400 * next()] : [SIZE.width * next(), 150];
    let heading = x === 0 ? (next() - 0.5) * 1.2 : Math.PI / 2 + (next() - 0.5) * 1.2;
    if (x === 0 && next() < 0.5) [x, heading] = [SIZE.width, heading + Math.PI];
    const pace = 0.5 + 0.6 * next();
    let at = begin;
    while (this.#inside(x, y) && at < begin + 90) {
      const halts = next() < 0.15;
      const duration = halts ? 2 + 8 * next() : 1 + 3 * next();
      const speed = halts ? 0 : pace * this.#height(y);
      const [dx, dy] = [speed * Math.cos(heading), 0.6 * speed * Math.sin(heading)];
      this.#legs.push({ from: at, to: at + duration, x, y, dx, dy });
      [x, y, at] = [x + dx * duration, y + dy * duration, at + duration];
      if (!halts) heading += (next() - 0.5) * 0.8;
    }
    this.end = at;
    // How well the detector sees this person, every half second.
    this.#mood = [0];
    for (let left = at - begin; left > -1; left -= 0.5) {
      this.#mood.push(0.8 * (this.#mood.at(-1) as number) + 0.06 * gauss(next));
    }
  }

  box(at: number): Box | undefined {
    const leg = this.#legs.find(({ from, to }) => at >= from && at < to);
    if (leg === undefined) return undefined;
    const x = leg.x + leg.dx * (at - leg.from);
    const y = leg.y + leg.dy * (at - leg.from);
    const height = this.#height(y);
    const half = height * (0.2 + 0.03 * Math.sin(7 * (at - this.begin)));
    const box: Box = [
      Math.max(0, x - half),
      Math.max(0, y - height),
      Math.min(SIZE.width, x + half),
      Math.min(SIZE.height, y),
    ];
    return area(box) > 0.3 * 2 * half * height ? box : undefined;
  }

  mood(at: number): number {
    return this.#mood[Math.floor((at - this.begin) * 2)] ?? 0;
  }

  #height(y: number): number {
    return this.#scale * (40 + 0.17 * y);
  }

  #inside(x: number, y: number): boolean {
    return x >= 0 && x <= SIZE.width && y >= 140 && y <= SIZE.height + 20;
  }
}

export class World {
  readonly #people: Person[] = [];
  readonly #ghosts: Box[];
  readonly seconds: number;

  /** @param crowd How many people are in the picture at a time, at most; some at its edge do not show. */
  constructor(seed: number, seconds: number, crowd: number) {
    const next = seededRandom(seed);
    this.seconds = seconds;
    const present = (at: number) => this.#people.filter(({ begin, end }) => at >= begin && at < end).length;
    for (let at = -20; at < seconds; at += STEP_S) {
      if (present(at) < crowd && next() < 0.004 * crowd)
        this.#people.push(new Person(this.#people.length, at, next));
    }
    // Places that look like a person now and then: a bush, a sign.
    this.#ghosts = Array.from({ length: 3 }, () => {
      const [x, y] = [SIZE.width * next(), 150 + 400 * next()];
      return [x, y - 70, x + 28, y] as const;
    });
  }

  truth(at: number): TrueObject[] {
    const objects = this.#people.flatMap(({ id, ...person }, index) => {
      const box = (this.#people[index] as Person).box(at);
      return box === undefined ? [] : [{ id, box, ...person }];
    });
    return objects.map(({ id, box }) => {
      const nearer = objects.filter((other) => other.id !== id && other.box[3] > box[3]);
      return {
        id,
        box,
        visible: visibleShare(
          box,
          nearer.map((other) => other.box),
        ),
      };
    });
  }

  /** What a detector says of that moment: scores from 0.05 up. */
  detections(at: number, next: () => number): Detection[] {
    const found: Detection[] = [];
    const add = (box: Box, score: number) => {
      if (score < 0.05) return;
      found.push({ label: 'person', classId: 0, score: Math.min(0.95, score), box: [...box] });
    };
    for (const { id, box, visible } of this.truth(at)) {
      if (visible < 0.2) continue;
      const person = this.#people[id] as Person;
      const score = (0.72 + person.mood(at) + 0.06 * gauss(next)) * Math.min(1, 0.25 + visible);
      if (next() > 0.03) add(misplaced(box, next), score);
    }
    for (const ghost of this.#ghosts) {
      if (next() < 0.15) add(misplaced(ghost, next), 0.08 + 0.35 * next());
    }
    if (next() < 0.1) {
      const [x, y] = [SIZE.width * next(), SIZE.height * next()];
      add([x, y, x + 30, y + 60], 0.08 + 0.4 * next());
    }
    return found;
  }
}

function misplaced(box: Box, next: () => number): Box {
  const [width, height] = [box[2] - box[0], box[3] - box[1]];
  const noise = [width, height, width, height].map((side) => 0.06 * side * gauss(next));
  return box.map((value, index) => value + (noise[index] as number)) as unknown as Box;
}

/** What is drawn, and every step back. */
import type { Area, Corner } from './env-lines.js';

const MAX_STEPS = 200;

export class Drawing {
  #areas: readonly Area[];
  readonly #steps: (readonly Area[])[] = [];

  constructor(areas: readonly Area[]) {
    this.#areas = areas;
  }

  get areas(): readonly Area[] {
    return this.#areas;
  }

  get canUndo(): boolean {
    return this.#steps.some((step) => step !== this.#areas);
  }

  undo(): void {
    const now = this.#areas;
    // A corner that was touched and not moved is no step.
    while (this.#areas === now && this.#steps.length > 0) this.#areas = this.#steps.pop() ?? now;
  }

  /** What is changed from now on is taken back in one step. */
  begin(): void {
    if (this.#steps.at(-1) === this.#areas) return;
    this.#steps.push(this.#areas);
    if (this.#steps.length > MAX_STEPS) this.#steps.shift();
  }

  add(area: Area): void {
    this.begin();
    this.#areas = [...this.#areas, area];
  }

  remove(index: number): void {
    this.begin();
    this.#areas = this.#areas.filter((_, at) => at !== index);
  }

  /** Not a step of its own: see {@link begin}. */
  change(index: number, change: Partial<Area>): void {
    this.#areas = this.#areas.map((area, at) => (at === index ? { ...area, ...change } : area));
  }

  /** Not a step of its own. */
  moveCorner(index: number, corner: number, to: Corner): void {
    const { corners = [] } = this.#areas[index] ?? {};
    const inside = { x: within(to.x), y: within(to.y) };
    this.change(index, { corners: corners.map((old, at) => (at === corner ? inside : old)) });
  }

  /** All corners alike, as far as none leaves the picture. Not a step of its own. */
  move(index: number, by: Corner): void {
    const { corners = [] } = this.#areas[index] ?? {};
    const room = (values: number[], step: number) =>
      Math.min(1 - Math.max(...values), Math.max(-Math.min(...values), step));
    const x = room(
      corners.map((corner) => corner.x),
      by.x,
    );
    const y = room(
      corners.map((corner) => corner.y),
      by.y,
    );
    this.change(index, { corners: corners.map((corner) => ({ x: corner.x + x, y: corner.y + y })) });
  }

  addCorner(index: number, before: number, at: Corner): void {
    this.begin();
    const { corners = [] } = this.#areas[index] ?? {};
    this.change(index, { corners: corners.toSpliced(before, 0, { x: within(at.x), y: within(at.y) }) });
  }

  /** The area keeps at least three. */
  removeCorner(index: number, corner: number): void {
    const { corners = [] } = this.#areas[index] ?? {};
    if (corners.length <= 3) return;
    this.begin();
    this.change(index, { corners: corners.toSpliced(corner, 1) });
  }
}

function within(share: number): number {
  return Math.min(1, Math.max(0, share));
}

/** Zones, masks, private areas and size limits drawn over the live picture; the lines of the env file appear as they are drawn. */
import type { CameraView } from '../api.js';
import { type AreaItem, areaItem, titleOfArea } from './area-item.js';
import { el, labelled, setText, svg } from './dom.js';
import { Drawing } from './drawing.js';
import {
  type Area,
  areasOf,
  boxOf,
  type Corner,
  type Drawn,
  envLines,
  isLimit,
  type Kind,
} from './env-lines.js';
import { BOXES } from './layers.js';
import { endTrial, Refused, tryLines } from './server.js';
import { inPixels, Stage } from './stage.js';
import { cameraOf, type State, type View } from './view.js';
import { trialWords } from './words.js';

/** How far an arrow key moves a corner, as a share of the picture; with Shift five times as far. */
const STEP = 0.01;
const CORNER_PIXELS = 9;
const MIDDLE_PIXELS = 6;
const ARROWS: Readonly<Record<string, Corner>> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};
const KINDS: Readonly<Record<Kind, string>> = {
  zone: 'Add a zone',
  mask: 'Add a mask',
  privacy: 'Add a private area',
  smallest: 'Add a smallest size',
  largest: 'Add a largest size',
};
/** Of the picture: what a limit begins with. */
const LIMITS = { smallest: 0.002, largest: 0.25 };

export function editorView(state: State, camera: CameraView, report: (error: unknown) => void): View {
  return new Editor(state, camera, report).view;
}

/** What the pointer holds: a corner, or the whole area. */
interface Dragged {
  area: number;
  corner: number | undefined;
  /** Where the pointer was last. */
  at: Corner;
}

class Editor {
  readonly view: View;
  readonly #camera: string;
  /** Those of the model. */
  readonly #labels: readonly string[];
  readonly #report: (error: unknown) => void;
  readonly #stage: Stage;
  /** The settings whose areas are drawn; undefined: not all of their places are known yet. */
  #drawn: Drawn | undefined;
  #drawing = new Drawing([]);
  readonly #layer = svg('g');
  readonly #list = el('ol', { class: 'areas' });
  #items: readonly AreaItem[] = [];
  readonly #lines = el('textarea', { readonly: true, rows: 6, wrap: 'soft' });
  readonly #said = el('p', { role: 'status' });
  readonly #problem = el('p', { class: 'problem', role: 'alert' });
  readonly #trial = el('p', { class: 'trial' });
  readonly #adders = Object.entries(KINDS).map(([kind, text]) => button(text, () => this.#add(kind as Kind)));
  readonly #undo = button('Undo', () => this.#takeBack());
  readonly #copy = button('Copy', () => void this.#copyLines());
  readonly #try = button('Try until restart', () => void this.#attempt());
  readonly #end = button('End the trial', () => void this.#endTrial());
  #selected = 0;
  #dragged: Dragged | undefined;

  constructor(state: State, camera: CameraView, report: (error: unknown) => void) {
    this.#camera = camera.name;
    this.#labels = state.answer.labels;
    this.#report = report;
    this.#stage = new Stage(camera, BOXES);
    this.#stage.overlay.removeAttribute('aria-hidden');
    this.#stage.overlay.classList.add('drawing');
    this.#stage.overlay.append(this.#layer);
    this.#try.classList.add('primary');
    this.#listen();
    this.view = {
      title: `Areas of ${camera.title}`,
      element: this.#element(camera),
      watched: { [camera.name]: 1 },
      update: (now) => {
        const newest = cameraOf(now, camera.name);
        if (newest !== undefined) {
          this.#stage.update(newest);
          this.#begin(newest);
          this.#end.hidden = newest.trial.length === 0;
          setText(this.#trial, trialWords(newest));
        }
        this.#draw();
      },
      show: (picture) => {
        if (picture.header.camera === camera.name) this.#stage.show(picture);
      },
    };
    this.view.update(state);
  }

  #element(camera: CameraView): HTMLElement {
    const back = el('a', { class: 'button', href: `#/camera/${camera.name}` }, 'Back');
    return el(
      'div',
      { class: 'camera' },
      el('h1', {}, `Zones, masks and limits of ${camera.title}`),
      el('div', { class: 'live' }, this.#stage.element, el('p', { class: 'rate' }, HELP)),
      el(
        'div',
        { class: 'panel' },
        el('p', { class: 'row' }, ...this.#adders, this.#undo),
        this.#list,
        labelled('For the env file', this.#lines),
        el('p', { class: 'row' }, this.#try, this.#copy, this.#end, back),
        this.#trial,
        this.#said,
        this.#problem,
      ),
    );
  }

  /** With the areas of the settings, as soon as their places are known. */
  #begin(camera: CameraView): void {
    if (this.#drawn !== undefined) return;
    const areas = areasOf(camera);
    if (areas !== undefined) this.#drawn = camera;
    for (const control of [...this.#adders, this.#copy, this.#try]) control.disabled = areas === undefined;
    setText(this.#said, areas === undefined ? WAITING : '');
    this.#drawing = new Drawing(areas ?? []);
    this.#changed();
  }

  #listen(): void {
    const { overlay } = this.#stage;
    overlay.addEventListener('pointerdown', (event) => this.#onDown(event));
    overlay.addEventListener('pointermove', (event) => this.#onMove(event));
    for (const end of ['pointerup', 'pointercancel']) {
      overlay.addEventListener(end, () => {
        this.#dragged = undefined;
      });
    }
    overlay.addEventListener('dblclick', (event) => this.#onDouble(event));
    overlay.addEventListener('keydown', (event) => this.#onKey(event));
  }

  #add(kind: Kind): void {
    const { areas } = this.#drawing;
    const area = { kind, name: '', dwell: 0, labels: [], corners: SQUARE };
    if (kind === 'smallest' || kind === 'largest') {
      const taken = areas.filter((one) => one.kind === kind).flatMap(({ labels }) => labels);
      const free = ['*', ...this.#labels].find((label) => !taken.includes(label));
      if (free === undefined) return;
      this.#drawing.add({ ...area, labels: [free], corners: boxOf(LIMITS[kind]) });
    } else {
      const names = areas.map(({ name }) => name);
      let number = 1;
      while (names.includes(`zone${number}`)) number += 1;
      this.#drawing.add({ ...area, name: kind === 'zone' ? `zone${number}` : '' });
    }
    this.#selected = areas.length;
    this.#changed();
    this.#say(`${this.#titleOf(this.#selected)} is added.`);
  }

  #takeBack(): void {
    this.#drawing.undo();
    this.#selected = Math.min(this.#selected, Math.max(0, this.#drawing.areas.length - 1));
    this.#changed();
    this.#keepFocus();
    this.#say('Undone.');
  }

  #titleOf(index: number): string {
    const { areas } = this.#drawing;
    const area = areas[index];
    return area === undefined ? '' : titleOfArea(area, numbersOf(areas)[index] ?? 0);
  }

  async #copyLines(): Promise<void> {
    try {
      await navigator.clipboard.writeText(this.#lines.value);
    } catch {
      // Without TLS browsers give no clipboard.
      this.#lines.select();
      document.execCommand('copy');
    }
    this.#say('Copied: put the lines into the env file, then reload or restart ghostcam.');
  }

  async #attempt(): Promise<void> {
    try {
      await tryLines(this.#camera, this.#lines.value);
      this.#say('The lines hold now. The env file has not changed: copy them there to keep them.');
    } catch (error) {
      this.#say('');
      if (error instanceof Refused) setText(this.#problem, error.message);
      else this.#report(error);
    }
  }

  async #endTrial(): Promise<void> {
    try {
      await endTrial(this.#camera);
      this.#say('The settings of the env file hold again. What is drawn here is still there.');
    } catch (error) {
      this.#report(error);
    }
  }

  #say(words: string): void {
    setText(this.#said, words);
    setText(this.#problem, '');
  }

  /** The list too: areas came or went. */
  #changed(): void {
    this.#items = this.#drawing.areas.map((area, index) => this.#item(area, index));
    this.#list.replaceChildren(...this.#items.map(({ element }) => element));
    this.#draw();
  }

  /** Where what had the focus is gone, the keyboard goes on here and not at the beginning of the page. */
  #keepFocus(): void {
    if (document.activeElement === document.body) this.#adders[0]?.focus({ preventScroll: true });
  }

  /** @param corner That has the focus from now on; otherwise the handle keeps it that has it. */
  #draw(corner?: number): void {
    const { areas } = this.#drawing;
    const { dataset } = (document.activeElement ?? document.body) as HTMLElement | SVGElement;
    const focused = corner === undefined ? selectorOf(dataset) : selectorOf({ corner: String(corner) });
    const numbers = numbersOf(areas);
    this.#layer.replaceChildren(
      ...areas.flatMap((area, index) => this.#shape(area, index, titleOfArea(area, numbers[index] ?? 0))),
    );
    if (focused !== undefined) {
      const last = [...this.#layer.querySelectorAll<SVGElement>('.corner')].at(-1);
      (this.#layer.querySelector<SVGElement>(focused) ?? last)?.focus();
    }
    for (const [index, area] of areas.entries())
      this.#items[index]?.update(area, numbers[index] ?? 0, this.#stage.size);
    this.#lines.value = this.#drawn === undefined ? '' : envLines(this.#drawn, areas).join('\n');
    this.#undo.disabled = !this.#drawing.canUndo;
  }

  #shape(area: Area, index: number, title: string): SVGElement[] {
    const corners = inPixels({ corners: area.corners, unit: 'share' }, this.#stage.size);
    const chosen = index === this.#selected;
    const polygon = svg('polygon', {
      class: chosen ? `${area.kind} chosen` : area.kind,
      points: (isLimit(area) ? rectangle(corners) : corners).map(({ x, y }) => `${x},${y}`).join(' '),
      'data-area': index,
    });
    if (!chosen) return [polygon];
    const middles = isLimit(area) ? [] : corners.map((corner, at) => middle(corner, next(corners, at)));
    const handle = ({ x, y }: Corner, pixels: number, attributes: Record<string, string | number>) =>
      svg('circle', {
        ...{ cx: x, cy: y, r: pixels * this.#stage.scale, tabindex: 0, role: 'button' },
        ...attributes,
      });
    return [
      polygon,
      ...middles.map((at, before) =>
        handle(at, MIDDLE_PIXELS, {
          class: 'middle',
          'data-middle': before,
          'aria-label': `New corner after corner ${before + 1} of ${title}: Enter makes it`,
        }),
      ),
      ...corners.map((at, corner) =>
        handle(at, CORNER_PIXELS, {
          class: 'corner',
          'data-corner': corner,
          'aria-label': `Corner ${corner + 1} of ${title}: arrow keys move it${isLimit(area) ? '' : ', Delete removes it'}`,
        }),
      ),
    ];
  }

  #item(area: Area, index: number): AreaItem {
    const choose = () => {
      if (this.#selected === index) return;
      this.#selected = index;
      this.#draw();
    };
    return areaItem(area, {
      labels: this.#labels,
      others: () => this.#drawing.areas.filter((_, at) => at !== index),
      onChange: (change) => {
        this.#drawing.begin();
        this.#drawing.change(index, change);
        this.#draw();
      },
      onChoose: choose,
      onDelete: () => {
        const title = this.#titleOf(index);
        this.#drawing.remove(index);
        this.#selected = 0;
        this.#changed();
        this.#keepFocus();
        this.#say(`${title} is deleted.`);
      },
    });
  }

  /** On a corner, on the middle of an edge, which becomes one, or on the chosen area: it is dragged. On another area: it is chosen. */
  #onDown(event: PointerEvent): void {
    const { corner, middle: before, area } = (event.target as SVGElement).dataset;
    const at = this.#at(event);
    if (area !== undefined && Number(area) !== this.#selected) {
      this.#selected = Number(area);
      this.#draw();
      return;
    }
    if (corner === undefined && before === undefined && area === undefined) return;
    event.preventDefault();
    this.#drawing.begin();
    const added = before === undefined ? undefined : Number(before) + 1;
    if (added !== undefined) this.#drawing.addCorner(this.#selected, added, at);
    const held = corner === undefined ? added : Number(corner);
    this.#dragged = { area: this.#selected, corner: held, at };
    this.#stage.overlay.setPointerCapture(event.pointerId);
    this.#draw(held);
  }

  #onMove(event: PointerEvent): void {
    const dragged = this.#dragged;
    if (dragged === undefined) return;
    const at = this.#at(event);
    const { area, corner, at: before } = dragged;
    if (corner !== undefined) this.#drawing.moveCorner(area, corner, at);
    else this.#drawing.move(area, { x: at.x - before.x, y: at.y - before.y });
    dragged.at = at;
    this.#draw();
  }

  /** On a corner: it goes. */
  #onDouble(event: MouseEvent): void {
    // The target of a captured pointer is the whole overlay.
    const corner = document.elementFromPoint(event.clientX, event.clientY)?.getAttribute('data-corner');
    if (corner == null) return;
    this.#drawing.removeCorner(this.#selected, Number(corner));
    this.#draw();
  }

  #onKey(event: KeyboardEvent): void {
    const { key } = event;
    const { corner, middle: before } = (event.target as SVGElement).dataset;
    const corners = this.#drawing.areas[this.#selected]?.corners ?? [];
    const old = corners[Number(corner ?? Number.NaN)];
    const edge = corners[Number(before ?? Number.NaN)];
    const direction = ARROWS[key];
    if ((event.ctrlKey || event.metaKey) && key === 'z') this.#takeBack();
    else if (edge !== undefined && (key === 'Enter' || key === ' ')) {
      const added = Number(before) + 1;
      this.#drawing.addCorner(this.#selected, added, middle(edge, next(corners, Number(before))));
      this.#draw(added);
    } else if (old !== undefined && key === 'Delete') {
      this.#drawing.removeCorner(this.#selected, Number(corner));
      this.#draw();
    } else if (old !== undefined && direction !== undefined) {
      const step = event.shiftKey ? 5 * STEP : STEP;
      this.#drawing.begin();
      const to = { x: old.x + direction.x * step, y: old.y + direction.y * step };
      this.#drawing.moveCorner(this.#selected, Number(corner), to);
      this.#draw();
    } else return;
    event.preventDefault();
  }

  /** Where the pointer is, as shares of the picture. */
  #at({ clientX, clientY }: MouseEvent): Corner {
    const { left, top, width, height } = this.#stage.overlay.getBoundingClientRect();
    return { x: (clientX - left) / width, y: (clientY - top) / height };
  }
}

const HELP =
  'Drag a corner or a whole area, or move a corner with the arrow keys. The small dots between corners become corners; a double click on a corner, or Delete, removes it. An object is where it stands: at the middle of the lower edge of its box. Of a size limit only the size of its box counts, not its place: move it beside an object to compare.';

const WAITING = 'Some of the camera’s areas are in pixels: they appear with its first picture.';

const SQUARE: readonly Corner[] = [
  { x: 0.35, y: 0.35 },
  { x: 0.65, y: 0.35 },
  { x: 0.65, y: 0.65 },
  { x: 0.35, y: 0.65 },
];

/** What finds a handle again that was drawn anew; undefined: it is none. */
function selectorOf({ corner, middle }: DOMStringMap): string | undefined {
  if (corner !== undefined) return `[data-corner="${corner}"]`;
  return middle === undefined ? undefined : `[data-middle="${middle}"]`;
}

function button(text: string, onclick: () => void): HTMLButtonElement {
  return el('button', { type: 'button', onclick }, text);
}

/** Of each area its number among those of its kind, from 1. */
function numbersOf(areas: readonly Area[]): number[] {
  return areas.map(
    ({ kind }, index) => areas.slice(0, index + 1).filter((other) => other.kind === kind).length,
  );
}

/** All four corners, of two that are opposite. */
function rectangle([from, to]: readonly Corner[]): Corner[] {
  return from === undefined || to === undefined
    ? []
    : [from, { x: to.x, y: from.y }, to, { x: from.x, y: to.y }];
}

/** The corner after this one. */
function next(corners: readonly Corner[], index: number): Corner {
  return corners[(index + 1) % corners.length] as Corner;
}

function middle(a: Corner, b: Corner): Corner {
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
}

/** Zones and masks drawn over the live picture; the lines of the env file appear as they are drawn. */
import type { CameraView } from '../api.js';
import { el, labelled, newId, setText, svg } from './dom.js';
import { Drawing } from './drawing.js';
import { type Area, areasOf, type Corner, envLines, nameProblem } from './env-lines.js';
import { inPixels, Stage } from './stage.js';
import { cameraOf, type State, type View } from './view.js';

/** How far an arrow key moves a corner, as a share of the picture; with Shift five times as far. */
const STEP = 0.01;
const CORNER_PIXELS = 9;
const ARROWS: Readonly<Record<string, Corner>> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};

export function editorView(state: State, camera: CameraView): View {
  return new Editor(state, camera).view;
}

class Editor {
  readonly view: View;
  readonly #camera: string;
  /** Those of the model. */
  readonly #labels: readonly string[];
  readonly #stage: Stage;
  #drawing = new Drawing([]);
  /** The areas of the env file are known. */
  #ready = false;
  readonly #layer = svg('g');
  readonly #list = el('ol', { class: 'areas' });
  readonly #lines = el('textarea', { readonly: true, rows: 4, wrap: 'soft' });
  readonly #said = el('p', { role: 'status' });
  readonly #adders = (['zone', 'mask'] as const).map((kind) =>
    el('button', { type: 'button', onclick: () => this.#add(kind) }, `Add a ${kind}`),
  );
  readonly #undo = el('button', { type: 'button', onclick: () => this.#takeBack() }, 'Undo');
  #selected = 0;
  #dragged: { area: number; corner: number } | undefined;

  constructor(state: State, camera: CameraView) {
    this.#camera = camera.name;
    this.#labels = state.answer.labels;
    const none = { boxes: true, ids: false, zones: false, masks: false, motion: false };
    this.#stage = new Stage(camera, none);
    this.#stage.overlay.removeAttribute('aria-hidden');
    this.#stage.overlay.classList.add('drawing');
    this.#stage.overlay.append(this.#layer);
    this.#listen();
    const back = `#/camera/${camera.name}`;
    const button = (text: string, onclick: () => void) => el('button', { type: 'button', onclick }, text);
    this.view = {
      title: `Zones of ${camera.title}`,
      element: el(
        'div',
        { class: 'camera' },
        el('h1', {}, `Zones and masks of ${camera.title}`),
        el('div', { class: 'live' }, this.#stage.element, el('p', { class: 'rate' }, HELP)),
        el(
          'div',
          { class: 'panel' },
          el('p', { class: 'row' }, ...this.#adders, this.#undo),
          this.#list,
          labelled('For the env file', this.#lines),
          el(
            'p',
            { class: 'row' },
            button('Copy', () => void this.#copy()),
            el('a', { class: 'button', href: back }, 'Back'),
          ),
          this.#said,
        ),
      ),
      watched: { [camera.name]: 1 },
      update: (now) => {
        const newest = cameraOf(now, camera.name);
        if (newest !== undefined) {
          this.#stage.update(newest);
          this.#begin(newest);
        }
        this.#draw();
      },
      show: (picture) => {
        if (picture.header.camera === camera.name) this.#stage.show(picture);
      },
    };
    this.#begin(camera);
  }

  /** With the areas of the env file, as soon as their places are known. */
  #begin(camera: CameraView): void {
    if (this.#ready) return;
    const areas = areasOf(camera);
    this.#ready = areas !== undefined;
    for (const button of this.#adders) button.disabled = !this.#ready;
    setText(this.#said, this.#ready ? '' : WAITING);
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

  #add(kind: Area['kind']): void {
    const names = this.#drawing.areas.map(({ name }) => name);
    let number = 1;
    while (names.includes(`zone${number}`)) number += 1;
    const corners = [
      { x: 0.35, y: 0.35 },
      { x: 0.65, y: 0.35 },
      { x: 0.65, y: 0.65 },
      { x: 0.35, y: 0.65 },
    ];
    this.#drawing.add({ kind, name: kind === 'zone' ? `zone${number}` : '', dwell: 0, labels: [], corners });
    this.#selected = this.#drawing.areas.length - 1;
    this.#changed();
  }

  #takeBack(): void {
    this.#drawing.undo();
    this.#selected = Math.min(this.#selected, Math.max(0, this.#drawing.areas.length - 1));
    this.#changed();
  }

  async #copy(): Promise<void> {
    if (!this.#ready) return;
    try {
      await navigator.clipboard.writeText(this.#lines.value);
    } catch {
      // Without TLS browsers give no clipboard.
      this.#lines.select();
      document.execCommand('copy');
    }
    setText(this.#said, 'Copied: put the lines into the env file and restart ghostcam.');
  }

  /** The list too: areas came or went. */
  #changed(): void {
    const items = this.#drawing.areas.map((area, index) => this.#item(area, index));
    this.#list.replaceChildren(...items);
    this.#draw();
  }

  #draw(): void {
    const { areas } = this.#drawing;
    const focused = document.activeElement?.getAttribute('data-corner');
    this.#layer.replaceChildren(...areas.flatMap((area, index) => this.#shape(area, index)));
    if (focused != null) this.#layer.querySelector<SVGElement>(`[data-corner="${focused}"]`)?.focus();
    this.#lines.value = this.#ready ? envLines(this.#camera, areas).join('\n') : '';
    this.#undo.disabled = !this.#drawing.canUndo;
  }

  #shape({ kind, name, corners }: Area, index: number): SVGElement[] {
    const points = inPixels({ corners, unit: 'share' }, this.#stage.size);
    const chosen = index === this.#selected ? ' chosen' : '';
    const polygon = svg('polygon', {
      class: `${kind}${chosen}`,
      points: points.map(({ x, y }) => `${x},${y}`).join(' '),
      'data-area': index,
    });
    if (index !== this.#selected) return [polygon];
    const what = kind === 'zone' ? `zone ${name}` : `mask ${index + 1}`;
    const handles = points.map(({ x, y }, corner) =>
      svg('circle', {
        class: 'corner',
        cx: x,
        cy: y,
        r: CORNER_PIXELS * this.#stage.scale,
        tabindex: 0,
        role: 'button',
        'aria-label': `Corner ${corner + 1} of ${what}: arrow keys move it, Delete removes it`,
        'data-corner': corner,
      }),
    );
    return [polygon, ...handles];
  }

  #item(area: Area, index: number): HTMLLIElement {
    const what = area.kind === 'zone' ? `Zone ${area.name}` : `Mask ${index + 1}`;
    const choose = () => {
      if (this.#selected === index) return;
      this.#selected = index;
      this.#draw();
    };
    const remove = () => {
      this.#drawing.remove(index);
      this.#selected = 0;
      this.#changed();
    };
    const legend = el('legend', {}, what);
    const fields = area.kind === 'zone' ? this.#zoneFields(area, index, legend) : [];
    const edit = el('button', { type: 'button', onclick: choose, 'aria-label': `Edit ${what}` }, 'Edit');
    const drop = el('button', { type: 'button', onclick: remove, 'aria-label': `Delete ${what}` }, 'Delete');
    return el('li', {}, el('fieldset', { class: 'row', onfocusin: choose }, legend, ...fields, edit, drop));
  }

  #zoneFields(area: Area, index: number, legend: Element): HTMLElement[] {
    const id = newId();
    const problem = el('span', { class: 'problem', id });
    const name = el('input', { value: area.name, 'aria-describedby': id });
    name.onchange = () => {
      const others = this.#drawing.areas.filter((_, at) => at !== index).map((other) => other.name);
      const wrong = nameProblem(name.value, others);
      setText(problem, wrong ?? '');
      if (wrong !== undefined) return;
      this.#apply(index, { name: name.value });
      setText(legend, `Zone ${name.value}`);
    };
    const dwell = el('input', { type: 'number', min: 0, max: 3600, step: 0.5, value: area.dwell });
    dwell.onchange = () => {
      if (dwell.validity.valid) this.#apply(index, { dwell: dwell.valueAsNumber || 0 });
    };
    const only = el(
      'select',
      { multiple: true, size: 3 },
      ...this.#labels.map((label) => el('option', { selected: area.labels.includes(label) }, label)),
    );
    only.onchange = () => this.#apply(index, { labels: [...only.selectedOptions].map(({ value }) => value) });
    return [
      labelled('Name', name),
      labelled('Seconds it must stay', dwell),
      labelled('Labels (none: all)', only),
      problem,
    ];
  }

  #apply(index: number, change: Partial<Area>): void {
    this.#drawing.begin();
    this.#drawing.change(index, change);
    this.#draw();
  }

  #onDown(event: PointerEvent): void {
    const target = event.target as SVGElement;
    const { corner, area } = target.dataset;
    if (corner !== undefined) {
      event.preventDefault();
      target.focus();
      this.#drawing.begin();
      this.#dragged = { area: this.#selected, corner: Number(corner) };
      this.#stage.overlay.setPointerCapture(event.pointerId);
    } else if (area !== undefined && Number(area) !== this.#selected) {
      this.#selected = Number(area);
      this.#draw();
    }
  }

  #onMove(event: PointerEvent): void {
    if (this.#dragged === undefined) return;
    this.#drawing.moveCorner(this.#dragged.area, this.#dragged.corner, this.#at(event));
    this.#draw();
  }

  /** On a corner: it goes. Elsewhere: there is a new one, on the nearest edge. */
  #onDouble(event: MouseEvent): void {
    // The target of a captured pointer is the whole overlay.
    const target = document.elementFromPoint(event.clientX, event.clientY);
    const corner = target?.getAttribute('data-corner') ?? undefined;
    const area = this.#drawing.areas[this.#selected];
    if (corner !== undefined) this.#drawing.removeCorner(this.#selected, Number(corner));
    else if (area !== undefined) {
      const at = this.#at(event);
      this.#drawing.addCorner(this.#selected, nearestEdge(area.corners, at) + 1, at);
    }
    this.#draw();
  }

  #onKey(event: KeyboardEvent): void {
    if ((event.ctrlKey || event.metaKey) && event.key === 'z') {
      event.preventDefault();
      this.#takeBack();
      return;
    }
    const corner = Number((event.target as SVGElement).dataset.corner ?? Number.NaN);
    const old = this.#drawing.areas[this.#selected]?.corners[corner];
    const direction = ARROWS[event.key];
    if (old === undefined) return;
    if (event.key === 'Delete') this.#drawing.removeCorner(this.#selected, corner);
    else if (direction !== undefined) {
      const step = event.shiftKey ? 5 * STEP : STEP;
      this.#drawing.begin();
      const to = { x: old.x + direction.x * step, y: old.y + direction.y * step };
      this.#drawing.moveCorner(this.#selected, corner, to);
    } else return;
    event.preventDefault();
    this.#draw();
  }

  /** Where the pointer is, as shares of the picture. */
  #at({ clientX, clientY }: MouseEvent): Corner {
    const { left, top, width, height } = this.#stage.overlay.getBoundingClientRect();
    return { x: (clientX - left) / width, y: (clientY - top) / height };
  }
}

const HELP =
  'Drag a corner, or move it with the arrow keys. Double-click an edge for a new corner, a corner to remove it. An object is where it stands: at the middle of the lower edge of its box.';

const WAITING = "Some of the camera's zones and masks are in pixels: they appear with its first picture.";

/** The index of the corner at which the edge begins that is nearest to a point. */
function nearestEdge(corners: readonly Corner[], point: Corner): number {
  const distances = corners.map((from, index) => {
    const to = corners[(index + 1) % corners.length] as Corner;
    const length = (to.x - from.x) ** 2 + (to.y - from.y) ** 2;
    const along =
      ((point.x - from.x) * (to.x - from.x) + (point.y - from.y) * (to.y - from.y)) / (length || 1);
    const t = Math.min(1, Math.max(0, along));
    return (from.x + t * (to.x - from.x) - point.x) ** 2 + (from.y + t * (to.y - from.y) - point.y) ** 2;
  });
  return distances.indexOf(Math.min(...distances));
}

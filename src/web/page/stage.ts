/** The picture of a camera with what lies over it. Picture and boxes are drawn in one step, so that they belong together. */
import type { Size } from '../../geometry/box.js';
import type { Polygon } from '../../geometry/zones.js';
import type { CameraView, PictureHeader, ShownDetections } from '../api.js';
import { type Place, placeCaption } from './captions.js';
import { el, setAttributes, svg } from './dom.js';
import type { Picture } from './live.js';
import { presence } from './words.js';

/** What can be shown over the picture. */
export interface Layers {
  boxes: boolean;
  ids: boolean;
  zones: boolean;
  masks: boolean;
  motion: boolean;
  regions: boolean;
}

/** Hues that differ, dark enough for white text. */
const COLORS = ['#5d4037', '#a93276', '#0b6b52', '#8a5a00', '#7d3c98', '#18693a', '#1a5f9a', '#b03024'];
const FONT_PIXELS = 14;

export class Stage {
  readonly element: HTMLDivElement;
  /** Above everything else, for whoever draws there; in pixels of the camera's picture. */
  readonly overlay = svg('svg', { class: 'overlay', preserveAspectRatio: 'none', 'aria-hidden': 'true' });
  readonly #canvas: HTMLCanvasElement;
  readonly #areas = svg('g');
  readonly #cells = svg('g');
  readonly #regions = svg('g');
  readonly #boxes = svg('g');
  readonly #notice = el('p', { class: 'notice' }, 'Waiting for a picture');
  /** Those that are drawn. */
  #captions: Place[] = [];
  #layers: Layers;
  #camera: CameraView;
  #picture: Omit<Picture, 'bitmap'> | undefined;
  #size: Size;

  constructor(camera: CameraView, layers: Layers) {
    this.#camera = camera;
    this.#layers = layers;
    this.#size = camera.size ?? { width: 16, height: 9 };
    this.#canvas = el('canvas', { role: 'img', width: 16, height: 9 });
    this.overlay.append(this.#areas, this.#cells, this.#regions, this.#boxes);
    this.element = el('div', { class: 'stage' }, this.#canvas, this.overlay, this.#notice);
    new ResizeObserver(() => this.#draw()).observe(this.element);
    this.update(camera);
  }

  /** Of the camera's picture, in pixels. */
  get size(): Size {
    return this.#size;
  }

  /** Pixels of the camera's picture in one pixel of the screen. */
  get scale(): number {
    return this.#size.width / (this.element.clientWidth || this.#size.width);
  }

  set layers(layers: Layers) {
    this.#layers = layers;
    this.#draw();
  }

  update(camera: CameraView): void {
    this.#camera = camera;
    const live = camera.state.state === 'online';
    this.element.classList.toggle('away', !live);
    this.#notice.hidden = live && this.#picture !== undefined;
    this.#notice.textContent = live ? 'Waiting for a picture' : 'No picture';
    setAttributes(this.#canvas, { 'aria-label': `${camera.title}: ${presence(camera).toLowerCase()}` });
    if (camera.size !== undefined) this.#size = camera.size;
    this.#draw();
  }

  show({ header, bitmap, detections }: Picture): void {
    const { width, height } = header;
    if (this.#canvas.width !== bitmap.width || this.#canvas.height !== bitmap.height) {
      this.#canvas.width = bitmap.width;
      this.#canvas.height = bitmap.height;
    }
    this.#canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
    bitmap.close();
    this.#size = { width, height };
    this.#picture = { header, detections };
    this.#notice.hidden = true;
    this.#draw();
  }

  #draw(): void {
    const { width, height } = this.#size;
    setAttributes(this.overlay, { viewBox: `0 0 ${width} ${height}` });
    setShape(this.element, this.#size);
    this.#captions = [];
    const { zones, masks } = this.#camera;
    this.#areas.replaceChildren(
      ...(this.#layers.masks ? masks.map((mask) => this.#area(mask, 'mask')) : []),
      ...(this.#layers.zones ? zones.flatMap(({ name, polygon }) => this.#zone(name, polygon)) : []),
    );
    const { detections, header } = this.#picture ?? {};
    setAttributes(this.#boxes, {
      'data-sequence': header?.sequence,
      'data-detections': detections?.sequence,
    });
    const moving = this.#layers.motion ? header?.motion : undefined;
    this.#cells.replaceChildren(...(moving === undefined ? [] : cells(moving)));
    const regions = this.#layers.regions ? (detections?.regions ?? []) : [];
    this.#regions.replaceChildren(...regions.map((region) => rectangle('region', region)));
    const shown = this.#layers.boxes ? (detections?.detections ?? []) : [];
    this.#boxes.replaceChildren(...shown.flatMap((detection) => this.#box(detection)));
  }

  #zone(name: string, polygon: Polygon): SVGElement[] {
    const corners = inPixels(polygon, this.#size);
    const highest = corners.reduce((best, corner) => (corner.y < best.y ? corner : best));
    const { x, y } = highest;
    return [this.#area(polygon, 'zone'), ...this.#caption(name, [x, y, x, y], '#8a4b08')];
  }

  #area(polygon: Polygon, kind: string): SVGElement {
    const points = inPixels(polygon, this.#size).map(({ x, y }) => `${x},${y}`);
    return svg('polygon', { class: kind, points: points.join(' ') });
  }

  #box({ label, score, box, trackId, expected }: ShownDetections['detections'][number]): SVGElement[] {
    const color = colorOf(label);
    const id = this.#layers.ids && trackId !== undefined ? ` ${trackId}` : '';
    return [
      rectangle(expected ? 'expected' : 'box', box, { stroke: color, 'data-label': label }),
      ...this.#caption(`${label} ${Math.round(score * 100)} %${id}`, box, color),
    ];
  }

  #caption(text: string, box: Place, color: string): SVGElement[] {
    const size = FONT_PIXELS * this.scale;
    const shape = { width: (text.length * 0.56 + 0.6) * size, height: size * 1.3 };
    const place = placeCaption(box, shape, this.#size, this.#captions);
    this.#captions.push(place);
    const [x, y] = place;
    return [
      svg('rect', { x, y, ...shape, fill: color }),
      svg('text', { x: x + size * 0.3, y: y + size, 'font-size': size }, text),
    ];
  }
}

function rectangle(
  kind: string,
  [x1, y1, x2, y2]: Place,
  attributes: Record<string, string> = {},
): SVGElement {
  return svg('rect', { class: kind, x: x1, y: y1, width: x2 - x1, height: y2 - y1, ...attributes });
}

/** A rectangle for each run of cells. */
function cells({ width, height, columns, runs }: NonNullable<PictureHeader['motion']>): SVGElement[] {
  return runs.flatMap((length, at) => {
    if (at % 2 === 0) return [];
    const first = runs[at - 1] ?? 0;
    const place = { x: (first % columns) * width, y: Math.floor(first / columns) * height };
    return [svg('rect', { class: 'cell', ...place, width: length * width, height })];
  });
}

/** The same for a label everywhere. */
function colorOf(label: string): string {
  const sum = [...label].reduce((total, character) => total + (character.codePointAt(0) ?? 0), 0);
  return COLORS[sum % COLORS.length] as string;
}

/** The element takes the shape of a picture; how tall it may be is the style's. */
export function setShape(element: HTMLElement, { width, height }: Size): void {
  element.style.aspectRatio = `${width} / ${height}`;
  element.style.setProperty('--ratio', String(width / height));
}

/** @param size Of the camera's picture. */
export function inPixels({ corners, unit }: Polygon, { width, height }: Size): { x: number; y: number }[] {
  return unit === 'pixel' ? [...corners] : corners.map(({ x, y }) => ({ x: x * width, y: y * height }));
}

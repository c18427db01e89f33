/** What is drawn over a picture: boxes with captions, zones, masks, a line of text. */

import type { Detection } from '../detect/detection.js';
import type { Box, Size } from '../geometry/box.js';
import type { Mask } from '../geometry/masks.js';
import type { Polygon, Zone } from '../geometry/zones.js';
import { placeCaption, type Rectangle } from './captions.js';
import { Font } from './font.js';
import type { Shape, View } from './rgb.js';

/** Distinct hues, dark enough for white text. */
const COLORS = [0x5d4037, 0xa93276, 0x117a65, 0xb9770e, 0x8e44ad, 0x1e8449, 0x1f6fb2, 0xc0392b];
const ZONE_COLOR = 0xd35400;
const REGION_COLOR = 0x22313f;
const MASK_COLOR = 0x34495e;
const WHITE = 0xffffff;
const BLACK = 0;
/** Of the picture as it is shown: smaller letters cannot be read. */
const MIN_FONT_PIXELS = 10;
const MIN_STROKE_PIXELS = 2;

/** All in pixels of the source picture. */
export interface Drawing {
  detections?: readonly DrawnDetection[];
  /** Parts that were inferred by themselves. */
  regions?: readonly Box[];
  zones?: readonly Zone[];
  masks?: readonly Mask[];
  /** In the lower left corner. */
  text?: string;
}

/** `note`: what its caption says beside label and score. */
export type DrawnDetection = Pick<Detection, 'label' | 'score' | 'box'> & { note?: string };

interface Point {
  x: number;
  y: number;
}

/**
 * The shapes to be drawn over a picture of the size `shown`, in its pixels.
 * @param source Size of the picture that the drawing is measured in.
 * @param view The part of it that is shown.
 */
export async function overlay(drawing: Drawing, source: Size, view: View, shown: Size): Promise<Shape[]> {
  const { detections = [], regions = [], zones = [], masks = [], text } = drawing;
  const pen = new Pen(source, view, shown);
  for (const mask of masks) pen.mask(mask);
  for (const zone of zones) pen.zone(zone);
  for (const region of regions) pen.region(region);
  for (const detection of detections) pen.box(detection);
  if (text !== undefined) pen.corner(text);
  return pen.finish();
}

/** A text to be placed beside what it names. */
interface Caption {
  text: string;
  named: Rectangle;
  color: number;
}

class Pen {
  readonly #source: Size;
  readonly #view: View;
  readonly #shown: Size;
  readonly #font: Font;
  readonly #stroke: number;
  readonly #shapes: Shape[] = [];
  readonly #captions: Caption[] = [];

  constructor(source: Size, view: View, shown: Size) {
    this.#source = source;
    this.#view = view;
    this.#shown = shown;
    const size = Math.max(MIN_FONT_PIXELS, Math.min(shown.width, shown.height) / 48);
    this.#font = Font.of(size);
    this.#stroke = Math.max(MIN_STROKE_PIXELS, Math.round(size / 7));
  }

  box({ label, score, box, note }: DrawnDetection): void {
    const text = `${label} ${score.toFixed(2)}`;
    this.#frame(box, note === undefined ? text : `${text} ${note}`, colorOf(label));
  }

  region(box: Box): void {
    this.#frame(box, 'region', REGION_COLOR);
  }

  #frame([x1, y1, x2, y2]: Box, text: string, color: number): void {
    const { x: left, y: top } = this.#toShown({ x: x1, y: y1 });
    const { x: right, y: bottom } = this.#toShown({ x: x2, y: y2 });
    const half = this.#stroke / 2;
    const [l, t, r, b] = [left, top, right, bottom].map((side) => Math.round(side - half)) as [
      number,
      number,
      number,
      number,
    ];
    const width = r - l + this.#stroke;
    const height = b - t + this.#stroke;
    for (const side of [
      { left: l, top: t, width, height: this.#stroke },
      { left: l, top: b, width, height: this.#stroke },
      { left: l, top: t, width: this.#stroke, height },
      { left: r, top: t, width: this.#stroke, height },
    ]) {
      this.#rectangle(side, color);
    }
    this.#captions.push({ text, named: { left: l, top: t, width, height }, color });
  }

  zone({ name, polygon }: Zone): void {
    const corners = this.#corners(polygon);
    this.#polygon(corners, ZONE_COLOR, 0.12);
    for (const [index, from] of corners.entries()) {
      this.#line(from, corners[(index + 1) % corners.length] as Point);
    }
    this.#name(name, corners, ZONE_COLOR);
  }

  /** With the labels that it is for, where it is not for all. */
  mask(mask: Mask): void {
    const corners = this.#corners(mask);
    this.#polygon(corners, BLACK, 0.6);
    if (mask.only !== undefined) this.#name(`mask: ${mask.only.join(', ')}`, corners, MASK_COLOR);
  }

  corner(text: string): void {
    const { height } = this.#shown;
    // It is there before all others.
    this.#captions.unshift({ text, named: { left: 0, top: height, width: 0, height: 0 }, color: BLACK });
  }

  /** Captions lie over all that is not one. */
  async finish(): Promise<Shape[]> {
    const font = this.#font;
    await font.load(this.#captions.map(({ text }) => text));
    const taken: Rectangle[] = [];
    const margin = Math.ceil(font.cell / 3);
    for (const { text, named, color } of this.#captions) {
      const mask = font.line(text);
      const size = { width: mask.width + 2 * margin, height: mask.height };
      const place = placeCaption(size, named, taken, this.#shown);
      taken.push(place);
      this.#rectangle(place, color);
      const { width, height, data } = mask;
      const { left, top } = place;
      this.#shapes.push({ color: WHITE, opacity: 1, left: left + margin, top, width, height, mask: data });
    }
    return this.#shapes;
  }

  /** A caption at the highest corner. */
  #name(text: string, corners: readonly Point[], color: number): void {
    const { x, y } = corners.reduce((best, corner) => (corner.y < best.y ? corner : best));
    this.#captions.push({
      text,
      named: { left: Math.round(x), top: Math.round(y), width: 0, height: 0 },
      color,
    });
  }

  #rectangle({ left, top, width, height }: Rectangle, color: number): void {
    const [right, bottom] = [left + width, top + height];
    const corners = [
      { x: left, y: top },
      { x: right, y: top },
      { x: right, y: bottom },
      { x: left, y: bottom },
    ];
    this.#polygon(corners, color, 1);
  }

  /** A line of a zone, as long as it is wide beyond its ends, which fills corners. */
  #line(from: Point, to: Point): void {
    const length = Math.hypot(to.x - from.x, to.y - from.y);
    if (length === 0) return;
    const half = this.#stroke / 2;
    const [dx, dy] = [((to.x - from.x) / length) * half, ((to.y - from.y) / length) * half];
    const corners = [
      { x: from.x - dx - dy, y: from.y - dy + dx },
      { x: to.x + dx - dy, y: to.y + dy + dx },
      { x: to.x + dx + dy, y: to.y + dy - dx },
      { x: from.x - dx + dy, y: from.y - dy - dx },
    ];
    this.#polygon(corners, ZONE_COLOR, 1);
  }

  #polygon(corners: readonly Point[], color: number, opacity: number): void {
    this.#shapes.push({ color, opacity, corners: Float32Array.from(corners.flatMap(({ x, y }) => [x, y])) });
  }

  #corners({ corners, unit }: Polygon): Point[] {
    const { width, height } = unit === 'share' ? this.#source : { width: 1, height: 1 };
    return corners.map(({ x, y }) => this.#toShown({ x: x * width, y: y * height }));
  }

  #toShown({ x, y }: Point): Point {
    const { left, top, width, height } = this.#view;
    return {
      x: ((x - left) * this.#shown.width) / width,
      y: ((y - top) * this.#shown.height) / height,
    };
  }
}

/** The same for a label everywhere. */
function colorOf(label: string): number {
  const sum = [...label].reduce((total, character) => total + (character.codePointAt(0) ?? 0), 0);
  return COLORS[sum % COLORS.length] as number;
}

/** What is drawn over a picture: boxes with captions, zones, masks, a line of text. */

import type { Detection } from '../detect/detection.js';
import type { Size } from '../geometry/box.js';
import type { Polygon, Zone } from '../geometry/zones.js';

/** Distinct hues, dark enough for white text. */
const COLORS = ['#5d4037', '#a93276', '#117a65', '#b9770e', '#8e44ad', '#1e8449', '#1f6fb2', '#c0392b'];
const ZONE_COLOR = '#d35400';
/** Of the picture as it is shown: smaller letters cannot be read. */
const MIN_FONT_PIXELS = 10;
/** Width of a character of DejaVu Sans, in font sizes. */
const CHARACTER = 0.62;

/** All in pixels of the source picture. */
export interface Drawing {
  detections?: readonly Pick<Detection, 'label' | 'score' | 'box'>[];
  zones?: readonly Zone[];
  masks?: readonly Polygon[];
  /** In the lower left corner. */
  text?: string;
}

/** The part of the source picture that is shown, in its pixels. */
export interface View extends Size {
  left: number;
  top: number;
}

/**
 * An SVG to be laid over a picture of the size `shown`.
 * @param source Size of the picture that the drawing is measured in.
 */
export function overlay(drawing: Drawing, source: Size, view: View, shown: Size): string {
  const { detections = [], zones = [], masks = [], text } = drawing;
  const pen = new Pen(source, view, shown);
  const shapes = [
    ...masks.map((mask) => pen.mask(mask)),
    ...zones.map((zone) => pen.zone(zone)),
    ...detections.map((detection) => pen.box(detection)),
    ...(text === undefined ? [] : [pen.corner(text)]),
  ];
  const { left, top, width, height } = view;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${shown.width}" height="${shown.height}" viewBox="${left} ${top} ${width} ${height}" preserveAspectRatio="none">${shapes.join('\n')}</svg>`;
}

class Pen {
  readonly #source: Size;
  readonly #view: View;
  /** Font size and line width, in pixels of the source. */
  readonly #size: number;
  readonly #stroke: number;

  constructor(source: Size, view: View, shown: Size) {
    this.#source = source;
    this.#view = view;
    const pixel = view.height / shown.height;
    this.#size = Math.max(MIN_FONT_PIXELS * pixel, Math.min(view.width, view.height) / 40);
    this.#stroke = Math.max(pixel, this.#size / 7);
  }

  box({ label, score, box: [x1, y1, x2, y2] }: Pick<Detection, 'label' | 'score' | 'box'>): string {
    const color = colorOf(label);
    return `<rect x="${x1}" y="${y1}" width="${x2 - x1}" height="${y2 - y1}" fill="none" stroke="${color}" stroke-width="${this.#stroke}"/>
${this.#caption(`${label} ${score.toFixed(2)}`, x1, y1, color)}`;
  }

  zone({ name, polygon }: Zone): string {
    const corners = this.#corners(polygon);
    const highest = corners.reduce((best, corner) => (corner.y < best.y ? corner : best));
    return `<polygon points="${points(corners)}" fill="${ZONE_COLOR}" fill-opacity="0.12" stroke="${ZONE_COLOR}" stroke-width="${this.#stroke}"/>
${this.#caption(name, highest.x, highest.y, ZONE_COLOR)}`;
  }

  mask(polygon: Polygon): string {
    return `<polygon points="${points(this.#corners(polygon))}" fill="#000" fill-opacity="0.6"/>`;
  }

  corner(text: string): string {
    const { left, top, height } = this.#view;
    return this.#caption(text, left, top + height, '#000');
  }

  /** Above a point, or below it where the view ends; never beyond its sides. */
  #caption(text: string, x: number, y: number, color: string): string {
    const view = this.#view;
    const size = this.#size;
    const width = Math.round(text.length * size * CHARACTER) + size / 2;
    const height = size * 1.3;
    const top = y - height >= view.top ? y - height : Math.max(y, view.top);
    const left = Math.max(view.left, Math.min(x, view.left + view.width - width));
    return `<rect x="${left}" y="${top}" width="${width}" height="${height}" fill="${color}"/>
<text x="${left + size / 4}" y="${top + size}" font-family="DejaVu Sans, sans-serif" font-size="${size}" fill="#fff">${escapeXml(text)}</text>`;
  }

  #corners({ corners, unit }: Polygon): { x: number; y: number }[] {
    const { width, height } = unit === 'share' ? this.#source : { width: 1, height: 1 };
    return corners.map(({ x, y }) => ({ x: x * width, y: y * height }));
  }
}

/** The same for a label everywhere. */
function colorOf(label: string): string {
  const sum = [...label].reduce((total, character) => total + (character.codePointAt(0) ?? 0), 0);
  return COLORS[sum % COLORS.length] as string;
}

function points(corners: readonly { x: number; y: number }[]): string {
  return corners.map(({ x, y }) => `${x},${y}`).join(' ');
}

function escapeXml(text: string): string {
  return text.replace(/[<>&"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

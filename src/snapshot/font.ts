/** Text as masks, of characters that are drawn once. */
import sharp from 'sharp';
import { escapeXml } from '../xml.js';

/** As thick as 0..255 says, rows of `width` bytes. */
export interface Mask {
  width: number;
  height: number;
  data: Uint8Array;
}

/** Width of a character of DejaVu Sans Mono and height of a line, in font sizes. */
const ADVANCE = 0.602;
const LINE = 1.3;
const BASELINE = 0.98;

/** What XML cannot hold. */
const NO_CHARACTER = /[\p{Cc}\p{Surrogate}\ufffe\uffff]/u;

const fonts = new Map<number, Font>();
const segmenter = new Intl.Segmenter();

/** A font of a fixed pitch, whose characters take one or two cells. */
export class Font {
  /** Pixels between the left edges of two characters, and of a line. */
  readonly cell: number;
  readonly height: number;
  readonly #size: number;
  readonly #glyphs = new Map<string, Mask>();

  /** The font whose capital letters are about 0.7 `size` pixels high. */
  static of(size: number): Font {
    const cell = Math.max(1, Math.round(size * ADVANCE));
    const font = fonts.get(cell) ?? new Font(cell);
    fonts.set(cell, font);
    return font;
  }

  private constructor(cell: number) {
    this.cell = cell;
    this.#size = cell / ADVANCE;
    this.height = Math.ceil(this.#size * LINE);
  }

  /** Draws those characters of the texts that were never drawn. */
  async load(texts: readonly string[]): Promise<void> {
    const missing = new Set(texts.flatMap(characters).filter((character) => !this.#glyphs.has(character)));
    if (missing.size > 0) await this.#draw([...missing]);
  }

  /** A line of text, of characters that were loaded. */
  line(text: string): Mask {
    const glyphs = characters(text).flatMap((character) => this.#glyphs.get(character) ?? []);
    const width = glyphs.reduce((total, glyph) => total + glyph.width, 0);
    const data = new Uint8Array(width * this.height);
    let left = 0;
    for (const glyph of glyphs) {
      for (let row = 0; row < this.height; row++) {
        const from = row * glyph.width;
        const to = row * width + left;
        for (let column = 0; column < glyph.width; column++) {
          data[to + column] = glyph.data[from + column] as number;
        }
      }
      left += glyph.width;
    }
    return { width, height: this.height, data };
  }

  /** Each in the middle of a place of three cells, of which it gets one, or two where it is wider than one. */
  async #draw(missing: readonly string[]): Promise<void> {
    const { cell, height } = this;
    const place = 3 * cell;
    const texts = missing.map((character, index) => {
      const middle = index * place + place / 2;
      return `<text x="${middle}" y="${BASELINE * this.#size}" text-anchor="middle">${inXml(character)}</text>`;
    });
    const width = missing.length * place;
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="DejaVu Sans Mono, monospace" font-size="${this.#size}" fill="#fff">${texts.join('')}</svg>`;
    const drawn = await sharp(Buffer.from(svg)).ensureAlpha().extractChannel('alpha').raw().toBuffer();
    for (const [index, character] of missing.entries()) {
      const part = (cells: number) => {
        const left = index * place + Math.floor((place - cells * cell) / 2);
        return cut(drawn, width, { left, width: cells * cell, height });
      };
      const wide = part(2);
      // Thin parts of a character may reach a little beyond its cell.
      const beyond = sum(wide.data) - sum(part(1).data);
      this.#glyphs.set(character, beyond > 0.2 * sum(wide.data) ? wide : part(1));
    }
  }
}

function inXml(character: string): string {
  return NO_CHARACTER.test(character) ? '\ufffd' : escapeXml(character);
}

function characters(text: string): string[] {
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

function cut(
  data: Uint8Array,
  rowBytes: number,
  { left, width, height }: { left: number; width: number; height: number },
): Mask {
  const part = new Uint8Array(width * height);
  for (let row = 0; row < height; row++) {
    const from = row * rowBytes + left;
    part.set(data.subarray(from, from + width), row * width);
  }
  return { width, height, data: part };
}

function sum(data: Uint8Array): number {
  return data.reduce((total, value) => total + value, 0);
}

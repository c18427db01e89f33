/** Where captions stand: beside what they name, inside the picture, and not over each other. */
import type { Size } from '../geometry/box.js';

/** In pixels of the picture. */
export interface Rectangle extends Size {
  left: number;
  top: number;
}

/**
 * The place of a caption for `named`: above it, else below, else inside, beginning or ending with it; where others stand
 * in each of these, the nearest free one above or below. Within the picture, unless the caption is larger.
 * @param taken Where others stand.
 */
export function placeCaption(
  caption: Size,
  named: Rectangle,
  taken: readonly Rectangle[],
  picture: Size,
): Rectangle {
  const { left, top } = named;
  const right = left + named.width - caption.width;
  const bottom = top + named.height;
  const above = top - caption.height;
  const at = (x: number, y: number) => within(x, y, caption, picture);
  const wanted: [x: number, y: number][] = [
    [left, above],
    [right, above],
    [left, bottom],
    [right, bottom],
    [left, top],
    [left, bottom - caption.height],
  ];
  const fitting = wanted.filter(([, y]) => y >= 0 && y + caption.height <= picture.height);
  const places = (fitting.length > 0 ? fitting : wanted).map(([x, y]) => at(x, y));
  const isFree = (place: Rectangle) => !taken.some((other) => overlaps(place, other));
  const free = places.find(isFree);
  if (free !== undefined) return free;
  const first = places[0] as Rectangle;
  for (let away = caption.height; away < picture.height + caption.height; away += caption.height) {
    const shifted = [at(first.left, first.top - away), at(first.left, first.top + away)].find(isFree);
    if (shifted !== undefined) return shifted;
  }
  return first;
}

/** A place for something of this size as near as can be to where it should begin. */
function within(left: number, top: number, { width, height }: Size, picture: Size): Rectangle {
  return {
    left: Math.max(0, Math.min(left, picture.width - width)),
    top: Math.max(0, Math.min(top, picture.height - height)),
    width,
    height,
  };
}

function overlaps(a: Rectangle, b: Rectangle): boolean {
  return (
    a.left < b.left + b.width &&
    b.left < a.left + a.width &&
    a.top < b.top + b.height &&
    b.top < a.top + a.height
  );
}

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
  const wanted = [
    { left, top: above },
    { left: right, top: above },
    { left, top: bottom },
    { left: right, top: bottom },
    { left, top },
    { left, top: bottom - caption.height },
  ];
  const fitting = wanted.filter((place) => place.top >= 0 && place.top + caption.height <= picture.height);
  const places = (fitting.length > 0 ? fitting : wanted).map((place) =>
    within({ ...place, ...sizeOf(caption) }, picture),
  );
  const isFree = (place: Rectangle) => !taken.some((other) => overlaps(place, other));
  const free = places.find(isFree);
  if (free !== undefined) return free;
  const first = places[0] as Rectangle;
  const rows = Array.from({ length: Math.ceil(picture.height / caption.height) }, (_, index) => index + 1);
  const shifted = rows
    .flatMap((row) => [first.top - row * caption.height, first.top + row * caption.height])
    .map((shiftedTop) => within({ ...first, top: shiftedTop }, picture))
    .find(isFree);
  return shifted ?? first;
}

function sizeOf({ width, height }: Size): Size {
  return { width, height };
}

function within(place: Rectangle, picture: Size): Rectangle {
  return {
    ...place,
    left: Math.max(0, Math.min(place.left, picture.width - place.width)),
    top: Math.max(0, Math.min(place.top, picture.height - place.height)),
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

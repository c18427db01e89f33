/** Where captions of boxes go: within the picture and, where there is room, over no other. */
import type { Size } from '../../geometry/box.js';

/** x1, y1, x2, y2. */
export type Place = readonly [number, number, number, number];

/**
 * Above the box, else inside it at its top, below it, or inside it at its bottom.
 * @param taken Where captions are already.
 */
export function placeCaption(
  [x1, y1, , y2]: Place,
  { width, height }: Size,
  picture: Size,
  taken: readonly Place[],
): Place {
  const left = Math.max(0, Math.min(x1, picture.width - width));
  const places = [y1 - height, y1, y2, y2 - height]
    .filter((top) => top >= 0 && top + height <= picture.height)
    .map((top): Place => [left, top, left + width, top + height]);
  const free = places.find((place) => !taken.some((other) => overlap(place, other)));
  return free ?? places[0] ?? [left, 0, left + width, height];
}

function overlap(a: Place, b: Place): boolean {
  return a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
}

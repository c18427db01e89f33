/**
 * The text of zones, masks and private areas:
 *
 *     door: 0.1,0.55 0.35,0.55 0.35,1 0.1,1; street (car, truck) 3s: 0,0.2 1,0.2 1,0.45 0,0.45
 *     0,0 1,0 1,0.1 0,0.1; person,car: 0.9,0.9 1,0.9 1,1; motion: 0,0.8 0.2,0.8 0.2,1
 *
 * A zone has a name, if wanted the labels that it is for in parentheses, if wanted the seconds that an object must stay, a colon and
 * its corners; `;` separates zones. A mask is its corners, if wanted after the labels that it is for (`motion` is one of them) and a
 * colon; a private area its corners alone. Corners are `x,y` from the top left, all in 0..1 of width and height or all in pixels. `none`
 * is no area.
 */
import type { Point } from '../geometry/box.js';
import { type Mask, MOTION } from '../geometry/masks.js';
import type { Polygon, Zone } from '../geometry/zones.js';
import { firstRepeated, isNone, list, quoted, shortened, Unexpected } from './values.js';

const CORNERS = 'three or more corners x,y separated by spaces, in 0..1 or in whole pixels';
const ZONE =
  'NAME: X,Y X,Y X,Y, or NAME 3s: … for a dwell time, or NAME (person, dog): … for some labels, separated by ;';
/** No camera has more pixels a side. */
const MAX_PIXEL = 16_384;
const MAX_DWELL_S = 3600;
/** In all areas of a setting: which pixels lie in them is found row by row, edge by edge. */
const MAX_CORNERS = 300;

/** @throws Unexpected where the text is no zones, or one appears twice. */
export function zones(text: string): Zone[] {
  if (isNone(text)) return [];
  const result = parts(text).map(zone);
  refuseTooMany(result.map(({ polygon }) => polygon));
  const repeated = firstRepeated(result.map(({ name }) => name));
  if (repeated !== undefined)
    throw new Unexpected('each zone once', `the zone ${shortened(repeated)} appears twice`);
  return result;
}

/** @throws Unexpected where the text is no masks. */
export function masks(text: string): Mask[] {
  if (isNone(text)) return [];
  return refuseTooMany(parts(text).map((part, index) => mask(part, `mask ${index + 1}`)));
}

/** The labels that masks name. */
export function maskedLabels(masks: readonly Mask[]): string[] {
  return masks.flatMap(({ only = [] }) => only).filter((label) => label !== MOTION);
}

/** @throws Unexpected where the text is no areas. */
export function privateAreas(text: string): Polygon[] {
  if (isNone(text)) return [];
  return refuseTooMany(parts(text).map((part, index) => polygon(part, `private area ${index + 1}`)));
}

function refuseTooMany<P extends Polygon>(areas: P[]): P[] {
  const count = areas.reduce((sum, { corners }) => sum + corners.length, 0);
  if (count > MAX_CORNERS) throw new Unexpected(`at most ${MAX_CORNERS} corners in all`, `received ${count}`);
  return areas;
}

/** The items between semicolons; one at the end is allowed. */
export function parts(text: string): string[] {
  const trimmed = text.trimEnd();
  const items = trimmed.endsWith(';') ? trimmed.slice(0, -1) : trimmed;
  return items.split(';').map((part) => part.trim());
}

function zone(text: string): Zone {
  const match = /^([A-Za-z0-9_-]+)(?:\s*\(([^()]*)\))?(?:\s+([0-9.]+)\s*s)?\s*:(.*)$/.exec(text);
  if (match === null) throw new Unexpected(ZONE, `received ${quoted(text)}`);
  const [, name = '', labels, seconds, corners = ''] = match;
  const dwell = Number(seconds ?? 0);
  if (!(dwell <= MAX_DWELL_S)) {
    throw new Unexpected(
      `a dwell time of 0 to ${MAX_DWELL_S} seconds`,
      `zone ${shortened(name)} has ${seconds}s`,
    );
  }
  return {
    name,
    dwell,
    polygon: polygon(corners, `zone ${name}`),
    ...(labels === undefined ? {} : { labels: list(labels) }),
  };
}

function mask(text: string, what: string): Mask {
  // A label may hold a colon, a corner none.
  const colon = text.lastIndexOf(':');
  if (colon < 0) return polygon(text, what);
  const only = list(text.slice(0, colon));
  return { ...polygon(text.slice(colon + 1), what), only };
}

function polygon(text: string, what: string): Polygon {
  const corners = text
    .trim()
    .split(/\s+/)
    .map((pair) => corner(pair, what));
  if (corners.length < 3) throw new Unexpected(CORNERS, `${what} has ${corners.length}`);
  const values = corners.flatMap(({ x, y }) => [x, y]);
  const unit = values.every((value) => value <= 1) ? 'share' : 'pixel';
  const wrong = values.find((value) => unit === 'pixel' && !Number.isInteger(value));
  if (wrong !== undefined) throw new Unexpected(CORNERS, `${what} has ${wrong} beside values above 1`);
  if (signedArea(corners) === 0)
    throw new Unexpected(CORNERS, `the corners of ${what} are on one line, or its edges cross`);
  return { corners, unit };
}

function corner(pair: string, what: string): Point {
  const match = /^(\d+(?:\.\d+)?|\.\d+),(\d+(?:\.\d+)?|\.\d+)$/.exec(pair);
  const x = Number(match?.[1]);
  const y = Number(match?.[2]);
  if (match === null || Math.max(x, y) > MAX_PIXEL) {
    throw new Unexpected(CORNERS, `${what} has ${quoted(pair)}`);
  }
  return { x, y };
}

/** The shoelace formula. */
function signedArea(corners: readonly Point[]): number {
  let before = corners.at(-1) as Point;
  let sum = 0;
  for (const corner of corners) {
    sum += before.x * corner.y - corner.x * before.y;
    before = corner;
  }
  return sum / 2;
}

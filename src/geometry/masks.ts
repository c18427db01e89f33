/** Areas in which some things do not count. */
import type { Polygon } from './zones.js';

/** What a mask names beside labels: it is for the measuring of motion. */
export const MOTION = 'motion';

export interface Mask extends Polygon {
  /** The labels that do not count there, and `motion`; absent: nothing counts there. */
  only?: readonly string[];
}

/** Whether something does not count in a mask: a label, or `motion`. */
export function isFor({ only }: Mask, what: string): boolean {
  return only === undefined || only.includes(what);
}

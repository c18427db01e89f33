/**
 * The text of filters:
 *
 *     person: threshold 0.5, area 0.002..0.5, aspect 0.2..1; *: area 0.001..
 *
 * A label or `*` for every other, a colon, and limits: the score, the box as a share of the picture, and its width by its
 * height. A range may be open at one end. `none` is no filter.
 */
import type { LabelFilter } from '../geometry/filters.js';
import { parts } from './areas.js';
import { firstRepeated, isNone, number, quoted, shortened, Unexpected } from './values.js';

const FILTER = 'LABEL: threshold 0.5, area 0.001..0.5, aspect 0.2..1, separated by ;';

/** @throws Unexpected where the text is no filters, or a label appears twice. */
export function filters(text: string): LabelFilter[] {
  if (isNone(text)) return [];
  const result = parts(text).map(filter);
  const repeated = firstRepeated(result.map(({ label }) => label));
  if (repeated !== undefined) throw new Unexpected('each label once', `${shortened(repeated)} appears twice`);
  return result;
}

function filter(text: string): LabelFilter {
  const colon = text.indexOf(':');
  const label = text.slice(0, Math.max(0, colon)).trim();
  const limits = text.slice(colon + 1);
  if (label === '' || label.includes(',')) throw new Unexpected(FILTER, `received ${quoted(text)}`);
  const result: LabelFilter = { label };
  for (const item of limits.split(',')) Object.assign(result, limit(item.trim(), label));
  return result;
}

function limit(item: string, label: string): Partial<LabelFilter> {
  const [, name, value = ''] = /^([a-z]+)\s+(\S+)$/.exec(item) ?? [];
  switch (name) {
    case 'threshold':
      return { threshold: number(0.01, 1)(value) };
    case 'area': {
      const [minArea, maxArea] = range(value, 1);
      return { ...(minArea === undefined ? {} : { minArea }), ...(maxArea === undefined ? {} : { maxArea }) };
    }
    case 'aspect': {
      const [minAspect, maxAspect] = range(value, 100);
      return {
        ...(minAspect === undefined ? {} : { minAspect }),
        ...(maxAspect === undefined ? {} : { maxAspect }),
      };
    }
    default:
      throw new Unexpected(FILTER, `${shortened(label)} has ${quoted(item)}`);
  }
}

/** `a..b`, `a..` or `..b`. */
function range(text: string, max: number): [number | undefined, number | undefined] {
  const expected = `a range such as 0.1..0.5, 0.1.. or ..0.5, of numbers from 0 to ${max}`;
  const match = /^([0-9.]{0,16}?)\.\.([0-9.]{0,16})$/.exec(text);
  const end = (part: string | undefined) => (part ? Number(part) : undefined);
  const [from, to] = [end(match?.[1]), end(match?.[2])];
  const valid = [from, to].every((value) => value === undefined || (value >= 0 && value <= max));
  if ((from === undefined && to === undefined) || !valid || (from ?? 0) > (to ?? max)) {
    throw new Unexpected(expected, `received ${quoted(text)}`);
  }
  return [from, to];
}

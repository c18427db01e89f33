/** The names of cameras: those of CAMERAS, and where that is missing or wrong, those that its mistake hides. */
import type { Mistake } from './mistake.js';
import type { EffectiveValue } from './source.js';
import { CAMERA_VARIABLES, cameraVariableName } from './table.js';
import { isCameraName } from './values.js';

/** Longest first, so that CAMERA_FRONT_MOTION_AREA is no AREA of front_motion. */
const SETTING_ENDS = Object.keys(CAMERA_VARIABLES)
  .sort((a, b) => b.length - a.length)
  .map((setting) => `_${setting}`);

/** What is longer than any list of cameras is not searched for names. */
const MAX_TEXT = 10_000;
/** Cameras that are guessed: each costs as much as one that is named. */
const MAX_GUESSED = 20;

/**
 * The cameras whose variables are read. A mistake in CAMERAS is reported for itself; the names that were probably meant are
 * still read, so that it hides no other mistake.
 * @param variables Every variable that is set.
 */
export function camerasToRead(
  cameras: EffectiveValue & { value: string[] | undefined },
  variables: readonly string[],
): string[] {
  if (cameras.value !== undefined) return distinct(cameras.value);
  const used = distinct(variables.flatMap(cameraOf)).slice(0, MAX_GUESSED);
  if (cameras.text === undefined) return used;
  const candidates = cameras.text
    .slice(0, MAX_TEXT)
    .split(',')
    .flatMap((part) => [part.trim(), identifier(part), ...part.split(/[^a-z0-9_-]+/i)]);
  const keys = new Set(used.map(keyOf));
  const meant = distinct(candidates.filter((name) => isCameraName(name) && keys.has(keyOf(name))));
  return meant.length > 0 ? meant : used;
}

/** `back yard` -> `back_yard`. */
export function identifier(text: string): string {
  return text.replace(/[^a-z0-9]+/gi, '_').replace(/^_+|_+$/g, '');
}

/** `CAMERA_BACK_YARD_URL` -> `back_yard`; nothing for other variables and for defaults of all cameras. */
function cameraOf(variable: string): string[] {
  const name = variable.replace(/_FILE$/, '');
  const end = SETTING_ENDS.find((ending) => name.endsWith(ending));
  if (end === undefined || !name.startsWith('CAMERA_')) return [];
  const camera = name.slice('CAMERA_'.length, -end.length);
  return camera === '' ? [] : [camera.toLowerCase()];
}

/** What two names share that lead to the same variables. */
function keyOf(name: string): string {
  return cameraVariableName(name, 'URL');
}

/** One name for each set of variables. */
function distinct(names: readonly string[]): string[] {
  return [...new Map(names.map((name) => [keyOf(name), name])).values()];
}

/** @param read As {@link camerasToRead} gives them. */
export function missingNames(read: readonly string[]): Mistake {
  const example = read.length === 0 ? 'front' : read.join(',');
  return {
    variable: 'CAMERAS',
    problem: 'not set',
    expected: `at least one camera name: CAMERAS=${example}`,
  };
}

/** Two names that lead to the same variables, such as back-yard and back_yard. */
export function sameVariables(names: readonly string[]): Mistake[] {
  return names.flatMap((name, index) => {
    const earlier = names.slice(0, index).find((other) => keyOf(other) === keyOf(name));
    if (earlier === undefined) return [];
    return [
      {
        variable: 'CAMERAS',
        problem: `${earlier} and ${name} would both read ${keyOf(name)}`,
        expected: 'names that differ in more than case, - and _',
      },
    ];
  });
}

/** Finds variables that nobody reads: most of them are typing errors. */
import { distance } from 'fastest-levenshtein';
import type { EnvEntry } from './env-file.js';
import type { Mistake } from './mistake.js';
import type { Settings } from './setting.js';
import {
  CAMERA_VARIABLES,
  cameraDefaultName,
  cameraVariableName,
  MQTT_VARIABLES,
  mqttVariableName,
  NODE_VARIABLES,
} from './table.js';

/** Every name that is read when `cameras` are configured. */
export function knownNames(cameras: readonly string[]): Set<string> {
  const names = new Set<string>();
  const add = <R extends Settings>(rows: R, nameOf: (name: keyof R & string) => string) => {
    for (const [name, { secret }] of Object.entries(rows)) {
      names.add(nameOf(name));
      if (secret) names.add(`${nameOf(name)}_FILE`);
    }
  };
  add(NODE_VARIABLES, (name) => name);
  add(MQTT_VARIABLES, mqttVariableName);
  add(CAMERA_VARIABLES, cameraDefaultName);
  for (const camera of cameras) add(CAMERA_VARIABLES, (name) => cameraVariableName(camera, name));
  return names;
}

/**
 * A mistake for every unknown name of the file, and for every unknown CAMERA_… of the process environment (which is
 * otherwise full of names that are none of ghostcam's business).
 */
export function unknownVariables(
  fileEntries: ReadonlyMap<string, EnvEntry>,
  environment: Readonly<Record<string, string | undefined>>,
  cameras: readonly string[],
): Mistake[] {
  const known = knownNames(cameras);
  const found = [...fileEntries].map(([name, { origin }]) => ({ name, origin }));
  for (const name of Object.keys(environment)) {
    if (name.startsWith('CAMERA_') && !fileEntries.has(name)) found.push({ name, origin: 'environment' });
  }
  return found
    .filter(({ name }) => !known.has(name))
    .map(({ name, origin }, index) => {
      const hint = index < MAX_SUGGESTIONS ? suggest(name, known) : {};
      const problem = 'not a variable of ghostcam';
      if (hint.suggestion !== undefined || LOOKS_LIKE_A_NAME.test(name))
        return { variable: name, origin, problem, ...hint };
      return { variable: origin, problem, expected: 'the name of a variable, in capitals' };
    });
}

/** A line that is the end of a password, `hunter2=`, reads as the name of a variable, and is not repeated. */
const LOOKS_LIKE_A_NAME = /^[A-Z][A-Z0-9_]{0,99}$|^CAMERA_\w{1,99}$/;

/** A file with more unknown names is none of ours, and a suggestion compares with every known name. */
const MAX_SUGGESTIONS = 100;
const MAX_NAME_LENGTH = 100;

function suggest(name: string, known: ReadonlySet<string>): Pick<Mistake, 'suggestion' | 'expected'> {
  const nearest = closest(name, [...known]);
  if (nearest !== undefined) return { suggestion: nearest };
  if (name.startsWith('CAMERA_'))
    return { expected: 'the name of a camera listed in CAMERAS and a known setting' };
  return {};
}

/** The candidate at the smallest edit distance, when it is near enough to be what was meant. */
export function closest(word: string, candidates: readonly string[]): string | undefined {
  if (word.length > MAX_NAME_LENGTH) return undefined;
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(word.length / 4)) + 1;
  for (const candidate of candidates) {
    const edits = distance(word.toUpperCase(), candidate.toUpperCase());
    if (edits < bestDistance) [best, bestDistance] = [candidate, edits];
  }
  return best;
}

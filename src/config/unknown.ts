/** Finds variables that nobody reads: most of them are typing errors. */
import { distance } from 'fastest-levenshtein';
import type { EnvEntry } from './env-file.js';
import { isLikelyName } from './likely-name.js';
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

/** What other programs call it. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(['HOST', 'SERVER', 'BROKER', 'PORT'].map((name) => [`MQTT_${name}`, 'MQTT_URL'])),
  MQTT_USER: 'MQTT_USERNAME',
};

/** Every name that is read when `cameras` are configured, with its beginning that others share. */
function knownNames(cameras: readonly string[]): Map<string, string> {
  const names = new Map<string, string>();
  const add = <R extends Settings>(rows: R, nameOf: (name: keyof R & string) => string) => {
    for (const [name, { secret }] of Object.entries(rows)) {
      const beginning = nameOf(name).slice(0, -name.length);
      names.set(nameOf(name), beginning);
      if (secret) names.set(`${nameOf(name)}_FILE`, beginning);
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
      // What is in the environment is the name of a variable; a line of the file may be the end of a password.
      if (hint.suggestion !== undefined || origin === 'environment' || isLikelyName(name))
        return { variable: name, origin, problem, ...hint };
      return { variable: origin, problem, expected: 'the name of a variable, in capitals' };
    });
}

/** A file with more unknown names is none of ours, and a suggestion compares with every known name. */
const MAX_SUGGESTIONS = 100;
const MAX_NAME_LENGTH = 100;

function suggest(name: string, known: ReadonlyMap<string, string>): Pick<Mistake, 'suggestion' | 'expected'> {
  const nearest = OTHER_NAMES[name.toUpperCase()] ?? closestName(name, known);
  if (nearest !== undefined) return { suggestion: nearest };
  if (name.startsWith('CAMERA_'))
    return { expected: 'the name of a camera listed in CAMERAS and a known setting' };
  return {};
}

/** What is alike in all names of a camera or of MQTT says nothing of which was meant. */
function closestName(name: string, known: ReadonlyMap<string, string>): string | undefined {
  const word = name.toUpperCase();
  return nearest(name, known.keys(), (candidate) => {
    const shared = [known.get(candidate) ?? '', 'CAMERA_'].find(
      (start) => word.startsWith(start) && candidate.startsWith(start),
    );
    const from = shared?.length ?? 0;
    const [own, theirs] = [word.slice(from), candidate.slice(from)];
    const edits = distance(own, theirs);
    return edits <= Math.round(own.length / 4) || sorted(own) === sorted(theirs) ? edits : undefined;
  });
}

/** Letters that were swapped are one error, but two edits. */
function sorted(text: string): string {
  return [...text].sort().join('');
}

/** The candidate at the smallest edit distance, when it is near enough to be what was meant. */
export function closest(word: string, candidates: readonly string[]): string | undefined {
  const most = Math.max(2, Math.floor(word.length / 4));
  return nearest(word, candidates, (candidate) => {
    const edits = distance(word.toUpperCase(), candidate.toUpperCase());
    return edits <= most ? edits : undefined;
  });
}

/** @param editsTo How far a candidate is from the word; undefined: too far to have been meant. */
function nearest(
  word: string,
  candidates: Iterable<string>,
  editsTo: (candidate: string) => number | undefined,
): string | undefined {
  if (word.length > MAX_NAME_LENGTH) return undefined;
  let best: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const edits = editsTo(candidate);
    if (edits !== undefined && edits < least) [best, least] = [candidate, edits];
  }
  return best;
}

/** Settings of one camera that are tried while the daemon runs: lines as the env file would have them, which no file holds. */
import { parseEnvFile } from './env-file.js';
import { namedLabels, unknownLabels, unreportedZoneLabels } from './labels.js';
import type { Mistake } from './mistake.js';
import { VariableSource } from './source.js';
import { CAMERA_VARIABLES, cameraVariableName } from './table.js';
import type { CameraConfig, Config } from './types.js';
import { shortened } from './values.js';

const { ZONES, MASKS, PRIVACY, FILTERS } = CAMERA_VARIABLES;
/** What is drawn over a picture. All of it takes effect at once, and none of it is a secret. */
const ROWS = { ZONES, MASKS, PRIVACY, FILTERS };
type Tried = keyof typeof ROWS;

/** Where a mistake is that has no variable. */
const LINES = 'the lines';

/**
 * The configuration with a camera as the lines say; what they do not name stays as it is.
 * @param text `NAME=value` lines of that camera's areas and size limits.
 * @param labels Those of the model.
 * @returns Every mistake at once; with one of them the configuration is not to be used.
 */
export function withTrial(
  config: Config,
  camera: string,
  text: string,
  labels: readonly string[],
): { config: Config; mistakes: Mistake[] } {
  const { entries, mistakes } = parseEnvFile(text, LINES);
  const variable = (name: Tried) => cameraVariableName(camera, name);
  const names = (Object.keys(ROWS) as Tried[]).map(variable);
  const expected = `lines of ${names.join(', ')}`;
  for (const [name, { value, origin }] of entries) {
    if (!names.includes(name))
      mistakes.push({ variable: shortened(name), origin, problem: 'it cannot be tried', expected });
    else if (value === '')
      mistakes.push({ variable: name, origin, problem: 'it has no value', expected: 'none, or a value' });
  }
  if (entries.size === 0 && mistakes.length === 0)
    mistakes.push({ variable: LINES, problem: 'there are none', expected });
  const { values, found } = new VariableSource(entries, {}, mistakes).readAll(ROWS, (name) => [
    variable(name),
  ]);
  const old = config.cameras.find(({ name }) => name === camera);
  if (old === undefined) {
    const cameras = config.cameras.map(({ name }) => name).join(', ');
    return {
      config,
      mistakes: [{ variable: camera, problem: 'there is no such camera', expected: cameras }],
    };
  }
  const tried: CameraConfig = {
    ...old,
    ...(found.ZONES.text === undefined ? {} : { zones: values.zones }),
    ...(found.MASKS.text === undefined ? {} : { masks: values.masks }),
    ...(found.PRIVACY.text === undefined ? {} : { privacy: values.privacy }),
    ...(found.FILTERS.text === undefined ? {} : { filters: values.filters }),
  };
  mistakes.push(
    ...unknownLabels({ namedLabels: Object.values(found).flatMap(namedLabels) }, labels),
    ...unreportedZoneLabels(tried, {
      ZONES: found.ZONES,
      LABELS: { name: cameraVariableName(camera, 'LABELS') },
    }),
  );
  return { config: withCamera(config, tried), mistakes };
}

/** The configuration with another one of its cameras of this name. */
export function withCamera(config: Config, camera: CameraConfig): Config {
  const cameras = config.cameras.map((old) => (old.name === camera.name ? camera : old));
  return { ...config, cameras };
}

/** What the documents say of the settings, from the table of settings. */
import type { Applied, Setting, Settings } from '../../src/config/setting.js';
import {
  CAMERA_VARIABLES,
  cameraDefaultName,
  cameraVariableName,
  MQTT_VARIABLES,
  mqttVariableName,
  NODE_VARIABLES,
} from '../../src/config/table.js';

const LINE_WIDTH = 120;

/** A setting under the name that documents show. */
interface Documented {
  name: string;
  row: Setting;
}

interface Section {
  title: string;
  introduction: string;
  settings: Documented[];
}

function documented<R extends Settings>(rows: R, nameOf: (name: keyof R & string) => string): Documented[] {
  return Object.entries(rows).map(([name, row]) => ({ name: nameOf(name), row }));
}

const CAMERA: Section = {
  title: 'Cameras',
  introduction:
    'Each setting exists for one camera, as CAMERA_FRONT_FPS, and without the name, as CAMERA_FPS, as the default of all cameras.',
  settings: documented(CAMERA_VARIABLES, (name) => cameraDefaultName(name)),
};
const MQTT: Section = {
  title: 'MQTT',
  introduction: 'The connection to the broker.',
  settings: documented(MQTT_VARIABLES, mqttVariableName),
};
const NODE: Section = {
  title: 'Node',
  introduction: 'What holds for the whole program.',
  settings: documented(NODE_VARIABLES, (name) => name),
};

/** Every setting, a camera's by the name of its default for all cameras. */
export const ALL_SETTINGS: readonly Documented[] = [NODE, MQTT, CAMERA].flatMap(({ settings }) => settings);

/** `CAMERA_FPS` -> `CAMERA_[NAME_]FPS`. */
export function nameInTables(name: string): string {
  return name.replace(/^CAMERA_/, 'CAMERA_[NAME_]');
}

const APPLIED: Record<Applied, string> = {
  live: 'at once',
  camera: 'restarts the camera',
  process: 'at the next start',
};

/** One line of a Markdown table. */
export function tableRow({ name, row }: Documented, detailed = false): string {
  const value = row.defaultShown ?? (row.default === undefined ? '' : `\`${row.default}\``);
  const meaning = detailed ? sentences(row).join(' ') : row.description;
  const applied = detailed ? ` ${APPLIED[row.applied]} |` : '';
  return `| \`${nameInTables(name)}\` | ${value} | ${meaning} |${applied}`;
}

/** All that is said of a setting. */
function sentences({ description, details, parse: { range } }: Setting): string[] {
  const said = details === undefined ? [`${description}.`] : [`${description}.`, details];
  const limits = range?.join(' to ');
  return limits === undefined || description.includes(limits) ? said : [...said, `${limits}.`];
}

/** README with each row of its tables as the table of settings has it. */
export function withTableRows(readme: string): string {
  const rows = new Map(ALL_SETTINGS.map((setting) => [nameInTables(setting.name), tableRow(setting)]));
  return readme.replaceAll(/^\| `([^`]+)` \|.*$/gm, (line, name: string) => rows.get(name) ?? line);
}

/** docs/settings.md */
export function settingsPage(): string {
  const tables = [CAMERA, MQTT, NODE].map(({ title, introduction, settings }) => [
    `## ${title}`,
    '',
    introduction,
    '',
    '| variable | default | meaning | a change takes effect |',
    '|---|---|---|---|',
    ...settings.map((setting) => tableRow(setting, true)),
    '',
  ]);
  return [
    '# Settings',
    '',
    'One `NAME=value` a line in the env file, in quotes, `NAME="value"`, where a `#` after a space is part of the value; the variables of the',
    'process override it. `npm run docs:settings` writes this page from the program’s own table, `src/config/table.ts`.',
    '',
    ...tables.flat().map((line) => line.replaceAll('docs/cameras.md', '[cameras.md](cameras.md)')),
    'A value that holds a credential may be given as `NAME_FILE` instead, the path of a file that holds it:',
    `${secretNames().join(', ')}.`,
    '',
    '## Reload',
    '',
    '`sudo systemctl reload ghostcam`, or SIGHUP to the process, reads the env file and the files that it names for secrets anew. The tables say',
    'how a change takes effect. Cameras are added and removed. What has not changed is not touched: such a camera keeps its stream, its tracks and',
    'its events. Where a camera is restarted, its events end.',
    '',
    'A file with any mistake changes nothing: the settings of before hold, and the log and the topic `info` name every mistake. What takes effect at the',
    'next start only is named there too. What was set over MQTT holds until the file has another value for it than before; a command that is published',
    'retained stands above the file. Variables of the process, as containers have them, cannot be read anew.',
    '',
  ].join('\n');
}

function secretNames(): string[] {
  return ALL_SETTINGS.filter(({ row }) => row.secret === true).map(
    ({ name }) => `\`${nameInTables(name)}_FILE\``,
  );
}

const EXAMPLE_HEAD = `# ghostcam: one line for each setting. Lines that begin with # are comments; a commented setting shows its default, those of the
# camera front an example: take away the # and write your own.
# A value with a space before a # wants quotes: NAME="value". After a change: \`sudo ghostcam check\`, then \`sudo systemctl
# reload ghostcam\`; what concerns the whole program, from MQTT_URL below on, wants \`sudo systemctl restart ghostcam\`.
# Any secret may be kept in a file of its own instead: MQTT_PASSWORD_FILE=/path holds what MQTT_PASSWORD would.
# Docker's own --env-file keeps quotes as part of a value: write none where it reads this file.
`;

/** Instead of a default. Commented as all others: `cameras --write` adds to what is there, and nobody has this camera. */
export const EXAMPLES: Readonly<Record<string, string>> = {
  CAMERAS: 'front',
  [cameraVariableName('front', 'URL')]: 'rtsp://192.168.1.20:554/stream2',
  [cameraVariableName('front', 'USERNAME')]: 'viewer',
  [cameraVariableName('front', 'PASSWORD')]: 'secret',
};

/** deploy/ghostcam.env.example */
export function exampleFile(): string {
  const [cameras, ...node] = NODE.settings;
  const front = (['URL', 'USERNAME', 'PASSWORD'] as const).map((name) => ({
    name: cameraVariableName('front', name),
    row: CAMERA_VARIABLES[name],
  }));
  const first = [cameras, ...front].flatMap((setting) =>
    setting === undefined ? [] : exampleLines(setting),
  );
  const sections = [CAMERA, MQTT, { ...NODE, settings: node }].flatMap(
    ({ title, introduction, settings }) => [
      ruler(title),
      '',
      ...comment(introduction),
      '',
      ...settings.flatMap(exampleLines),
      '',
    ],
  );
  return [EXAMPLE_HEAD, ...first, '', ...sections].join('\n');
}

function ruler(title: string): string {
  return `# --- ${title} `.padEnd(LINE_WIDTH, '-');
}

function exampleLines({ name, row }: Documented): string[] {
  const unset = row.defaultShown === undefined ? [] : [`Unset: ${row.defaultShown}.`];
  const text = [...sentences(row), ...unset].join(' ');
  const shown = row.defaultShown === undefined ? (row.default ?? '') : '';
  return [...comment(text), `#${name}=${EXAMPLES[name] ?? shown}`];
}

/** The text in lines that begin with `# `. */
function comment(text: string): string[] {
  const lines: string[] = [];
  let line = '#';
  for (const word of text.replaceAll(/[“”]/g, '"').replaceAll('’', "'").split(' ')) {
    if (line.length + 1 + word.length > LINE_WIDTH) {
      lines.push(line);
      line = '#';
    }
    line += ` ${word}`;
  }
  return [...lines, line];
}

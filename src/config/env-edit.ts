/** Writes cameras into the text of an env file, of which every other line stays as it is. */
import { parseEnvFile } from './env-file.js';
import { type CameraSetting, cameraVariableName } from './table.js';
import { Unexpected } from './values.js';

export interface NewCamera {
  name: string;
  settings: Partial<Record<CameraSetting, string>>;
}

/** The lines of a camera, without a line break at the end. */
export function cameraLines({ name, settings }: NewCamera): string[] {
  return Object.entries(settings).map(
    ([setting, value]) => `${cameraVariableName(name, setting as CameraSetting)}=${quoteValue(value)}`,
  );
}

/** The text with the cameras in its CAMERAS and their settings at its end. */
export function addCameras(text: string, cameras: readonly NewCamera[]): string {
  const names = cameras.map(({ name }) => name);
  const present = parseEnvFile(text, '').entries.get('CAMERAS');
  // Lines and, between them, what ends each, as parseEnvFile sees them.
  const parts = text.split(/(\r\n|[\r\n])/);
  const end = parts[1] ?? '\n';
  const added = cameras.flatMap((camera) => ['', ...cameraLines(camera)]);
  if (present === undefined) added.unshift(`CAMERAS=${names.join(',')}`);
  else {
    const index = Number(present.origin.slice(1)) - 1;
    parts[2 * index] = `CAMERAS=${[...(present.value === '' ? [] : [present.value]), ...names].join(',')}`;
  }
  if (parts.at(-1) !== '') parts.push(end);
  return `${parts.join('')}${added.join(end)}${end}`;
}

/** As {@link parseEnvFile} reads it back. Throws Unexpected for what no quoting can hold. */
function quoteValue(value: string): string {
  const quote = ['', '"', "'"].find((quote) => {
    const { entries } = parseEnvFile(`X=${quote}${value}${quote}`, '');
    return entries.size === 1 && entries.get('X')?.value === value;
  });
  if (quote === undefined) {
    throw new Unexpected(
      'a value without line breaks that does not need both kinds of quotes',
      'it holds both kinds of quotes',
    );
  }
  return quote + value + quote;
}

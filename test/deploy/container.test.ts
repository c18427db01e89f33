/** deploy/container: what the compose file and the image say of each other. Text alone: test/boards/image.mjs carries the steps out. */
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { stateFolder } from '../../src/cli/state-folder.js';

const FOLDER = 'deploy/container';
const { services, volumes } = parse(readFileSync(`${FOLDER}/compose.yaml`, 'utf8'));
const { command, environment, volumes: mounts } = services.ghostcam;
/** Target -> source. */
const sources = new Map<string, string>(
  mounts.map((mount: string) => mount.split(':')).map(([source, target]: string[]) => [target, source]),
);

test('the env file lies in a mounted folder: one that an editor replaced is seen, and read at a reload', () => {
  const envFile: string = command[command.indexOf('--env-file') + 1];
  expect([...sources.keys()]).toContain(dirname(envFile));
  expect([...sources.keys()]).not.toContain(envFile);
});

test('what a start has found out outlasts the container, in a folder that the image makes for its user', () => {
  const folder = stateFolder(environment);
  const source = sources.get(folder ?? '');
  expect(Object.keys(volumes)).toContain(source);
  const image = readFileSync(`${FOLDER}/Dockerfile`, 'utf8');
  const [, user, group] = /^USER (\d+):(\d+)$/m.exec(image) ?? [];
  expect(image).toContain(`install -d -o ${user} -g ${group} ${folder}\n`);
});

test('the time zone is the machine’s to say', () => {
  expect(environment.TZ).toMatch(/^\$\{TZ:-/);
});

/** deploy/install.sh runs as root: what it refuses, before anything is asked of apt or npm. test/boards shows that it installs. */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const INSTALLER = resolve('deploy/install.sh');
let folder: string;
let calls: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ghostcam-install-'));
  calls = join(folder, 'calls');
  mkdirSync(join(folder, 'bin'));
  mkdirSync(join(folder, 'package'));
  // In place of the real ones, so that a mistake of the script does not change this machine.
  for (const name of ['apt-get', 'npm', 'systemctl', 'install', 'rm']) {
    const path = join(folder, 'bin', name);
    writeFileSync(path, `#!/bin/sh\necho "${name} $*" >>'${calls}'\n`);
    chmodSync(path, 0o755);
  }
  const pack = (name: string, manifest: object) => {
    writeFileSync(join(folder, 'package', 'package.json'), JSON.stringify(manifest, null, 2));
    spawnSync('tar', ['-czf', name, 'package/package.json'], { cwd: folder });
  };
  pack('ghostcam-0.1.0.tgz', { name: 'ghostcam', version: '0.1.0' });
  pack('other-0.1.0.tgz', { name: 'other', version: '0.1.0', homepage: 'ghostcam' });
  writeFileSync(join(folder, 'noise.tgz'), 'no archive');
});
afterAll(() => rmSync(folder, { recursive: true }));

function install(...args: string[]) {
  const { status, stderr } = spawnSync('sh', [INSTALLER, ...args], {
    cwd: folder,
    env: { ...process.env, PATH: `${join(folder, 'bin')}:${process.env.PATH}` },
    encoding: 'utf8',
  });
  return { status, stderr };
}

test.each<[string, string[], RegExp]>([
  ['nothing', [], /usage: sudo sh install\.sh ghostcam-VERSION\.tgz/],
  ['two packages', ['ghostcam-0.1.0.tgz', 'ghostcam-0.1.0.tgz'], /usage/],
  ['the name of a package', ['ghostcam'], /there is no file ghostcam; usage/],
  ['a version of it', ['ghostcam@latest'], /there is no file/],
  ['an address', ['https://example.invalid/ghostcam-0.1.0.tgz'], /there is no file/],
  ['a repository', ['someone/ghostcam'], /there is no file/],
  ['a folder', ['package'], /there is no file/],
  ['a file that is missing', ['./ghostcam-9.9.9.tgz'], /there is no file/],
  ['another package', ['other-0.1.0.tgz'], /is no package of ghostcam: make one with npm run release/],
  ['no archive', ['noise.tgz'], /is no package of ghostcam/],
  ['an option that there is not', ['--upgrade'], /usage/],
])('%s is refused, and nothing is installed', (_, args, message) => {
  const { status, stderr } = install(...args);
  expect([status, stderr]).toEqual([1, expect.stringMatching(message)]);
  expect(existsSync(calls)).toBe(false);
});

test('a package of ghostcam gets past the check', () => {
  install('ghostcam-0.1.0.tgz');
  expect(existsSync(calls)).toBe(true);
});

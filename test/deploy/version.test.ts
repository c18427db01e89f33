/** `npm run release:version` in a copy of the files that it changes: one step makes version, changelog, commit and tag. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { execute } from '../support/execute.js';

const FILES = [
  ...[
    'package.json',
    'npm-shrinkwrap.json',
    'CHANGELOG.md',
    'README.md',
    'docs/boards.md',
    'scripts/release',
  ],
  ...['deploy/homeassistant/addon/config.yaml', 'deploy/fleet/kubernetes.yaml'],
];

test('everything that names the version follows, in one tagged commit', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ghostcam-version-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const file of FILES) cpSync(file, join(folder, file), { recursive: true });
  const git = (...args: string[]) =>
    execute('git', ['-C', folder, '-c', 'user.name=Test', '-c', 'user.email=test@localhost', ...args]);
  await git('init', '--quiet');
  await git('config', 'user.name', 'Test');
  await git('config', 'user.email', 'test@localhost');
  await git('add', '.');
  await git('commit', '--quiet', '--message', 'Begin');

  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  execFileSync(process.execPath, ['scripts/release/version.mjs', '7.8.9'], { cwd: folder });

  const read = (file: string) => readFileSync(join(folder, file), 'utf8');
  expect(JSON.parse(read('package.json')).version).toBe('7.8.9');
  expect(JSON.parse(read('npm-shrinkwrap.json')).version).toBe('7.8.9');
  expect(read('CHANGELOG.md')).toMatch(/^## Unreleased\n\n## 7\.8\.9 \(\d{4}-\d\d-\d\d\)\n\n### /m);
  expect(read('deploy/homeassistant/addon/config.yaml')).toContain('\nversion: 7.8.9\n');
  expect(read('deploy/fleet/kubernetes.yaml')).toMatch(/ghostcam:7\.8\.9$/m);
  expect(read('README.md')).toContain('ghostcam_7.8.9_arm64.deb');
  for (const page of ['README.md', 'docs/boards.md'])
    expect(read(page)).not.toMatch(new RegExp(`ghostcam[-_]${version.replaceAll('.', '\\.')}`));
  expect(await git('tag', '--points-at', 'HEAD')).toBe('v7.8.9\n');
  expect(await git('status', '--porcelain')).toBe('');
});

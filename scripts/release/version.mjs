// A new version, as one step: writes it into package.json, npm-shrinkwrap.json and what else names it, makes what is unreleased in
// CHANGELOG.md that version's, commits and tags.
// Usage: npm run release:version -- 0.2.0      (in a checkout without changes)
import { readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { execute } from './execute.mjs';

const version = process.argv[2];
if (!/^\d+\.\d+\.\d+(-[a-z]+\.\d+)?$/.test(version ?? '')) {
  console.error('usage: npm run release:version -- MAJOR.MINOR.PATCH');
  process.exit(64);
}
const date = new Date().toISOString().slice(0, 10);
if (execute('git', ['status', '--porcelain']) !== '') {
  console.error('version.mjs: the checkout has changes: commit them first');
  process.exit(1);
}

/** [file, what is there, what shall be there]. */
const CHANGES = [
  ['CHANGELOG.md', /^## Unreleased\n/m, `## Unreleased\n\n## ${version} (${date})\n`],
  ['CHANGELOG.md', / Nothing is released yet\./, ''],
  ['deploy/homeassistant/addon/config.yaml', /^version: .*$/m, `version: ${version}`],
  ['deploy/fleet/kubernetes.yaml', /(ghostcam:)\d[\w.-]*$/m, `$1${version}`],
  ...['README.md', 'docs/boards.md'].map((file) => [
    file,
    /(ghostcam[-_])\d+\.\d+\.\d+(?:-[a-z]+\.\d+)?(?=[-_])/g,
    `$1${version}`,
  ]),
];

execute('npm', ['version', '--no-git-tag-version', '--ignore-scripts', version]);
for (const [file, pattern, replacement] of CHANGES) {
  writeFileSync(file, readFileSync(file, 'utf8').replace(pattern, replacement));
}
if (!readFileSync('CHANGELOG.md', 'utf8').includes(`## ${version} (`)) {
  console.error('version.mjs: CHANGELOG.md has no line "## Unreleased" that the version could follow');
  process.exit(1);
}
execute('git', ['add', 'package.json', 'npm-shrinkwrap.json', ...new Set(CHANGES.map(([file]) => file))]);
execute('git', ['commit', '--quiet', '--message', `Version ${version}`]);
execute('git', ['tag', '--annotate', '--message', `Version ${version}`, `v${version}`]);

// A new version, as one step: `npm version 0.2.0` writes it into package.json and npm-shrinkwrap.json, runs this, commits and tags v0.2.0.
// Here: what is unreleased in CHANGELOG.md becomes that version's, and what else names the version follows.
import { readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { execute } from './execute.mjs';

const version = process.env.npm_new_version;
const date = new Date().toISOString().slice(0, 10);

/** [file, what is there, what shall be there]. */
const CHANGES = [
  ['CHANGELOG.md', /^## Unreleased\n/m, `## Unreleased\n\n## ${version} (${date})\n`],
  ['CHANGELOG.md', / Nothing is released yet\./, ''],
  ['deploy/homeassistant/addon/config.yaml', /^version: .*$/m, `version: ${version}`],
  ['deploy/fleet/kubernetes.yaml', /(ghostcam:)\d[\w.-]*$/m, `$1${version}`],
  ['README.md', /(ghostcam[-_])\d+\.\d+\.\d+(?:-[a-z]+\.\d+)?(?=[-_])/g, `$1${version}`],
];

for (const [file, pattern, replacement] of CHANGES) {
  writeFileSync(file, readFileSync(file, 'utf8').replace(pattern, replacement));
}
if (!readFileSync('CHANGELOG.md', 'utf8').includes(`## ${version} (`)) {
  console.error('version.mjs: CHANGELOG.md has no line "## Unreleased" that the version could follow');
  process.exit(1);
}
execute('git', ['add', ...new Set(CHANGES.map(([file]) => file))]);

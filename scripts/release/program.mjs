// The folder that is unpacked on a board: ghostcam and Node, and what they need for this processor alone.
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { addNode } from './node-binary.mjs';
import { copyPackage, installDependencies } from './npm-package.mjs';
import { ROOT, releaseName, WORK } from './targets.mjs';

/** Of the package, what only npm or other systems use. */
const NOT_NEEDED = ['binding.gyp', 'deploy', 'docs', 'native', 'npm-shrinkwrap.json', 'README.md'];
/** Of dependencies, what no running program reads: types, maps of sources, pages, tools' settings, tests, and mqtt.js and xml2js for browsers. */
const NOT_READ = [
  /\.([cm]?ts|html|map|markdown|md|tsbuildinfo)$/,
  /(^|\/)\.[^/]+$/,
  /^(.*\/node_modules\/)?(@[^/]+\/)?[^/]+\/(\.github|benchmarks?|docs|examples?|tests?|\.husky)\//,
  /^mqtt\/dist\//,
  /^xml2js\/lib\/xml2js\.bc\.js$/,
];
const LICENCE = /licen[cs]e|notice|copying/i;

const LAUNCHER = `#!/bin/sh
# Runs ghostcam with the Node beside it, from wherever this folder lies and whatever links here.
here=$(dirname "$(readlink -f "$0")")
exec "$here/node" -- "$here/lib/dist/main.js" "$@"
`;

/** @returns The folder. */
export function makeProgram(target, packageFolder) {
  const folder = join(WORK, releaseName(target));
  const lib = join(folder, 'lib');
  copyPackage(packageFolder, lib);
  for (const name of NOT_NEEDED) rmSync(join(lib, name), { recursive: true, force: true });
  installDependencies(lib, target.arch);
  rmSync(join(lib, 'npm-shrinkwrap.json'), { force: true });
  rmSync(join(lib, 'package-lock.json'), { force: true });
  dropUnread(join(lib, 'node_modules'));
  mergeLicences(lib, folder);

  addNode(target, folder);
  writeFileSync(join(folder, 'ghostcam'), LAUNCHER);
  for (const name of ['README.md', 'CHANGELOG.md', 'deploy/ghostcam.env.example']) {
    copyFileSync(join(ROOT, name), join(folder, name.split('/').at(-1)));
  }
  for (const name of ['ghostcam', 'node']) chmodSync(join(folder, name), 0o755);
  return folder;
}

function dropUnread(modules) {
  for (const entry of readdirSync(modules, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = path.slice(modules.length + 1);
    if (entry.isFile() && NOT_READ.some((pattern) => pattern.test(name)) && !LICENCE.test(entry.name))
      rmSync(path);
  }
}

/** LICENSE and NOTICE lie where people look for them. */
function mergeLicences(lib, folder) {
  mkdirSync(folder, { recursive: true });
  for (const name of ['LICENSE', 'NOTICE']) {
    writeFileSync(join(folder, name), readFileSync(join(lib, name)));
    rmSync(join(lib, name));
  }
}

// The folder that is unpacked on a board: ghostcam and Node, and what they need for this processor alone.
import { chmodSync, copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { addNode } from './node-binary.mjs';
import { copyPackage, installDependencies } from './npm-package.mjs';
import { ROOT, releaseName, WORK } from './targets.mjs';
import { dropUnused } from './used-files.mjs';

/** README and what it leads to, by paths in the checkout, which are those in the folder. */
export const DOCUMENTS = [
  'README.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'docs',
  'deploy',
  'models/MODEL_CARD.md',
];
/** Of the package, what only npm or other systems use, and what lies at the folder's top. */
const NOT_NEEDED = ['binding.gyp', 'deploy', 'docs', 'native', 'npm-shrinkwrap.json', 'README.md'];

/** What the program's first line says: variables of its environment, and options of Node. */
const [, VARIABLES, OPTIONS] = /^#!\/usr\/bin\/env -S (.*?)\bnode (.+)/.exec(
  readFileSync(join(ROOT, 'src/main.ts'), 'utf8'),
);
export const LAUNCHER = `#!/bin/sh
# Runs ghostcam with the Node beside it, from wherever this folder lies and whatever links here.
here=$(dirname "$(readlink -f "$0")")
exec env ${VARIABLES}"$here/node" ${OPTIONS} "$here/lib/dist/main.js" "$@"
`;

/** @returns The folder. */
export async function makeProgram(target, packageFolder) {
  const folder = join(WORK, releaseName(target));
  const lib = join(folder, 'lib');
  copyPackage(packageFolder, lib);
  for (const name of NOT_NEEDED) rmSync(join(lib, name), { recursive: true, force: true });
  installDependencies(lib, target.arch);
  rmSync(join(lib, 'npm-shrinkwrap.json'), { force: true });
  rmSync(join(lib, 'package-lock.json'), { force: true });
  await dropUnused(lib);
  mergeLicences(lib, folder);

  addNode(target, folder);
  writeFileSync(join(folder, 'ghostcam'), LAUNCHER);
  for (const name of DOCUMENTS) cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  copyFileSync(join(ROOT, 'deploy/ghostcam.env.example'), join(folder, 'ghostcam.env.example'));
  for (const name of ['ghostcam', 'node']) chmodSync(join(folder, name), 0o755);
  return folder;
}

/** LICENSE and NOTICE lie where people look for them. */
function mergeLicences(lib, folder) {
  mkdirSync(folder, { recursive: true });
  for (const name of ['LICENSE', 'NOTICE']) {
    writeFileSync(join(folder, name), readFileSync(join(lib, name)));
    rmSync(join(lib, name));
  }
}

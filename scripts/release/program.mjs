// The folder that is unpacked on a board: ghostcam and Node, and what they need for this processor alone.
import { chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { addNode } from './node-binary.mjs';
import { copyPackage, installDependencies } from './npm-package.mjs';
import { ROOT, releaseName, WORK } from './targets.mjs';
import { dropUnused } from './used-files.mjs';

/** Of the package, what only npm or other systems use. */
const NOT_NEEDED = ['binding.gyp', 'deploy', 'docs', 'native', 'npm-shrinkwrap.json', 'README.md'];

const LAUNCHER = `#!/bin/sh
# Runs ghostcam with the Node beside it, from wherever this folder lies and whatever links here.
here=$(dirname "$(readlink -f "$0")")
exec "$here/node" -- "$here/lib/dist/main.js" "$@"
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
  for (const name of ['README.md', 'CHANGELOG.md', 'deploy/ghostcam.env.example']) {
    copyFileSync(join(ROOT, name), join(folder, name.split('/').at(-1)));
  }
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

// Makes a release in release/, checks it and lists it: for each processor an archive, a Debian package and an npm package; and the
// contexts of the container image and of the Home Assistant add-on.
// Usage: npm run release      (on Debian 12, whose compilers make what older systems can load; takes minutes)
// A new version begins with `npm run release:version -- NUMBER`, see version.mjs.
import { createHash } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { checkDeb, checkNpmPackage, checkTarball } from './check.mjs';
import { makeContexts } from './container.mjs';
import { makeDeb } from './deb.mjs';
import { execute } from './execute.mjs';
import { checkHomepage } from './homepage.mjs';
import { clear, makeCommonPackage, makeNpmPackage } from './npm-package.mjs';
import { makeProgram } from './program.mjs';
import { makeTarball } from './tarball.mjs';
import { RELEASE, ROOT, TARGETS } from './targets.mjs';

execute('sh', [
  join(ROOT, 'scripts/apt-install.sh'),
  ...[
    'dpkg',
    'g++-aarch64-linux-gnu',
    'g++-x86-64-linux-gnu',
    'libdeflate-tools',
    'lintian',
    'make',
    'python3-pip',
    'qemu-user-static',
    'xz-utils',
  ],
]);
checkHomepage();
clear();
const rows = [];
const say = (text) => console.error(`release: ${text}`);

say('what is common to all');
const common = makeCommonPackage();
const archives = [];
for (const target of TARGETS) {
  say(`linux-${target.arch}`);
  const npm = makeNpmPackage(target, common);
  rows.push([npm.archive, checkNpmPackage(target, npm.archive)]);
  const folder = await makeProgram(target, npm.folder);
  const archive = makeTarball(folder);
  const bytes = checkTarball(target, archive);
  archives.push([target, archive]);
  const deb = makeDeb(target, folder);
  checkDeb(deb);
  rows.push([archive, bytes], [deb, bytes]);
}
const contexts = makeContexts(archives);

const megabytes = (bytes) => (bytes / 1e6).toFixed(1).padStart(6);
const sums = rows.map(([path]) => [
  createHash('sha256').update(readFileSync(path)).digest('hex'),
  basename(path),
]);
writeFileSync(join(RELEASE, 'SHA256SUMS'), sums.map(([sum, name]) => `${sum}  ${name}\n`).join(''));
console.log('MB to download, MB on disk, SHA-256, file');
for (const [index, [path, bytes]] of rows.entries()) {
  const [sum, name] = sums[index];
  console.log(`${megabytes(statSync(path).size)} ${megabytes(bytes)}  ${sum}  ${name}`);
}
console.log(`Contexts of images: ${contexts.join(', ')}`);

// The npm package of each processor: what `npm pack` takes of the checkout, with that processor's addon, ONNX Runtime and INT8 models, and
// with production dependencies alone. A full manifest would bring TypeScript along, which a dependency names as an optional peer.
import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { execute } from './execute.mjs';
import { RELEASE, ROOT, releaseName, TARGETS, VERSION, WORK } from './targets.mjs';

/** @returns The folder of what is common to the packages of all processors. */
export function makeCommonPackage() {
  const archs = TARGETS.map(({ arch }) => arch);
  execute(process.execPath, [join(ROOT, 'scripts/release/onnxruntime.mjs'), ...archs]);
  execute('npm', ['run', '--silent', 'build:ts'], { cwd: ROOT });
  execute(process.execPath, [join(ROOT, 'native/prebuild.mjs'), ...archs]);
  execute('tar', ['-xzf', pack(ROOT, WORK), '-C', WORK]);
  const folder = join(WORK, 'package');
  reduceManifests(folder);
  return folder;
}

/** @returns The folder of the package of a processor, and its archive. */
export function makeNpmPackage(target, common) {
  const folder = join(WORK, `package-${target.arch}`);
  copyPackage(common, folder);
  dropOthers(folder, target);
  const path = join(folder, 'package.json');
  write(path, { ...JSON.parse(readFileSync(path, 'utf8')), cpu: [target.arch] });
  const archive = join(RELEASE, `${releaseName(target)}.tgz`);
  renameSync(pack(folder, RELEASE), archive);
  return { folder, archive };
}

/** Other processors' addon, ONNX Runtime and INT8 models. */
function dropOthers(folder, { arch, int8 }) {
  for (const other of TARGETS.filter((target) => target.arch !== arch)) {
    rmSync(join(folder, 'lib/onnxruntime', `linux-${other.arch}`), { recursive: true });
    for (const name of readdirSync(join(folder, 'lib/binding'))) {
      if (name.startsWith(`linux-${other.arch}-`))
        rmSync(join(folder, 'lib/binding', name), { recursive: true });
    }
  }
  for (const name of readdirSync(join(folder, 'models'))) {
    if (name.includes('-int8-') && !name.includes(`-int8-${int8}`)) rmSync(join(folder, 'models', name));
  }
}

function pack(folder, destination) {
  execute('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', destination, folder]);
  return join(destination, `ghostcam-${VERSION}.tgz`);
}

function reduceManifests(folder) {
  const path = join(folder, 'package.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8'));
  delete manifest.devDependencies;
  manifest.scripts = { install: manifest.scripts.install };
  write(path, manifest);

  // The versions are the checkout's, less those of its tools.
  const lock = JSON.parse(readFileSync(join(ROOT, 'npm-shrinkwrap.json'), 'utf8'));
  delete lock.packages[''].devDependencies;
  for (const [name, { dev, devOptional }] of Object.entries(lock.packages)) {
    if (dev || devOptional) delete lock.packages[name];
  }
  write(join(folder, 'npm-shrinkwrap.json'), lock);
}

/**
 * Installs the package's dependencies for a processor beside it, less what builds the addon, which a release brings.
 * @param folder A copy of the package; becomes the program of a release.
 */
export function installDependencies(folder, arch) {
  const path = join(folder, 'package.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8'));
  for (const builder of ['@mapbox/node-pre-gyp', 'node-addon-api']) delete manifest.dependencies[builder];
  delete manifest.scripts;
  // npm compares it with this machine's processor, whatever --cpu says.
  delete manifest.cpu;
  write(path, manifest);
  execute(
    'npm',
    [
      ...['install', '--silent', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund'],
      ...['--os=linux', `--cpu=${arch}`, '--libc=glibc'],
    ],
    { cwd: folder },
  );
}

function write(path, value) {
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);
}

/** Empty folders to make releases in. */
export function clear() {
  for (const folder of [RELEASE, WORK]) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
  }
}

export function copyPackage(from, to) {
  cpSync(from, to, { recursive: true });
}

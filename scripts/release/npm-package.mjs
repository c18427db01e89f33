// The npm package: what `npm pack` takes of the checkout, with the addon and ONNX Runtime of every processor, and with production
// dependencies alone. A full manifest would bring TypeScript along, which a dependency names as an optional peer.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { execute } from './execute.mjs';
import { RELEASE, ROOT, TARGETS, VERSION, WORK } from './targets.mjs';

/** @returns The folder of the package and its archive. */
export function makeNpmPackage() {
  const archs = TARGETS.map(({ arch }) => arch);
  execute(process.execPath, [join(ROOT, 'native/onnxruntime.mjs'), ...archs]);
  execute('npm', ['run', '--silent', 'build:ts'], { cwd: ROOT });
  execute(process.execPath, [join(ROOT, 'native/prebuild.mjs'), ...archs]);

  const packed = pack(ROOT, WORK);
  execute('tar', ['-xzf', packed, '-C', WORK]);
  const folder = join(WORK, 'package');
  reduceManifests(folder);
  return { folder, archive: pack(folder, RELEASE) };
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

  // npm pack leaves the versions out of an archive's file list only when it is told to; they are the checkout's, less the tools'.
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

// Builds the addons that a package brings where node-pre-gyp's find() looks for them: stripped, and for older systems than this.
// Usage: node native/prebuild.mjs [x64|arm64]…      (this machine's processor unless said; needs Debian's compiler for each)
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import preGyp from '@mapbox/node-pre-gyp';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Node's name of the processor, and the prefix that Debian's tools for it have on every machine. */
const TARGETS = { x64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu' };

/**
 * The newest system interfaces that a shipped addon may need: those of Ubuntu 22.04 (JetPack 6), so that Debian 12 and
 * Raspberry Pi OS 12 have them too. A newer system's compiler may ask for more without a word.
 */
const NEWEST = { GLIBC: '2.34', GLIBCXX: '3.4.30', CXXABI: '1.3.13' };

/** Thrown, so that the temporary folder goes whatever fails. */
class BuildError extends Error {}

function requireCompiler(compiler, triplet) {
  if (spawnSync(compiler, ['--version'], { stdio: 'ignore' }).status === 0) return;
  const name = `g++-${triplet.replaceAll('_', '-')}`;
  throw new BuildError(`${compiler} does not run.\nInstall it; on Debian: sudo apt install ${name}`);
}

/** Leaves lib/binding/linux-ARCH-glibc-…/ghostcam.node, stripped. */
function build(arch, triplet) {
  const tool = (name) => `${triplet}-${name}`;
  requireCompiler(tool('g++'), triplet);
  // In a folder of its own: the checkout's build folder belongs to this machine's addon.
  const work = mkdtempSync(join(tmpdir(), 'ghostcam-prebuild-'));
  try {
    for (const part of ['package.json', 'binding.gyp', 'native']) {
      cpSync(join(root, part), join(work, part), { recursive: true });
    }
    symlinkSync(join(root, 'node_modules'), join(work, 'node_modules'));
    const { status } = spawnSync(
      process.execPath,
      ['native/build.mjs', `--target_arch=${arch}`, `--arch=${arch}`],
      {
        cwd: work,
        stdio: ['ignore', 'ignore', 'inherit'],
        env: {
          ...process.env,
          CC: tool('gcc'),
          CXX: tool('g++'),
          AR: tool('ar'),
          LDFLAGS: '-Wl,--strip-all',
        },
      },
    );
    if (status !== 0) throw new BuildError('the compiler says why above');
    checkInterfaces(preGyp.find(join(work, 'package.json'), { target_arch: arch }), tool('objdump'));
    cpSync(join(work, 'lib'), join(root, 'lib'), { recursive: true });
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function checkInterfaces(addon, objdump) {
  const { status, stdout } = spawnSync(objdump, ['-T', addon], { encoding: 'utf8' });
  if (status !== 0) throw new BuildError(`${objdump} cannot read ${addon}`);
  for (const [, family, version] of stdout.matchAll(/\((GLIBC|GLIBCXX|CXXABI)_([0-9.]+)\)/g)) {
    if (version.localeCompare(NEWEST[family], 'en', { numeric: true }) > 0) {
      throw new BuildError(
        `it would need ${family}_${version}, newer than ${NEWEST[family]}: make it on Debian 12`,
      );
    }
  }
}

const wanted = process.argv.length > 2 ? process.argv.slice(2) : [process.arch];
for (const arch of wanted) {
  try {
    if (!(arch in TARGETS))
      throw new BuildError(`packages are made for ${Object.keys(TARGETS).join(' and ')}`);
    build(arch, TARGETS[arch]);
    console.error(`ghostcam: built the addon for linux-${arch}`);
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    console.error(`ghostcam: cannot build the addon for linux-${arch}: ${error.message}`);
    process.exit(1);
  }
}

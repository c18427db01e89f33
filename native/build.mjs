// Builds the addon where node-pre-gyp's find() looks for it. Does nothing when it is newer than its sources.
// Usage: node native/build.mjs [any node-gyp option, e.g. --arch=arm64 --debug]
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import preGyp from '@mapbox/node-pre-gyp';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const options = process.argv.slice(2);

const modified = (path) => statSync(path).mtimeMs;

function isUpToDate() {
  const addon = preGyp.find(join(root, 'package.json'));
  if (!existsSync(addon)) return false;
  const sources = readdirSync(join(root, 'native'), { recursive: true }).map((name) =>
    join(root, 'native', name),
  );
  return [join(root, 'binding.gyp'), ...sources].every((source) => modified(source) <= modified(addon));
}

/** Node installations carry their own headers; node-gyp would download the same ones. */
function headerOption() {
  const prefix = dirname(dirname(process.execPath));
  return existsSync(join(prefix, 'include', 'node', 'node_api.h')) ? [`--nodedir=${prefix}`] : [];
}

function fail(message) {
  console.error(`ghostcam: ${message}`);
  process.exit(1);
}

function requireTools() {
  for (const tool of [process.env.CXX ?? 'g++', 'make', 'python3']) {
    // CXX may carry arguments ("ccache g++").
    if (spawnSync(tool.split(' ')[0], ['--version'], { stdio: 'ignore' }).status !== 0) {
      fail(
        `cannot build the addon: ${tool} does not run.\nInstall a compiler first; on Debian, Ubuntu and Raspberry Pi OS:\n` +
          '  sudo apt install g++ make python3',
      );
    }
  }
}

if (options.length > 0 || !isUpToDate()) {
  requireTools();
  const preGypBin = fileURLToPath(import.meta.resolve('@mapbox/node-pre-gyp/bin/node-pre-gyp'));
  const build = spawnSync(
    process.execPath,
    [preGypBin, 'configure', 'build', '--loglevel=warn', ...headerOption(), ...options],
    { cwd: root, stdio: 'inherit' },
  );
  if (build.status !== 0) fail('building the addon failed; the compiler says why above.');
}

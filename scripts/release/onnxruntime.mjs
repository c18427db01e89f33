// Puts the ONNX Runtime library of onnxruntime.txt into lib/onnxruntime/linux-ARCH, for a release. Does nothing where it is there.
// Usage: node scripts/release/onnxruntime.mjs ARCH…      (x64, arm64; needs python3 and pip)
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const requirements = join(here, 'onnxruntime.txt');
/** Python's name of each processor. */
const MACHINES = { x64: 'x86_64', arm64: 'aarch64' };
/** Any Python that there are wheels for: the library in them is the same. */
const PYTHON = '3.12';

function python(args) {
  const { status, error } = spawnSync('python3', args, { stdio: ['ignore', 'ignore', 'inherit'] });
  if (status === 0) return;
  console.error(
    `ghostcam: cannot get ONNX Runtime: python3 ${args.slice(0, 3).join(' ')} failed${error ? ` (${error.message})` : ''}.\n` +
      'pip is needed once, and its package index; on Debian, Ubuntu and Raspberry Pi OS:\n' +
      '  sudo apt install python3-pip',
  );
  process.exit(1);
}

function fetchLibrary(arch) {
  const folder = join(here, '../../lib/onnxruntime', `linux-${arch}`);
  const wanted = readFileSync(requirements, 'utf8');
  // The requirements beside the library say which one it is.
  const stamp = join(folder, 'onnxruntime.txt');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;

  const work = mkdtempSync(join(tmpdir(), 'ghostcam-onnxruntime-'));
  try {
    python([
      ...['-m', 'pip', 'download', '--quiet', '--no-deps', '--require-hashes', '--requirement', requirements],
      ...['--only-binary', ':all:', '--implementation', 'cp', '--python-version', PYTHON],
      ...['--platform', `manylinux_2_28_${MACHINES[arch]}`, '--dest', work],
    ]);
    const wheel = readdirSync(work).find((name) => name.endsWith('.whl'));
    python(['-m', 'zipfile', '-e', join(work, wheel), join(work, 'wheel')]);
    const content = join(work, 'wheel/onnxruntime');
    const library = readdirSync(join(content, 'capi')).find((name) => name.startsWith('libonnxruntime.so.'));
    mkdirSync(folder, { recursive: true });
    copyFileSync(join(content, 'capi', library), join(folder, 'libonnxruntime.so'));
    for (const name of ['LICENSE', 'ThirdPartyNotices.txt'])
      copyFileSync(join(content, name), join(folder, name));
    writeFileSync(stamp, wanted);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

for (const arch of process.argv.slice(2)) {
  if (arch in MACHINES) fetchLibrary(arch);
  else console.error(`ghostcam: there is no ONNX Runtime for linux-${arch}: set ONNXRUNTIME_LIB to one`);
}

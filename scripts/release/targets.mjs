// What a release is made for, and of which Node.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..');
/** Where releases are made: ignored by git. */
export const RELEASE = join(ROOT, 'release');
/** Of parts that are no release themselves. */
export const WORK = join(ROOT, 'build/release');

export const VERSION = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version;

/**
 * The last Node 20, which is what fits: stripped, 22 is 21 MB larger. Its packages on the npm registry hold nodejs.org's binaries.
 */
export const NODE_VERSION = '20.20.2';

/** arch: Node's name of the processor, machine: the kernel's and qemu's. int8: the form of INT8 models that it takes. integrity: of npm's node-linux-ARCH. */
export const TARGETS = [
  {
    arch: 'x64',
    machine: 'x86_64',
    debian: 'amd64',
    triplet: 'x86_64-linux-gnu',
    int8: 'u8s8',
    integrity:
      'sha512-PeHQM8wAdmHtZA1mBocygZxs5LiUWtsJezQTkBd0iY987KpGrD1O2tVEydvMZiuXceRanxt7rjTnDEBwOPujoQ==',
  },
  {
    arch: 'arm64',
    machine: 'aarch64',
    debian: 'arm64',
    triplet: 'aarch64-linux-gnu',
    int8: 's8s8',
    integrity:
      'sha512-LCXJnNTFiyGuYBw2gZSI5OBFMbkjAPt8sqD/NKrWoE2QmDgSubTqFng6GaNJ9EJ8HpxBMGcWWpbbcs4Vo+CnGg==',
  },
];

/** Of a release's folder and archive. */
export function releaseName({ arch }) {
  return `ghostcam-${VERSION}-linux-${arch}`;
}

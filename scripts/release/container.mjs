// The contexts of the images, the container's and the Home Assistant add-on's: a Dockerfile and what it takes, the archives of both
// processors among that, by the image builder's names of them.
import { cpSync, linkSync } from 'node:fs';
import { join } from 'node:path';
import { RELEASE, ROOT } from './targets.mjs';

/** Name in release/, source, and what the builder calls each processor. */
const CONTEXTS = [
  { name: 'container', source: 'deploy/container', archs: { x64: 'amd64', arm64: 'arm64' } },
  { name: 'addon', source: 'deploy/homeassistant/addon', archs: { x64: 'amd64', arm64: 'aarch64' } },
];

/** @returns The folders. @param archives [target, archive] of each processor. */
export function makeContexts(archives) {
  return CONTEXTS.map(({ name, source, archs }) => {
    const context = join(RELEASE, name);
    cpSync(join(ROOT, source), context, { recursive: true });
    for (const [{ arch }, archive] of archives)
      linkSync(archive, join(context, `ghostcam-${archs[arch]}.tar.gz`));
    return context;
  });
}

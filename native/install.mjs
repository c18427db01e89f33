// npm's install step of the package: builds the addon where none came with it (musl, say). A checkout has `npm run setup`
// for that, and may lack a compiler as yet.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import preGyp from '@mapbox/node-pre-gyp';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const isCheckout = existsSync(join(root, 'src'));
const isBuilt = existsSync(preGyp.find(join(root, 'package.json')));

if (!isCheckout && !isBuilt) await import('./build.mjs');

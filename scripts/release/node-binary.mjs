// Node's program for a processor: nodejs.org's, from npm's package of it, without its symbol table.
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execute } from './execute.mjs';
import { NODE_VERSION, WORK } from './targets.mjs';

/** Leaves `node` and `LICENSE.node` in the folder. */
export function addNode({ arch, triplet, integrity }, folder) {
  const name = `node-linux-${arch}`;
  const work = join(WORK, name);
  mkdirSync(work);
  execute('npm', ['pack', '--silent', '--pack-destination', work, `${name}@${NODE_VERSION}`]);
  const archive = join(work, `${name}-${NODE_VERSION}.tgz`);
  const found = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`;
  if (found !== integrity) throw new Error(`${archive} is another than the one in targets.mjs: ${found}`);
  execute('tar', ['-xzf', archive, '-C', work, 'package/bin/node', 'package/LICENSE']);
  execute(`${triplet}-strip`, ['-o', join(folder, 'node'), join(work, 'package/bin/node')]);
  copyFileSync(join(work, 'package/LICENSE'), join(folder, 'LICENSE.node'));
}

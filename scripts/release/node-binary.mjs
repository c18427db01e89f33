// Node's program for a processor: nodejs.org's, from npm's package of it, without its symbol table and its languages.
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { takeOut } from './elf.mjs';
import { execute } from './execute.mjs';
import { dropLanguages } from './icu-data.mjs';
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
  const stripped = join(work, 'node');
  execute(`${triplet}-strip`, ['-o', stripped, join(work, 'package/bin/node')]);
  const program = readFileSync(stripped);
  const unused = dropLanguages(program);
  writeFileSync(join(folder, 'node'), takeOut(program, unused));
  copyFileSync(join(work, 'package/LICENSE'), join(folder, 'LICENSE.node'));
}

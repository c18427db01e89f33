// Leaves of a program's dependencies the files that it can load, their licences, and the native parts of sharp.
import { readdirSync, rmdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { nodeFileTrace } from '@vercel/nft';

/** sharp takes them by names that are made when it is loaded. */
const NATIVE = /^@img\/sharp-/;
const LICENCE = /licen[cs]e|notice|copying/i;

/** @param lib Has dist/ and node_modules/. */
export async function dropUnused(lib) {
  const isProgram = (name) => name.endsWith('.js') && !name.startsWith('web/page/');
  const programs = readdirSync(join(lib, 'dist'), { recursive: true }).filter(isProgram);
  const { fileList } = await nodeFileTrace(
    programs.map((name) => join(lib, 'dist', name)),
    { base: lib, processCwd: lib },
  );
  const modules = join(lib, 'node_modules');
  for (const entry of readdirSync(modules, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = relative(modules, path);
    if (entry.isDirectory() || NATIVE.test(name)) continue;
    if (!fileList.has(relative(lib, path)) && !isLicenceOfUsed(name, fileList)) rmSync(path);
  }
  dropEmpty(modules);
}

function isLicenceOfUsed(name, fileList) {
  if (!LICENCE.test(name.split('/').at(-1))) return false;
  const [folder] = name.match(/^(.*node_modules\/)?(@[^/]+\/)?[^/]+/);
  return fileList.has(join('node_modules', folder, 'package.json'));
}

function dropEmpty(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true }))
    if (entry.isDirectory()) dropEmpty(join(folder, entry.name));
  if (readdirSync(folder).length === 0) rmdirSync(folder);
}

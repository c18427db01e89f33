/** What lies where libraries of the system do, and is none. */
import { copyFileSync, linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { bundledLibrary } from '../../src/runtime/libraries.js';
import { execute } from '../support/execute.js';

/** Node in a folder of its own: libraries are looked for beside it too. */
function nodeIn(folder: string): string {
  const path = join(folder, 'bin/node');
  mkdirSync(join(folder, 'bin'));
  try {
    linkSync(process.execPath, path);
  } catch {
    // Another file system.
    copyFileSync(process.execPath, path);
  }
  return path;
}

test('links that lead nowhere, or in a circle, are no libraries', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ghostcam-libraries-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const lib = join(folder, 'lib');
  mkdirSync(lib);
  symlinkSync('libonnxruntime.so.1', join(lib, 'libonnxruntime.so.1'));
  symlinkSync('libonnxruntime.so.1.21.0', join(lib, 'libonnxruntime.so'));
  const module = fileURLToPath(new URL('../../dist/runtime/libraries.js', import.meta.url));
  const program = `console.log(JSON.stringify((await import(${JSON.stringify(module)})).candidateLibraries()))`;
  const found = JSON.parse(await execute(nodeIn(folder), ['--input-type=module', '-e', program]));
  expect(found).toContain(bundledLibrary());
  expect(found.filter((path: string) => path.startsWith(folder))).toEqual([]);
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { checkLoading } from '../../src/runtime/child.js';
import { bundledLibrary } from '../../src/runtime/libraries.js';
import { execute } from '../support/execute.js';
import { ghostcam } from '../support/ghostcam.js';
import { canBeLimited, limited } from '../support/limited.js';

/** A library whose entry point executes `statement`. */
async function library(statement: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ghostcam-library-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const source = join(folder, 'library.cc');
  await writeFile(source, `#include <cstdlib>\nextern "C" const void* OrtGetApiBase() { ${statement}; }\n`);
  const path = join(folder, 'libonnxruntime.so');
  await execute('g++', ['-shared', '-fPIC', '-o', path, source]);
  return path;
}

test('a good library survives', async () => {
  await checkLoading(bundledLibrary() as string);
});

test('an instruction that the processor lacks differs from other crashes', async () => {
  await expect(checkLoading(await library('__builtin_trap()'))).rejects.toMatchObject({
    code: 'RUNTIME',
    message: expect.stringMatching(/instructions that this processor does not have/),
  });
  await expect(checkLoading(await library('abort()'))).rejects.toMatchObject({
    code: 'RUNTIME',
    message: expect.stringMatching(/crashes when it is used \(SIGABRT\)/),
  });
});

test('the program ends with a message and exit code 69 instead of a signal', async () => {
  const path = await library('__builtin_trap()');
  const { code, stderr } = await ghostcam(['detect', 'test/fixtures/photos/astronaut.png'], {
    ONNXRUNTIME_LIB: path,
  });
  expect(stderr).toContain(`${path} uses instructions that this processor does not have`);
  expect(stderr).toMatch(/-> .*ONNXRUNTIME_LIB/);
  expect(code).toBe(69);
});

/** Tries a library while one process more may be started, and no thread of it. */
const TRIAL = `
  const { checkLoading } = await import(process.argv[1]);
  const { execFileSync } = await import('node:child_process');
  const { readdirSync } = await import('node:fs');
  const most = readdirSync('/proc/self/task').length + 1;
  execFileSync('prlimit', ['--pid', String(process.pid), '--nproc=' + most]);
  await checkLoading(process.argv[2]).then(
    () => console.log('it loads'),
    ({ code, message, remedy }) => console.log([code, message, remedy].join('; ')),
  );
`;

test.skipIf(!canBeLimited)('that no process starts is no fault of the library', () => {
  const child = fileURLToPath(new URL('../../dist/runtime/child.js', import.meta.url));
  const run = limited(100, '--input-type=module', '-e', TRIAL, child, bundledLibrary() as string);
  expect(run.stderr).toBe('');
  expect(run.stdout).toMatch(/^ADDON; no second process of Node starts here; raise the limit of processes/);
});

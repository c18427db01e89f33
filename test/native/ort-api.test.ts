/** The addon's table of ONNX Runtime's functions agrees with ONNX Runtime's own header, and a table that does not fails. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { execute } from '../support/execute.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ghostcam-ort-api-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Compiles the check, of a copy of native/ where the variable NATIVE names one. */
const compile = (...variables: string[]) =>
  execute('make', ['--silent', '--directory=test/native', 'ort-api', ...variables]);

/** The path of the file in a copy of native/ that holds the table. */
const tableIn = (native: string) =>
  execFileSync('grep', ['-rl', 'define GHOSTCAM_ORT_SLOTS', native], { encoding: 'utf8' }).trim();

/** A copy of native/ with a changed table. */
function changed(change: (table: string) => string): string {
  const native = join(folder, 'native');
  cpSync('native', native, { recursive: true });
  const path = tableIn(native);
  writeFileSync(path, change(readFileSync(path, 'utf8')));
  return native;
}

test('the table is that of the header', async () => {
  await compile();
});

test('each index is compared', async () => {
  const indexes = /\bX\((\d+), /g;
  const native = changed((table) => table.replace(indexes, (_, index) => `X(${Number(index) + 1}, `));
  const output = await compile(`NATIVE=${native}`).catch(String);
  const slots = readFileSync(tableIn('native'), 'utf8').match(indexes);
  expect(slots?.length).toBeGreaterThan(40);
  expect(output.match(/error: .*: wrong index/g)).toHaveLength(slots?.length ?? 0);
});

test.each([
  ['another index', 'X(204, ', 'X(205, ', 'CUDA_V2: wrong index'],
  ['two functions exchanged', 'X(3, CreateEnv, ', 'X(3, CreateStatus, ', 'CreateStatus'],
  ['a parameter too many', '(SessionOptions*, int)', '(SessionOptions*, int, int)', 'wrong type'],
  ['a handle of another kind', '(const Session*, size_t*)', '(const Env*, size_t*)', 'wrong type'],
  ['a pointer too few', '(RunOptions**)', '(RunOptions*)', 'wrong type'],
  ['another value of an enum', 'kFloat = 1;', 'kFloat = 10;', 'static assertion failed'],
])('%s does not compile', async (_, right, wrong, message) => {
  const native = changed((table) => {
    expect(table).toContain(right);
    return table.replace(right, wrong);
  });
  await expect(compile(`NATIVE=${native}`)).rejects.toThrow(message);
});

test('without the header it does not compile', async () => {
  const compiler = process.env.CXX ?? 'g++';
  const alone = ['-std=c++17', '-fsyntax-only', '-Inative', 'test/native/ort_api_check.cc'];
  await expect(execute(compiler, alone)).rejects.toThrow('onnxruntime_c_api.h');
});

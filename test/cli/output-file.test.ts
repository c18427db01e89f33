/** Where a command is told to write, and nobody reads. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { PHOTO } from '../../src/package-info.js';
import { ghostcam } from '../support/ghostcam.js';
import { constantModel } from '../support/onnx.js';

const folder = mkdtempSync(join(tmpdir(), 'ghostcam-output-'));
afterAll(() => rmSync(folder, { recursive: true }));

const at = (name: string) => join(folder, name);
execFileSync('mkfifo', [at('pipe'), at('model.json'), at('photo.png')]);
const values = new Float32Array(252 * 7);
writeFileSync(
  at('model.onnx'),
  constantModel(
    [{ name: 'images', shape: [1, 3, 64, 64] }],
    [{ name: 'output0', shape: [1, 252, 7], values }],
    { metadata: { names: "{0: 'hen', 1: 'fox'}" } },
  ),
);

test.each([
  ['the drawing', ['detect', '--out', at('pipe'), PHOTO], 1],
  ['one of several drawings', ['detect', '--out', folder, PHOTO, PHOTO], 1],
  ['a manifest', ['import', '--out', at('pipe'), at('model.onnx')], 78],
  ['the manifest beside the model', ['import', at('model.onnx')], 78],
])('%s is not written into a pipe, which would be waited for', async (_, args, expected) => {
  const { code, stderr } = await ghostcam(args, { PROVIDER: 'cpu' });
  expect(stderr).toMatch(/cannot write .*: it is a pipe or a socket, and no file/);
  expect(code).toBe(expected);
});

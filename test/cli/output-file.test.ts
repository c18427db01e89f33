/** Where a command is told to write, and nobody reads. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, expect, test } from 'vitest';
import { PHOTO } from '../../src/package-info.js';
import { ghostcam } from '../support/ghostcam.js';
import { constantModel } from '../support/onnx.js';

const folder = mkdtempSync(join(tmpdir(), 'ghostcam-output-'));
afterAll(() => rmSync(folder, { recursive: true }));

const at = (name: string) => join(folder, name);
execFileSync('mkfifo', [at('pipe'), at('model.json'), at('pipe.png'), at('photo.png')]);
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
  ['the drawing', ['detect', '--out', at('pipe.png'), PHOTO], 1],
  ['one of several drawings', ['detect', '--out', folder, PHOTO, PHOTO], 1],
  ['a manifest', ['import', '--out', at('pipe'), at('model.onnx')], 78],
  ['the manifest beside the model', ['import', at('model.onnx')], 78],
])('%s is not written into a pipe, which would be waited for', async (_, args, expected) => {
  const { code, stderr } = await ghostcam(args, { PROVIDER: 'cpu' });
  expect(stderr).toMatch(/cannot write .*: it is a pipe or a socket, and no file/);
  expect(code).toBe(expected);
});

test.each([
  ['itself', ['picture.png', '--out', 'picture.png'], /picture\.png is the image itself/],
  ['itself by another name', ['picture.png', '--out', 'link.png'], /link\.png is the image itself/],
  ['itself, in its folder', ['.', '--out', '.'], /(?:picture|link)\.png is the image itself/],
  ['a photograph', ['picture.png', '--out', 'other.jpg'], /--out names no PNG file: ".*other\.jpg"/],
  ['nothing', ['picture.png', '--out', ''], /--out names no PNG file: ""/],
])('a drawing does not replace %s', async (_, args, message) => {
  const inside = mkdtempSync(join(folder, 'pictures-'));
  const photo = readFileSync(PHOTO);
  writeFileSync(join(inside, 'other.jpg'), photo);
  writeFileSync(join(inside, 'picture.png'), await sharp(photo).png().toBuffer());
  symlinkSync('picture.png', join(inside, 'link.png'));
  const before = readFileSync(join(inside, 'picture.png'));
  const { code, stderr } = await ghostcam(
    ['detect', ...args.map((arg) => (/\./.test(arg) ? join(inside, arg) : arg))],
    { PROVIDER: 'cpu' },
  );
  expect([code, stderr]).toEqual([1, expect.stringMatching(message)]);
  expect(readFileSync(join(inside, 'picture.png'))).toEqual(before);
  expect(readFileSync(join(inside, 'other.jpg'))).toEqual(photo);
});

/** Where a command is told to write, and nobody reads. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, expect, test } from 'vitest';
import { writeWhole } from '../../src/cli/output-file.js';
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

/** The files that the program writes stay empty, as on a disk that is full. */
const ON_A_FULL_DISK = ['bash', '-c', 'ulimit -f 0; exec "$0" "$@"'];

test.each([
  ['the drawing', ['detect', PHOTO, '--out', 'written.png'], 1, 'written.png'],
  ['one of several drawings', ['detect', PHOTO, PHOTO, '--out', '.'], 1, 'photo.png'],
  ['a manifest', ['import', 'model.onnx', '--out', 'written.json'], 78, 'written.json'],
])(
  '%s that a full disk has no room for leaves what was there, and nothing else',
  async (_, args, expected, name) => {
    const inside = mkdtempSync(join(folder, 'full-'));
    writeFileSync(join(inside, 'model.onnx'), readFileSync(at('model.onnx')));
    writeFileSync(join(inside, name), 'as it was');
    const before = readdirSync(inside);
    const here = args.map((arg) => (/^(?:written|model|\.$)/.test(arg) ? join(inside, arg) : arg));
    const { code, stderr } = await ghostcam(here, { PROVIDER: 'cpu' }, ON_A_FULL_DISK);
    expect([code, stderr]).toEqual([expected, expect.stringMatching(/^ghostcam: cannot write [^\n]*EFBIG/)]);
    expect(readdirSync(inside)).toEqual(before);
    expect(readFileSync(join(inside, name), 'utf8')).toBe('as it was');
  },
);

test('a file that is replaced keeps its mode, its owner and the link that leads to it', () => {
  const inside = mkdtempSync(join(folder, 'kept-'));
  const file = join(inside, 'file');
  const link = join(inside, 'link');
  const long = join(inside, 'n'.repeat(255));
  writeFileSync(file, 'before');
  symlinkSync('file', link);
  chmodSync(file, 0o666);
  const isRoot = process.getuid?.() === 0;
  if (isRoot) chownSync(file, 0, 65_534);
  writeWhole(link, 'after');
  writeWhole(long, 'new', 0o600);
  expect(readFileSync(file, 'utf8')).toBe('after');
  const { mode, gid } = statSync(file);
  expect([mode & 0o777, gid]).toEqual([0o666, isRoot ? 65_534 : process.getgid?.()]);
  expect(statSync(long).mode & 0o777).toBe(0o600);
  expect(readdirSync(inside)).toHaveLength(3);
});

test('a device is written to, and not replaced', async () => {
  // By a user who may not replace it.
  const isRoot = process.getuid?.() === 0;
  const user = isRoot ? ['setpriv', '--reuid=65534', '--clear-groups'] : [];
  chmodSync(folder, 0o755);
  const { code, stderr } = await ghostcam(['import', '--out', '/dev/null', at('model.onnx')], {}, user);
  expect([code, stderr]).toEqual([0, '']);
});

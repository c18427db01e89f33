/** Which files `ghostcam detect` looks at. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findImages } from '../../src/still/find.js';
import { readStill } from '../../src/still/read.js';
import { ghostcam } from '../support/ghostcam.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ghostcam-find-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A folder of its own with these files in it. */
function files(name: string, names: readonly (string | Buffer)[]): string {
  const path = join(folder, name);
  mkdirSync(path);
  for (const file of names) writeFileSync(Buffer.concat([Buffer.from(`${path}/`), Buffer.from(file)]), 'x');
  return path;
}

async function names(...paths: string[]): Promise<string[]> {
  const found: string[] = [];
  for await (const { name } of findImages(paths)) found.push(name.slice(folder.length + 1));
  return found;
}

test('every ending of JPEG, PNG and WebP, and no other file', async () => {
  const path = files('endings', [
    'a.jpg',
    'b.JPEG',
    'c.jpe',
    'd.jfif',
    'e.JIF',
    'f.png',
    'g.webp',
    'h.gif',
    'i.txt',
    'jpg',
  ]);
  expect(await names(path)).toEqual(
    ['a.jpg', 'b.JPEG', 'c.jpe', 'd.jfif', 'e.JIF', 'f.png', 'g.webp'].map((name) => `endings/${name}`),
  );
});

test('a file with any ending, when it is named', async () => {
  const path = files('named', ['picture']);
  expect(await names(join(path, 'picture'))).toEqual(['named/picture']);
});

test('a name that is not UTF-8 is found in its folder, and read', async () => {
  const latin1 = Buffer.from('caf\xe9.jpg', 'latin1');
  const path = files('latin1', [latin1]);
  const { value: file } = await findImages([path]).next();
  expect(file.name).toBe(`${path}/caf\uFFFD.jpg`);
  // It is there and holds no image, which is another message than that it is missing.
  await expect(readStill(file)).rejects.toMatchObject({
    message: expect.stringMatching(/unsupported image format/),
  });
});

test('a name that is not UTF-8, as an argument: the message says so', async () => {
  const path = files('argument', [Buffer.from('caf\xe9.jpg', 'latin1')]);
  await expect(names(`${path}/caf\uFFFD.jpg`)).rejects.toMatchObject({
    code: 'IMAGE',
    message: expect.stringMatching(/or its name is not UTF-8/),
    remedy: expect.stringMatching(/name the folder/),
  });
});

test('pipes, sockets and devices are refused or passed over, and never waited for', async () => {
  const path = files('special', ['a.jpg']);
  execFileSync('mkfifo', [join(path, 'pipe.jpg')]);
  symlinkSync(join(path, 'pipe.jpg'), join(path, 'link.jpg'));
  symlinkSync(join(path, 'nowhere'), join(path, 'dangling.jpg'));
  symlinkSync(join(path, 'a.jpg'), join(path, 'z.jpg'));
  expect(await names(path)).toEqual(['special/a.jpg', 'special/z.jpg']);
  for (const special of [join(path, 'pipe.jpg'), join(path, 'link.jpg'), '/dev/zero', '/dev/tty0']) {
    await expect(names(special)).rejects.toMatchObject({ code: 'IMAGE' });
  }
});

test('what is missing, and what may not be read, are distinguished', async () => {
  await expect(names(join(folder, 'absent.jpg'))).rejects.toThrow(/there is no file or folder/);
  await expect(names('/dev/null/picture.jpg')).rejects.toThrow(/cannot be read \(ENOTDIR\)/);
  await expect(names(join(folder, 'x'.repeat(300)))).rejects.toThrow(/cannot be read \(ENAMETOOLONG\)/);
});

test('the program ends at once with a pipe for an image', async () => {
  const pipe = join(folder, 'program.jpg');
  execFileSync('mkfifo', [pipe]);
  const { code, stderr } = await ghostcam(['detect', pipe]);
  expect([code, stderr]).toEqual([1, expect.stringMatching(/is neither a file nor a folder/)]);
});

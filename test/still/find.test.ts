/** Which files `ghostcam detect` looks at. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { GhostcamError } from '../../src/errors.js';
import type { StillFile } from '../../src/still/file.js';
import { findImages } from '../../src/still/find.js';
import { readStill } from '../../src/still/read.js';
import { ghostcam } from '../support/ghostcam.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ghostcam-find-'));
});
// rmSync gives up where a path is too long.
afterAll(() => execFileSync('rm', ['-r', folder]));

/** A folder of its own with these files in it. */
function files(name: string, names: readonly (string | Buffer)[]): string {
  const path = join(folder, name);
  mkdirSync(path);
  for (const file of names) writeFileSync(Buffer.concat([Buffer.from(`${path}/`), Buffer.from(file)]), 'x');
  return path;
}

async function names(...paths: string[]): Promise<string[]> {
  const found: string[] = [];
  for await (const file of findImages(paths)) {
    if (file instanceof GhostcamError) found.push(file.message.replace(/folder \S+/, 'folder …'));
    else found.push(file.name.slice(folder.length + 1));
  }
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
  const { value } = await findImages([path]).next();
  const file = value as StillFile;
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

/** Folders in each other, more than a path can name. */
function tooDeep(path: string): void {
  const script = 'cd "$1"; for level in $(seq 20); do mkdir "$2"; cd "$2"; done';
  execFileSync('bash', ['-c', script, 'bash', path, 'x'.repeat(250)]);
}

test('a folder that cannot be read is named, and what lies beside it is found', async () => {
  const path = files('beside', ['a.jpg', 'z.jpg']);
  tooDeep(path);
  expect(await names(path)).toEqual([
    'beside/a.jpg',
    'the folder … cannot be read (ENAMETOOLONG)',
    'beside/z.jpg',
  ]);
});

test('the program names it, goes on and ends with 1; names of files are no orders to a terminal', async () => {
  const path = files('program', ['a.txt']);
  tooDeep(path);
  for (const name of ['b\u001b[31m.png', 'c\n.png', 'd\u009b2J.png']) {
    const png = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    writeFileSync(join(path, name), png);
    writeFileSync(join(path, `broken-${name}`), 'x');
  }
  const { code, stdout, stderr } = await ghostcam(['detect', path]);
  expect([code, stderr]).toEqual([1, expect.stringMatching(/cannot be read \(ENAMETOOLONG\)/)]);
  expect(stderr).not.toMatch(/is a bug/);
  expect(stdout.match(/^.*\(8 x 8\)$/gm)).toHaveLength(3);
  // Ends of lines are those of our own.
  expect(`${stdout}${stderr}`.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
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

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stillFile } from '../../src/still/file.js';
import { readStill } from '../../src/still/read.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ghostcam-still-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Left half red, right half blue. */
function redAndBlue(width: number, height: number): Sharp {
  const data = Buffer.alloc(width * height * 3);
  for (let at = 0; at < data.length; at += 3) data[at + ((at / 3) % width < width / 2 ? 0 : 2)] = 255;
  return sharp(data, { raw: { width, height, channels: 3 } });
}

test.each(['png', 'webp'] as const)('%s without loss', async (format) => {
  const path = join(folder, `image.${format}`);
  await redAndBlue(6, 2).toFormat(format, { lossless: true }).toFile(path);
  const { data, ...rest } = await readStill(stillFile(path));
  expect(rest).toEqual({ format: 'rgb24', width: 6, height: 2 });
  expect([...data.subarray(0, 3)]).toEqual([255, 0, 0]);
  expect([...data.subarray(15, 18)]).toEqual([0, 0, 255]);
});

test('a JPEG is turned as its EXIF orientation says', async () => {
  const path = join(folder, 'turned.jpg');
  await redAndBlue(64, 32).withMetadata({ orientation: 6 }).jpeg({ quality: 100 }).toFile(path);
  const { data, width, height } = await readStill(stillFile(path));
  expect([width, height]).toEqual([32, 64]);
  expect(data[0]).toBeGreaterThan(200); // red on top
  expect(data.at(-1)).toBeGreaterThan(200); // blue below
});

test('transparency shows the letterbox grey, grey and 16-bit pictures become RGB', async () => {
  const clear = join(folder, 'clear.png');
  await sharp({ create: { width: 2, height: 2, channels: 4, background: { r: 255, g: 0, b: 0, alpha: 0 } } })
    .png()
    .toFile(clear);
  expect([...(await readStill(stillFile(clear))).data]).toEqual(Array(12).fill(114));

  const deep = join(folder, 'deep.png');
  await sharp(Buffer.alloc(4, 200), { raw: { width: 2, height: 2, channels: 1 } })
    .toColourspace('grey16')
    .png()
    .toFile(deep);
  const { data } = await readStill(stillFile(deep));
  expect(data).toHaveLength(12);
  expect(new Set(data)).toEqual(new Set([200]));
});

test.each([
  ['a file that is no image', Buffer.from('hello'), /unsupported image format/],
  ['an empty file', Buffer.alloc(0), /./],
  [
    'an SVG',
    Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
    /svg, expected one of/,
  ],
])('%s is an IMAGE error', async (_, content, reason) => {
  const path = join(folder, 'wrong.png');
  await writeFile(path, content);
  await expect(readStill(stillFile(path))).rejects.toMatchObject({
    name: 'GhostcamError',
    code: 'IMAGE',
    message: expect.stringMatching(reason),
  });
});

test('damaged, missing and enormous images are IMAGE errors that name the file', async () => {
  const cut = join(folder, 'cut.png');
  await writeFile(
    cut,
    (await redAndBlue(600, 400).png({ compressionLevel: 0 }).toBuffer()).subarray(0, 5000),
  );
  const wide = join(folder, 'wide.png');
  await sharp({ create: { width: 20_000, height: 1, channels: 3, background: 'red' } })
    .png()
    .toFile(wide);
  for (const path of [cut, wide, join(folder, 'absent.jpg'), folder]) {
    await expect(readStill(stillFile(path))).rejects.toMatchObject({
      code: 'IMAGE',
      message: expect.stringContaining(path),
    });
  }
});

/** The target `images`: damaged JPEG, PNG and WebP files, in the process. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { GhostcamError } from '../../src/errors.js';
import { stillFile } from '../../src/still/file.js';
import { readStill } from '../../src/still/read.js';
import { mutateBytes } from './bytes.js';
import { scratchFolder } from './fuzz.js';
import type { Target } from './target.js';

const SIZE = { width: 24, height: 17 };
const PIXELS = Buffer.from(
  Array.from({ length: SIZE.width * SIZE.height * 4 }, (_, index) => (index * 37) % 256),
);
const PICTURE = sharp(PIXELS, { raw: { ...SIZE, channels: 4 } });
const SEEDS = await Promise.all(
  [
    PICTURE.clone().withMetadata({ orientation: 6 }).jpeg(),
    PICTURE.clone().jpeg({ progressive: true }),
    PICTURE.clone().png(),
    PICTURE.clone().png({ palette: true }),
    PICTURE.clone().webp(),
    PICTURE.clone().webp({ lossless: true }),
  ].map((picture) => picture.toBuffer()),
);

export function imagesTarget(): Target {
  const folder = scratchFolder();
  const path = join(folder, 'picture');
  return {
    name: 'images',
    limitMs: 2000,
    seeds: () => SEEDS.map((bytes) => bytes.toString('latin1')),
    mutate: mutateBytes,
    async run(input) {
      writeFileSync(path, input, 'latin1');
      try {
        const { data, width, height } = await readStill(stillFile(path));
        if (data.length !== width * height * 3) throw new Error(`${data.length} bytes of ${width}x${height}`);
        return width === SIZE.width || width === SIZE.height ? 'read' : 'read in another size';
      } catch (error) {
        if (!(error instanceof GhostcamError) || error.code !== 'IMAGE') throw error;
        if (/\p{Cc}/u.test(error.message) || error.message.length > 1000)
          throw new Error(`a message that cannot be read: ${JSON.stringify(error.message)}`);
        return error.message.replace(path, '').replace(/[0-9]+/g, '');
      }
    },
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  };
}

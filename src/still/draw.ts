/** A still image with what was found in it, as PNG. */
import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import type { Size } from '../geometry/box.js';
import { type Drawing, overlay } from '../snapshot/overlay.js';
import type { StillFile } from './file.js';

/** @param size Of the image, its orientation applied; what the drawing is measured in. */
export async function drawStill(
  image: StillFile,
  size: Size,
  drawing: Drawing,
  output: string,
): Promise<void> {
  const svg = Buffer.from(overlay(drawing, size, { left: 0, top: 0, ...size }, size));
  await sharp(await readFile(image.path))
    .autoOrient()
    .composite([{ input: svg, top: 0, left: 0 }])
    .png()
    .toFile(output);
}

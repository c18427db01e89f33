/** A still image with what was found in it, as PNG. */
import sharp from 'sharp';
import type { Size } from '../geometry/box.js';
import { type Drawing, overlay } from '../snapshot/overlay.js';

/** @param size Of the image, its orientation applied; what the drawing is measured in. */
export async function drawStill(image: string, size: Size, drawing: Drawing, output: string): Promise<void> {
  const svg = Buffer.from(overlay(drawing, size, { left: 0, top: 0, ...size }, size));
  await sharp(image)
    .autoOrient()
    .composite([{ input: svg, top: 0, left: 0 }])
    .png()
    .toFile(output);
}

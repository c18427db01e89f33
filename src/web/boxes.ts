/** A live picture with what was found drawn on it, for programs; the page draws for itself. */
import sharp from 'sharp';
import { overlay } from '../snapshot/overlay.js';
import type { LivePicture } from './live-pictures.js';

/** @returns A JPEG of the same size. */
export async function drawBoxes({ jpeg, width, height, detections }: LivePicture): Promise<Buffer> {
  const image = sharp(jpeg);
  const shown = await image.metadata();
  const source = { width, height };
  const svg = overlay(
    { detections: detections?.detections ?? [] },
    source,
    { left: 0, top: 0, ...source },
    shown,
  );
  return image
    .composite([{ input: Buffer.from(svg), top: 0, left: 0 }])
    .jpeg()
    .toBuffer();
}

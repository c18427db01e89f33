/** A live picture with boxes around what was found, or is expected there by now, for programs; the page draws for itself. */
import sharp from 'sharp';
import { overlay } from '../snapshot/overlay.js';
import { toRgb } from '../snapshot/rgb.js';
import type { LivePicture } from './live-pictures.js';

/** @returns A JPEG of the same size. */
export async function drawBoxes({ jpeg, width, height, detections }: LivePicture): Promise<Buffer> {
  const { data, info } = await sharp(jpeg).raw().toBuffer({ resolveWithObject: true });
  const source = { width, height };
  const shown = { width: info.width, height: info.height };
  const drawing = { detections: detections?.detections ?? [] };
  const shapes = await overlay(drawing, source, { left: 0, top: 0, ...source }, shown);
  const drawn = await toRgb({ data, format: 'rgb24', ...shown }, { shapes });
  return sharp(drawn.data, { raw: { ...shown, channels: 3 } })
    .jpeg()
    .toBuffer();
}

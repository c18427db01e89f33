/** A still image with what was found in it, as PNG. */
import sharp from 'sharp';
import type { PixelFrame } from '../frame/frame.js';
import { type Drawing, overlay } from '../snapshot/overlay.js';
import { toRgb } from '../snapshot/rgb.js';

/** The PNG. @param image The whole image, rgb24, which is drawn on: the drawing is measured in its pixels. */
export async function drawStill(image: PixelFrame, drawing: Drawing): Promise<Buffer> {
  const { width, height } = image;
  const shapes = await overlay(drawing, image, { left: 0, top: 0, width, height }, image);
  const { data } = await toRgb(image, { shapes, into: image.data });
  return sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
}

/** Still images as frames. */
import sharp from 'sharp';
import { GhostcamError } from '../errors.js';
import type { PixelFrame } from '../frame/frame.js';

const FORMATS = ['jpeg', 'png', 'webp'];
/** 128 megapixels: 384 MiB as RGB. */
const MAX_PIXELS = 1 << 27;
const MAX_SIDE = 16_384;
/** What shines through transparent pixels: the grey of the letterbox. */
const GREY = { r: 114, g: 114, b: 114 };

// libvips would keep decoded images for a next use that never comes.
sharp.cache(false);

/**
 * Decodes a JPEG, PNG or WebP file (its first picture) to rgb24, upright as its EXIF orientation says.
 * Rejects with IMAGE when it cannot be read, is damaged or too large.
 */
export async function readStill(path: string): Promise<PixelFrame> {
  try {
    const image = sharp(path, { limitInputPixels: MAX_PIXELS, failOn: 'error' });
    const { format, width, height } = await image.metadata();
    if (!FORMATS.includes(format)) {
      throw new Error(`it is ${format}, expected one of ${FORMATS.join(', ')}`);
    }
    if (Math.max(width, height) > MAX_SIDE || width * height > MAX_PIXELS) {
      throw new Error(`${width} x ${height} pixels are too many`);
    }
    const { data, info } = await image
      .autoOrient()
      .flatten({ background: GREY })
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    return { data, format: 'rgb24', width: info.width, height: info.height };
  } catch (cause) {
    const reason = (cause as Error).message.trim().split('\n')[0];
    throw new GhostcamError('IMAGE', `cannot read the image ${path}: ${reason}`, { cause });
  }
}

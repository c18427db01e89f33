/** Still images as frames. */
import { readFile, stat } from 'node:fs/promises';
import sharp from 'sharp';
import { GhostcamError } from '../errors.js';
import type { PixelFrame } from '../frame/frame.js';
import type { StillFile } from './file.js';

const FORMATS = ['jpeg', 'png', 'webp'];
/** 128 megapixels: 384 MiB as RGB. */
const MAX_PIXELS = 1 << 27;
const MAX_SIDE = 16_384;
/** What shines through transparent pixels: the grey of the letterbox. */
const GREY = { r: 114, g: 114, b: 114 };

/** No image of MAX_PIXELS is larger, whatever its format. */
const MAX_BYTES = 1 << 29;

// libvips would keep decoded images for a next use that never comes.
sharp.cache(false);

/** {@link decodeStill} of a file. */
export async function readStill({ path, name }: StillFile): Promise<PixelFrame> {
  let bytes: Uint8Array;
  try {
    bytes = await readBounded(path);
  } catch (cause) {
    throw unreadable(`the image ${name}`, cause);
  }
  return decodeStill(bytes, `the image ${name}`);
}

/**
 * Decodes a JPEG, PNG or WebP image (its first picture) to rgb24, upright as its EXIF orientation says.
 * Rejects with IMAGE when it cannot be read, is damaged or has more than `maxPixels`.
 * @param what The image, for messages.
 */
export async function decodeStill(
  bytes: Uint8Array,
  what: string,
  maxPixels = MAX_PIXELS,
): Promise<PixelFrame> {
  try {
    const image = sharp(bytes, { limitInputPixels: maxPixels, failOn: 'error' });
    const { format, width, height } = await image.metadata();
    if (!FORMATS.includes(format)) {
      throw new Error(`it is ${format}, expected one of ${FORMATS.join(', ')}`);
    }
    if (Math.max(width, height) > MAX_SIDE || width * height > maxPixels) {
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
    throw unreadable(what, cause);
  }
}

function unreadable(what: string, cause: unknown): GhostcamError {
  const reason = (cause as Error).message.trim().split('\n')[0];
  return new GhostcamError('IMAGE', `cannot read ${what}: ${reason}`, { cause });
}

/** The content of a file; what is no file, as a pipe that nobody writes to, is refused. */
async function readBounded(path: Buffer): Promise<Buffer> {
  const stats = await stat(path);
  if (!stats.isFile()) throw new Error('it is no regular file');
  if (stats.size > MAX_BYTES) throw new Error(`${stats.size} bytes are too many`);
  return readFile(path);
}

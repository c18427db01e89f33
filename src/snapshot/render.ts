/** The picture of an event as JPEG. */
import sharp, { type Sharp } from 'sharp';
import type { CameraConfig } from '../config/types.js';
import type { PixelFrame } from '../frame/frame.js';
import type { Box, Size } from '../geometry/box.js';
import type { ObjectEvent } from '../track/types.js';
import { Canvas } from './canvas.js';
import { localTime } from './local-time.js';
import { overlay } from './overlay.js';
import { toRgb, type View } from './rgb.js';

// One core for a picture, which is in no hurry: the others are for inference and ffmpeg.
sharp.concurrency(1);
// libvips would keep what it did for a hundred pictures, for a next use that never comes.
sharp.cache(false);

/** Tried in this order while the picture is above its size limit; then it loses pixels. */
const QUALITIES = [80, 60, 40];
/** What is shown around a cropped object, in shares of its box's longer side; and the least that is shown of the picture. */
const MARGIN = 0.2;
const LEAST_VIEW = 0.25;

/** The settings of a camera's pictures. */
export type SnapshotSettings = Pick<
  CameraConfig,
  'snapshotCrop' | 'snapshotDraw' | 'snapshotMaxKb' | 'zones' | 'masks'
>;

/**
 * @param picture What the camera showed at `event.best.at`, of any size: boxes are in pixels of `event.size`.
 * @param canvas Memory that the picture is drawn in; of one picture at a time.
 * @returns A JPEG within the size limit, whose EXIF names the time, the camera and the event.
 */
export async function renderSnapshot(
  picture: PixelFrame,
  event: ObjectEvent,
  { snapshotCrop: crop, snapshotDraw: draw, snapshotMaxKb: maxKb, zones, masks }: SnapshotSettings,
  canvas = new Canvas(),
): Promise<Buffer> {
  const { label, best, size } = event;
  const view = crop ? around(best.box, picture, size) : { left: 0, top: 0, ...whole(picture) };
  const { date, time, offset } = localTime(best.at);
  const drawing = {
    ...(draw.includes('box') ? { detections: [{ label, ...best }] } : {}),
    ...(draw.includes('zones') ? { zones } : {}),
    ...(draw.includes('masks') ? { masks } : {}),
    ...(draw.includes('time') ? { text: `${date} ${time} ${offset}` } : {}),
  };
  const shapes = await overlay(drawing, size, inSource(view, picture, size), whole(view));
  const into = canvas.of(3 * view.width * view.height);
  const { data, width, height } = await toRgb(picture, { view, shapes, into });
  const drawn = () => sharp(data, { raw: { width, height, channels: 3 } });
  return within(1000 * maxKb, width, (scaled) =>
    (scaled === width ? drawn() : drawn().resize({ width: scaled })).withExif(exif(event)),
  );
}

/**
 * Encodes with as much quality, then as many pixels, as the limit allows. Huffman tables of the picture's own would take half of the
 * time for one percent of the bytes.
 */
async function within(maxBytes: number, width: number, picture: (width: number) => Sharp): Promise<Buffer> {
  for (let scaled = width; ; ) {
    let bytes = 0;
    for (const quality of QUALITIES) {
      const jpeg = await picture(scaled).jpeg({ quality, optimiseCoding: false }).toBuffer();
      bytes = jpeg.length;
      // No picture is smaller than one pixel.
      if (bytes <= maxBytes || scaled === 1) return jpeg;
    }
    scaled = Math.max(1, Math.floor(scaled * Math.min(0.9, Math.sqrt(maxBytes / bytes))));
  }
}

/** The object and what is around it, in pixels of the picture. */
function around([x1, y1, x2, y2]: Box, picture: Size, source: Size): View {
  const margin = 2 * MARGIN * Math.max(x2 - x1, y2 - y1);
  const least = LEAST_VIEW * Math.min(source.width, source.height);
  const side = (from: number, to: number, length: number, pixels: number) => {
    const wanted = Math.min(length, Math.max(least, to - from + margin));
    const begin = Math.max(0, Math.min((from + to - wanted) / 2, length - wanted));
    const first = Math.min(pixels - 1, Math.floor((begin * pixels) / length));
    return { first, count: Math.max(1, Math.round((wanted * pixels) / length)) };
  };
  const x = side(x1, x2, source.width, picture.width);
  const y = side(y1, y2, source.height, picture.height);
  return {
    left: x.first,
    top: y.first,
    width: Math.min(x.count, picture.width - x.first),
    height: Math.min(y.count, picture.height - y.first),
  };
}

function inSource({ left, top, width, height }: View, picture: Size, source: Size): View {
  const x = source.width / picture.width;
  const y = source.height / picture.height;
  return { left: left * x, top: top * y, width: width * x, height: height * y };
}

function whole({ width, height }: Size): Size {
  return { width, height };
}

/** https://www.cipa.jp/std/documents/download_e.html?DC-008-Translation-2023-E, 4.6.5: times are local. */
function exif({ id, camera, label, best }: ObjectEvent) {
  const { date, time, milliseconds, offset } = localTime(best.at);
  return {
    IFD0: { ImageDescription: `${label} ${best.score.toFixed(2)}, camera ${camera}, event ${id}` },
    IFD2: {
      ColorSpace: '1',
      DateTimeOriginal: `${date.replaceAll('-', ':')} ${time}`,
      SubSecTimeOriginal: milliseconds,
      OffsetTimeOriginal: offset,
    },
  };
}

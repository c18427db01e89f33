/** Camera frames in the colours that the model is shown, for people. */
import type { PixelFrame } from '../frame/frame.js';
import { addon, fromAddon } from '../native/addon.js';

/** The frame as rgb24. Its pixels are copied before this returns; the work is done off the event loop. Rejects with FRAME. */
export async function toRgb({ data, format, width, height, range, matrix }: PixelFrame): Promise<PixelFrame> {
  const fullRange = range === 'full';
  const bt709 = matrix === 'bt709';
  try {
    const rgb = await addon().toRgb({ data, format, width, height, fullRange, bt709 });
    return { data: rgb, format: 'rgb24', width, height };
  } catch (error) {
    throw fromAddon(error);
  }
}

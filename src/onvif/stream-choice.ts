/** Which of a camera's streams ghostcam should watch. */
import type { Stream } from './types.js';

/** Lines of the picture that the detector can use with snapshots that please; more costs decoding. */
const WANTED_HEIGHT = 360;
const LARGEST_HEIGHT = 720;
/** Decoded by every ffmpeg and, on a Raspberry Pi 4, by its hardware. */
const CHEAP_CODEC = /264/;

/**
 * The stream to watch: the smallest that has 360 lines or more, at most 720 of them if there is one, H.264 before others; else
 * the largest of the smaller ones. Undefined: there is none.
 */
export function chooseStream(streams: readonly Stream[]): Stream | undefined {
  return [...streams].sort((a, b) => cost(a) - cost(b))[0];
}

function cost({ width, height, codec }: Stream): number {
  const size = height < WANTED_HEIGHT ? 4 - height / WANTED_HEIGHT : height > LARGEST_HEIGHT ? 2 : 0;
  const pixels = (width * height) / 1e8;
  return size + pixels + (CHEAP_CODEC.test(codec) ? 0 : 0.5);
}

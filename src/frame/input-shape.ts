/** The shapes that a model's input can have, and which of them a picture gets. */

/** Width and height in pixels of the input tensor [1, 3, height, width]. */
export interface InputShape {
  width: number;
  height: number;
}

/**
 * What a model is opened for: one shape, or every shape whose longer side is `side` and whose sides are multiples of `multiple`,
 * all in pixels.
 */
export type InputSize = InputShape | { side: number; multiple: number };

/**
 * How much smaller a picture may be shown so that the input needs no row of blocks that is mostly border: at 448, a 4:3 picture gets 448
 * x 320 and is 427 x 320 in it, instead of 448 x 336 in 448 x 384, whose time is 1.2 times as long.
 */
const LEAST_SCALE = 0.9;

/** The shape for a picture of this size in pixels: the smallest that shows it as large as the square of the size would, or nearly. */
export function shapeFor(size: InputSize, { width, height }: InputShape): InputShape {
  if (!('side' in size)) return { width: size.width, height: size.height };
  const { side, multiple } = size;
  const fitted = (side * Math.min(width, height)) / Math.max(width, height);
  const below = Math.floor(fitted / multiple) * multiple;
  const shorter = below >= LEAST_SCALE * fitted ? below : below + multiple;
  return width >= height ? { width: side, height: shorter } : { width: shorter, height: side };
}

/**
 * An expression in ffmpeg's language for what a picture's sides, iw and ih, are multiplied with to fit into the shape that
 * {@link shapeFor} gives it; above 1 for pictures that are smaller.
 */
export function fitExpression(size: InputSize): string {
  if (!('side' in size)) return `min(${size.width}/iw,${size.height}/ih)`;
  const { side, multiple } = size;
  const fitted = `${side}*min(iw,ih)/max(iw,ih)`;
  const below = `floor(${fitted}/${multiple})*${multiple}`;
  const shorter = `(${below}+${multiple}*lt(${below},${LEAST_SCALE}*${fitted}))`;
  return `min(${side}/max(iw,ih),${shorter}/min(iw,ih))`;
}

/** As it is written everywhere, width first: 448x256. */
export function shapeText({ width, height }: InputShape): string {
  return `${width}x${height}`;
}

/** What the planner of regions is told of a frame, in that frame's pixels. */
import type { CapturedFrame } from '../frame/frame.js';
import type { InputShape } from '../frame/input-shape.js';
import { type Box, isInPicture } from '../geometry/box.js';
import type { FollowedPlace, Place, View } from './planner.js';

type Sizes = Pick<CapturedFrame, 'width' | 'height' | 'sourceWidth' | 'sourceHeight'>;

/** @param scene Knows where its objects should be at a moment, in pixels of the camera's picture. */
export function viewOf(
  frame: Sizes & Pick<CapturedFrame, 'capturedAtMonotonic'>,
  shape: InputShape,
  motion: readonly Place[],
  scene: { followed(at: number): readonly FollowedPlace[] },
): View {
  const { width, height, sourceWidth, sourceHeight, capturedAtMonotonic: at } = frame;
  // Who should have left the picture by now is nowhere to be looked for.
  const followed = scene
    .followed(at)
    .filter(({ box }) => isInPicture(box, { width: sourceWidth, height: sourceHeight }));
  const boxes = toFrame(
    followed.map(({ box }) => box),
    frame,
  );
  const objects = followed.map((object, index) => ({ ...object, box: boxes[index] as Box }));
  return { at, frame: { width, height }, shape, motion, objects };
}

/** Boxes in pixels of the camera's picture, in pixels of the frame. */
export function toFrame(boxes: readonly Box[], { width, height, sourceWidth, sourceHeight }: Sizes): Box[] {
  const [x, y] = [width / sourceWidth, height / sourceHeight];
  return boxes.map(([x1, y1, x2, y2]) => [x1 * x, y1 * y, x2 * x, y2 * y]);
}

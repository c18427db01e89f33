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
  const picture = { width: sourceWidth, height: sourceHeight };
  const objects: FollowedPlace[] = [];
  for (const { box, uncertainty, missed } of scene.followed(at)) {
    // Who should have left the picture by now is nowhere to be looked for.
    if (isInPicture(box, picture)) objects.push({ box: inFrame(box, frame), uncertainty, missed });
  }
  return { at, frame: { width, height }, shape, motion, objects };
}

/** Boxes in pixels of the camera's picture, in pixels of the frame. */
export function toFrame(boxes: readonly Box[], sizes: Sizes): Box[] {
  return boxes.map((box) => inFrame(box, sizes));
}

function inFrame(box: Box, { width, height, sourceWidth, sourceHeight }: Sizes): Box {
  const x = width / sourceWidth;
  const y = height / sourceHeight;
  return [box[0] * x, box[1] * y, box[2] * x, box[3] * y];
}

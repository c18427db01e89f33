/** How long a camera that has shown a picture may be without another one. */
import type { CameraConfig } from '../config/types.js';

/** Seconds: the time-out, and where frames are wanted more seldom the time of two of them, for no others come. */
export function stallSeconds({ stallTimeout, fps }: Pick<CameraConfig, 'stallTimeout' | 'fps'>): number {
  return Math.max(stallTimeout, 2 / fps);
}

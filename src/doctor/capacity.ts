/** What this board can do: cameras times frames a second. */
import { CAMERA_VARIABLES } from '../config/table.js';
import type { CameraConfig } from '../config/types.js';
import { type Finding, ok, warning } from './finding.js';

/** What a camera has unless its settings say otherwise. */
const USUAL_FPS = Number(CAMERA_VARIABLES.FPS.default);

/**
 * Compares what the board can infer with what its cameras ask for when something moves in all of them: one inference follows the other,
 * for all cameras together. Decoding is done beside it, on the core that is left to ffmpeg.
 * @param inferenceMs Milliseconds of one inference with the provider that will be used.
 * @param cameras Absent without a valid configuration.
 */
export function examineCapacity(
  inferenceMs: number,
  cameras: readonly Pick<CameraConfig, 'enabled' | 'fps'>[] = [],
): Finding {
  const framesPerSecond = 1000 / inferenceMs;
  const number = Math.floor(framesPerSecond / USUAL_FPS);
  const many = `${number === 0 ? 'no camera' : number === 1 ? '1 camera' : `${number} cameras`} at ${USUAL_FPS}`;
  const can = `${inferenceMs.toFixed(1)} ms an inference are ${framesPerSecond.toFixed(1)} frames a second, ${many}`;
  const enabled = cameras.filter(({ enabled: isEnabled }) => isEnabled);
  if (enabled.length === 0) return ok('capacity', can);
  const wanted = enabled.reduce((sum, { fps }) => sum + fps, 0);
  const those = enabled.length === 1 ? 'the configured one asks' : `the configured ${enabled.length} ask`;
  const asked = `${can}; ${those} for ${Number(wanted.toFixed(1))} when all of them see motion`;
  if (wanted <= framesPerSecond) return ok('capacity', asked);
  return warning(
    'capacity',
    `${asked}: more than that, so some frames are not inferred`,
    `lower CAMERA_FPS to ${Math.max(0.1, Math.floor((10 * framesPerSecond) / enabled.length) / 10)}, or take a faster model, such as MODEL=yolov8n-ghostnetv2-320-int8`,
  );
}

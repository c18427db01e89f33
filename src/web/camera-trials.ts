/** Areas and size limits that are tried on a camera: they hold at once, and until the settings are read anew. */
import type { Mistake } from '../config/mistake.js';

export interface CameraTrials {
  /**
   * Tries `NAME=value` lines of a camera.
   * @returns Every mistake: then nothing has changed.
   */
  begin(camera: string, lines: string): Promise<readonly Mistake[]>;
  /** From now on the camera is again as its settings were read. */
  end(camera: string): Promise<void>;
  /** Variables of the camera that do not hold what was read. */
  variables(camera: string): readonly string[];
}

/** What the page reads of a camera. */
import type { CameraStats } from '../capture/camera.js';
import type { CameraState } from '../capture/state.js';
import type { CameraConfig } from '../config/types.js';
import type { CameraControls } from '../mqtt/commands.js';
import type { CameraTotals } from '../observe/camera-meter.js';

export interface WatchedCamera extends Pick<CameraControls, 'get'> {
  readonly name: string;
  readonly config: CameraConfig;
  readonly state: CameraState;
  /** Undefined: motion is not measured. */
  readonly motion: boolean | undefined;
  /** Objects that are there now, by label. */
  readonly counts: ReadonlyMap<string, number>;
  readonly reportableLabels: readonly string[];
  /** The next frame is wanted, whether or not something moves in it. */
  recall(): void;
  /** Counters since the start. */
  totals(): { capture: CameraStats; meter: CameraTotals };
}

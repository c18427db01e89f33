/** What the API says of the cameras. */
import { FrameRate } from '../capture/frame-rate.js';
import type { Clock } from '../clock.js';
import { titleOf } from '../config/title.js';
import { cameraStatePayload, rounded } from '../mqtt/payloads.js';
import type { CameraView } from './api.js';
import type { LivePictures } from './live-pictures.js';
import type { WatchedCamera } from './watched-camera.js';

/** Longest time without a frame that was inferred, while all is well, in milliseconds. */
const MAX_PAUSE_MS = 30_000;
/** Of slow cameras: so many frames may be missing. */
const MAX_MISSED = 3;

/** What is counted of one camera. */
interface Activity {
  inferred: FrameRate;
  /** When a frame was inferred, or was not worth it, by the monotonic clock. */
  lastFrameAt: number;
}

export class CameraViews {
  readonly #clock: Clock;
  /** By camera; those that never gave a frame are absent. */
  readonly #activities = new Map<string, Activity>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  onFrame(camera: string, inferred: boolean): void {
    const lastFrameAt = this.#clock.monotonic();
    const activity = this.#activities.get(camera) ?? { inferred: new FrameRate(this.#clock), lastFrameAt };
    this.#activities.set(camera, activity);
    activity.lastFrameAt = lastFrameAt;
    if (inferred) activity.inferred.tick();
  }

  /** Whether frames of at least one of the cameras that are switched on are inferred; true when all are switched off. */
  isHealthy(cameras: Iterable<WatchedCamera>): boolean {
    const enabled = [...cameras].filter((camera) => camera.get('enabled'));
    return enabled.length === 0 || enabled.some((camera) => this.#isProcessed(camera));
  }

  view(camera: WatchedCamera, pictures: LivePictures, trial: readonly string[]): CameraView {
    const { name, config, state, motion, counts, reportableLabels } = camera;
    const size = pictures.sizeOf(name);
    return {
      name,
      title: config.title ?? titleOf(name),
      state: cameraStatePayload(state),
      settings: {
        enabled: camera.get('enabled'),
        detect: camera.get('detect'),
        threshold: camera.get('threshold'),
        fps: camera.get('fps'),
      },
      ...(motion === undefined ? {} : { motion }),
      counts: Object.fromEntries(counts),
      fpsIn: rounded(camera.totals().capture.fps, 1),
      fpsInferred: rounded(this.#activities.get(name)?.inferred.perSecond() ?? 0, 1),
      ...(size === undefined ? {} : { size }),
      labels: [...reportableLabels],
      zones: config.zones,
      masks: config.masks,
      privacy: config.privacy,
      filters: config.filters,
      trial,
    };
  }

  #isProcessed(camera: WatchedCamera): boolean {
    const activity = this.#activities.get(camera.name);
    if (activity === undefined || camera.state.status !== 'online') return false;
    const allowed = Math.max(MAX_PAUSE_MS, (MAX_MISSED * 1000) / camera.get('fps'));
    return this.#clock.monotonic() - activity.lastFrameAt < allowed;
  }
}

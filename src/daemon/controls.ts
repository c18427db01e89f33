/** What a user may change on a camera while it is watched. Changes last until the daemon ends: the env file is the beginning. */
import type { ModelThresholds } from '../detect/thresholds.js';
import { classThresholds } from '../detect/thresholds.js';
import type { Watch } from './camera-pipeline.js';

export interface Settings {
  /** Off: no ffmpeg runs for this camera, and its state is `disabled`. */
  detect: boolean;
  /** Score from which an object is reported. */
  threshold: number;
  /** Frames a second that are looked at, at most. */
  fps: number;
}

export class Controls {
  readonly #watch: Watch;
  readonly #labels: readonly string[];
  readonly #model: ModelThresholds;
  readonly #settings: Settings;

  /** @param labels Those of the model, by class. */
  constructor(watch: Watch, labels: readonly string[], model: ModelThresholds) {
    this.#watch = watch;
    this.#labels = labels;
    this.#model = model;
    const { enabled, threshold, fps } = watch.camera.config;
    this.#settings = { detect: enabled, threshold: threshold ?? model.score, fps };
  }

  get settings(): Readonly<Settings> {
    return this.#settings;
  }

  /** Takes effect at once; see {@link Camera.setFps} for what that means for the frame rate. */
  set<S extends keyof Settings>(setting: S, value: Settings[S]): void {
    this.#settings[setting] = value;
    const { camera } = this.#watch;
    const { detect, threshold, fps } = this.#settings;
    switch (setting) {
      case 'detect':
        if (detect) camera.start();
        else void camera.stop();
        break;
      case 'threshold':
        this.#watch.thresholds = classThresholds(this.#labels, this.#model, { ...camera.config, threshold });
        break;
      case 'fps':
        camera.setFps(fps);
        break;
    }
  }
}

/** Whether the daemon does its work, for systemd's watchdog: an event loop that turns is not enough. */

export interface CameraProgress {
  name: string;
  /** The camera is said to deliver. */
  online: boolean;
  /** Longest time without a frame that capture itself allows, in seconds. */
  stallTimeout: number;
  /** Counters since the start: frames captured, and frames inferred or given up. */
  captured: number;
  processed: number;
}

/** Capture restarts a silent camera by itself; only when it has missed that for so many time-outs it is broken. */
const MISSED_STALLS = 3;

export class Progress {
  #captured = 0;
  #processed = 0;
  readonly #lastFrames = new Map<string, { captured: number; at: number }>();

  /**
   * What stands still since the last call; undefined: nothing does. Cameras that are away do not count: starting the daemon
   * anew would not bring them back.
   * @param now Milliseconds of a clock that never jumps.
   */
  stuck(cameras: readonly CameraProgress[], now: number): string | undefined {
    const captured = sum(cameras, 'captured');
    const processed = sum(cameras, 'processed');
    const idle = captured > this.#captured && processed === this.#processed;
    this.#captured = captured;
    this.#processed = processed;
    const silent = cameras.filter((camera) => this.#isSilent(camera, now));
    if (idle) return 'frames arrive, but none is inferred';
    if (silent.length > 0) {
      return `no frames of ${silent.map(({ name }) => name).join(', ')}, and capture does not notice`;
    }
    return undefined;
  }

  #isSilent({ name, online, captured, stallTimeout }: CameraProgress, now: number): boolean {
    const last = this.#lastFrames.get(name);
    if (!online || last === undefined || last.captured !== captured) {
      this.#lastFrames.set(name, { captured, at: now });
      return false;
    }
    return now - last.at > MISSED_STALLS * stallTimeout * 1000;
  }
}

function sum(cameras: readonly CameraProgress[], field: 'captured' | 'processed'): number {
  return cameras.reduce((total, camera) => total + camera[field], 0);
}

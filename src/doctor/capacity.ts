/** What this board can do: cameras times frames a second. */
import { CAMERA_VARIABLES } from '../config/table.js';
import type { CameraConfig } from '../config/types.js';
import { type Finding, ok, warning } from './finding.js';

/** What a camera has unless its settings say otherwise. */
const USUAL_FPS = Number(CAMERA_VARIABLES.FPS.default);
const FASTER_MODEL = 'a faster model, such as MODEL=yolov8n-ghostnetv2-320-int8';

/** What was measured. */
export interface Measured {
  /** Milliseconds of one inference with the provider that will be used. */
  inferenceMs: number;
  /** CPU time of one, on all of its threads, in milliseconds. */
  inferenceCpuMs: number;
  /** Cores that the decoding of each camera takes; not empty. */
  decoding: readonly number[];
  /** Of this board. */
  cores: number;
  /** Programs that ran or waited for the processor in the minute before, of this one and others: the load average. */
  load: number;
}

type CameraDemand = Pick<CameraConfig, 'enabled' | 'fps'>;

/**
 * Compares what the board can do with what its cameras ask for when something moves in all of them. There are two limits: inferences follow
 * one another, for all cameras together; and decoding, which is done all the time, and inferences share the cores.
 * @param cameras Absent without a valid configuration.
 */
export function examineCapacity(measured: Measured, cameras: readonly CameraDemand[] = []): Finding {
  const { inferenceMs, inferenceCpuMs, cores, load } = measured;
  const aCamera = measured.decoding.reduce((sum, one) => sum + one, 0) / measured.decoding.length;
  const perSecond = 1000 / inferenceMs;
  const takes = (number: number, frames: number) => number * aCamera + (frames * inferenceCpuMs) / 1000;

  const usual = Math.floor(Math.min(perSecond / USUAL_FPS, cores / takes(1, USUAL_FPS)));
  const can = [
    `${usual === 0 ? 'no camera' : usual === 1 ? '1 camera' : `${usual} cameras`} at ${USUAL_FPS} frames a second`,
    `an inference takes ${inferenceMs.toFixed(1)} ms, ${inferenceCpuMs.toFixed(1)} of CPU, one after the other`,
    `decoding ${share(aCamera)} of a core for each camera`,
    cores === 1 ? 'there is 1 core' : `there are ${cores} cores`,
    // The usual case: the daemon itself is running.
    ...(load > cores ? [`at a load of ${load.toFixed(1)}: without what else runs it is more`] : []),
  ];
  const [verdict, ...reasons] = can;
  const said = `${verdict} (${reasons.join('; ')})`;
  const enabled = cameras.filter(({ enabled: isEnabled }) => isEnabled);
  if (enabled.length === 0) return ok('capacity', said);

  const wanted = enabled.reduce((sum, { fps }) => sum + fps, 0);
  const busy = takes(enabled.length, wanted);
  const those = enabled.length === 1 ? 'the configured one asks' : `the configured ${enabled.length} ask`;
  const asked = `${said}; ${those} for ${round(wanted)} when all of them see motion, ${share(busy / cores)} of the processor`;
  if (wanted <= perSecond && busy <= cores) return ok('capacity', asked);
  const message = `${asked}: more than there is, so some frames are not inferred`;
  const decoding = enabled.length * aCamera;
  if (decoding > cores / 2) {
    return warning(
      'capacity',
      message,
      `decoding alone takes ${share(decoding / cores)} of the processor: take the cameras' smaller sub streams, or a decoder in hardware (CAMERA_DECODER)`,
    );
  }
  const possible = Math.min(perSecond, (1000 * (cores - decoding)) / inferenceCpuMs) / enabled.length;
  const fps = Math.max(0.1, Math.floor(10 * possible) / 10);
  return warning('capacity', message, `lower CAMERA_FPS to ${fps}, or take ${FASTER_MODEL}`);
}

/** A share as people read it. */
export function share(part: number): string {
  return `${(100 * part).toFixed(part < 0.1 ? 1 : 0)} %`;
}

const round = (frames: number) => Number(frames.toFixed(1));

/** A camera watched for some seconds as the daemon watches it, with its own capture. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Camera, type CameraDeps } from '../capture/camera.js';
import { systemClock } from '../clock.js';
import type { CameraConfig } from '../config/types.js';

/** Long enough for a group of pictures of most cameras, whose first one costs more than the others. */
const MEASURED_MS = 4_000;

export interface Watched {
  /** Of the camera's own picture, in pixels. */
  width: number;
  height: number;
  /** Until the first picture. */
  seconds: number;
  /** CPU seconds a second that its ffmpeg takes; undefined where that is unknown, and when no more pictures came. */
  decoding?: number;
}

/** @returns What was seen, or why nothing is. */
export async function watch(config: CameraConfig, deps: CameraDeps): Promise<Watched | { problem: string }> {
  const camera = new Camera(config, deps);
  const began = systemClock.monotonic();
  try {
    // Capture's own time-outs end a wait for a silent camera.
    const problem = await new Promise<string | undefined>((resolve) => {
      camera.once('frame', () => resolve(undefined));
      camera.once('failure', (reason) => resolve(reason));
      camera.start();
    });
    const seconds = (systemClock.monotonic() - began) / 1000;
    const frame = camera.take();
    if (problem !== undefined || frame === undefined) return { problem: problem ?? 'no picture' };
    const { sourceWidth: width, sourceHeight: height } = frame;
    frame.release();
    const decoding = await measure(camera);
    return { width, height, seconds, ...(decoding === undefined ? {} : { decoding }) };
  } finally {
    await camera.stop();
  }
}

async function measure(camera: Camera): Promise<number | undefined> {
  const before = camera.stats();
  const began = systemClock.monotonic();
  await sleep(MEASURED_MS);
  const seconds = (systemClock.monotonic() - began) / 1000;
  const after = camera.stats();
  if (before.ffmpegCpuSeconds === undefined || after.ffmpegCpuSeconds === undefined) return undefined;
  if (after.frames === before.frames || camera.state.status !== 'online') return undefined;
  return (after.ffmpegCpuSeconds - before.ffmpegCpuSeconds) / seconds;
}

/** Whether every camera delivers a picture, with the daemon's own capture. */
import { Camera } from '../capture/camera.js';
import { findFfmpeg } from '../capture/ffmpeg.js';
import { systemClock } from '../clock.js';
import type { CameraConfig } from '../config/types.js';
import type { Log } from '../observe/log.js';
import { type Finding, failure, ok } from './finding.js';

/** What frames are shrunk to matters not here: the shipped model's input. */
const INPUT_SIZE = { width: 320, height: 320 };

export async function examineCameras(
  cameras: readonly CameraConfig[],
  ffmpegPath: string | undefined,
  log: Log,
): Promise<Finding[]> {
  const ffmpeg = await findFfmpeg(ffmpegPath).catch(() => undefined);
  if (ffmpeg === undefined) return []; // reported as such already
  return Promise.all(
    cameras.map((config) => {
      if (!config.enabled) return ok(`camera ${config.name}`, 'disabled');
      return examine(new Camera(config, { ffmpeg, inputSize: INPUT_SIZE, log }));
    }),
  );
}

async function examine(camera: Camera): Promise<Finding> {
  const check = `camera ${camera.config.name}`;
  const began = systemClock.monotonic();
  // Capture's own time-outs end a wait for a silent camera.
  const problem = await new Promise<string | undefined>((resolve) => {
    camera.once('frame', () => resolve(undefined));
    camera.once('failure', (reason) => resolve(reason));
    camera.start();
  });
  const seconds = (systemClock.monotonic() - began) / 1000;
  const frame = camera.take();
  await camera.stop();
  if (problem !== undefined || frame === undefined) return failure(check, problem ?? 'no picture');
  return ok(
    check,
    `${frame.sourceWidth} x ${frame.sourceHeight}, first picture after ${seconds.toFixed(1)} s`,
  );
}

/** Whether every camera delivers a picture, with the daemon's own capture. */
import { Camera } from '../capture/camera.js';
import { type Ffmpeg, findFfmpeg } from '../capture/ffmpeg.js';
import { systemClock } from '../clock.js';
import type { CameraConfig, Config } from '../config/types.js';
import { type InputSize, shapeFor } from '../frame/input-shape.js';
import { loadModel } from '../model/manifest.js';
import type { Log } from '../observe/log.js';
import { type Finding, failure, ok } from './finding.js';

export async function examineCameras(
  { cameras, ffmpegPath, model }: Pick<Config, 'cameras' | 'ffmpegPath' | 'model'>,
  log: Log,
): Promise<Finding[]> {
  const ffmpeg = await findFfmpeg(ffmpegPath).catch(() => undefined);
  const inputSize = await loadModel(model).then(
    (loaded) => loaded.inputSize,
    () => undefined,
  );
  if (ffmpeg === undefined || inputSize === undefined) return []; // reported as such already
  return Promise.all(
    cameras.map((config) => {
      if (!config.enabled) return ok(`camera ${config.name}`, 'disabled');
      return examine(config, { ffmpeg, inputSize, log });
    }),
  );
}

async function examine(
  config: CameraConfig,
  parts: { ffmpeg: Ffmpeg; inputSize: InputSize; log: Log },
): Promise<Finding> {
  const camera = new Camera(config, parts);
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
  const { sourceWidth: width, sourceHeight: height } = frame;
  const input = shapeFor(parts.inputSize, { width, height });
  return ok(
    check,
    `${width} x ${height}, first picture after ${seconds.toFixed(1)} s; the model sees it at ${input.width} x ${input.height}`,
  );
}

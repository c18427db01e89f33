/** What a camera that seldom sees anything sends: noise, coded as H.264 at a camera's bit rate. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { Camera } from '../../src/capture/camera.js';
import { findFfmpeg } from '../../src/capture/ffmpeg.js';
import { defaultCameraConfig } from '../../src/config/types.js';
import type { CapturedFrame } from '../../src/frame/frame.js';
import { execute } from './execute.js';
import { cameraLike, clip, vtest } from './footage.js';
import { memoryLog } from './log.js';

/** Noise of each pixel and frame, up to 12 grey levels either way, as of a small sensor in the evening. */
const noise = 'noise=alls=24:allf=t+u';
const coded = [...cameraLike, ...['-b:v', '1M', '-maxrate', '1M', '-bufsize', '1M', '-pix_fmt', 'yuv420p']];

/** A clip of 60 s, 1280x720 at 15 frames a second, of a photograph in which nothing moves but the noise. */
export async function noisyStill(image: string): Promise<string> {
  const args = [
    ...['-loop', '1', '-framerate', '15', '-t', '60', '-i', image],
    ...['-vf', `scale=1280:720,format=yuv420p,${noise}`, ...coded, '-g', '30'],
  ];
  return clip(args, await readFile(image));
}

/** When the first of them, a hand, is in the picture of {@link entrance}: found by eye, frame by frame. */
export const ENTRANCE_S = 9.9;

/**
 * A clip of 20 s, 1280x720 at 10 frames a second: a lawn, enlarged from the lower left of vtest.avi, to which two people
 * come from the right, look around, and leave.
 */
export async function entrance(): Promise<string> {
  return clip([
    ...['-i', await vtest()],
    ...['-vf', `select='between(n,428,627)',setpts=N/10/TB,crop=384:216:0:336,scale=1280:720,${noise}`],
    ...['-r', '10', ...coded, '-g', '20'],
  ]);
}

/** The same lawn before they come. */
export const emptyLawn = () => nothingHappens(384, 0, 336);
/** Grass above it. */
export const emptyMeadow = () => nothingHappens(256, 0, 290);
/** The lower right corner, with a piece of road. */
export const emptyVerge = () => nothingHappens(224, 512, 450);

/**
 * A clip of 42 s, 1280x720 at 10 frames a second, of a part of vtest.avi in which nothing happens: what changes is the noise of the
 * camera that filmed it.
 */
async function nothingHappens(width: number, left: number, top: number): Promise<string> {
  const crop = `crop=${width}:${(width * 9) / 16}:${left}:${top}`;
  return clip([
    ...['-i', await vtest(), '-vf', `select='lt(n,420)',setpts=N/10/TB,${crop},scale=1280:720`],
    ...['-r', '10', ...coded, '-g', '20'],
  ]);
}

/** A quarter of vtest.avi, 80 s at 10 frames a second, enlarged to 1280x960: people come now and then. */
export async function quarter(column: 0 | 1, row: 0 | 1): Promise<string> {
  return clip([
    ...['-i', await vtest(), '-vf', `crop=384:288:${384 * column}:${288 * row},scale=1280:960`],
    ...[...coded, '-g', '20'],
  ]);
}

/**
 * Every `step`th frame of a clip of `fps` frames a second, as captured from time 0 on, scaled to that longer side, or to that height where
 * it is given and more.
 */
export async function* framesOf(
  url: string,
  { fps, step = 1, size = 320, height }: { fps: number; step?: number; size?: number; height?: number },
): AsyncGenerator<CapturedFrame> {
  const { log } = memoryLog();
  const inputSize = { width: size, height: size };
  const frames =
    height === undefined ? { snapshot: false, regions: false } : { snapshot: true, frameHeight: height };
  const camera = new Camera(defaultCameraConfig({ name: 'front', url, ...frames, stallTimeout: 20 }), {
    ffmpeg: await findFfmpeg(),
    inputSize,
    log,
    paced: false,
  });
  const seconds = await durationOf(url);
  camera.start();
  try {
    // Files are repeated without end.
    for (let index = 0; index < Math.round(seconds * fps); ) {
      const frame = camera.take();
      if (frame === undefined) {
        await once(camera, 'frame');
        continue;
      }
      const at = (1000 * index) / fps;
      if (index % step === 0) yield { ...frame, data: frame.data, capturedAt: at, capturedAtMonotonic: at };
      frame.release();
      index += 1;
    }
  } finally {
    await camera.stop();
  }
}

async function durationOf(url: string): Promise<number> {
  const show = ['-show_entries', 'format=duration', '-of', 'csv=p=0'];
  return Number(await execute('ffprobe', ['-v', 'error', ...show, url]));
}

/** `ghostcam bench`: what this board makes of a model, as ratios and absolute values from one run. */

import { bench as measure } from '../bench/bench.js';
import { formatReport } from '../bench/report.js';
import { findFfmpeg } from '../capture/ffmpeg.js';
import { Detector } from '../detect/detector.js';
import { FOOTAGE } from '../package-info.js';
import type { Environment } from './env-file.js';
import { type RuntimeFlags, runtimeOptions } from './runtime-options.js';

export interface BenchFlags extends RuntimeFlags {
  json?: true;
  frames: number;
  cameras: number;
  footage?: string;
}

export async function bench(flags: BenchFlags, environment: Environment): Promise<void> {
  const { frames, cameras, footage = FOOTAGE } = flags;
  const ffmpeg = await findFfmpeg(environment.FFMPEG_PATH || undefined);
  const detector = await Detector.open(runtimeOptions(flags, environment));
  try {
    const report = await measure({ detector, ffmpeg, footage, frames, cameras });
    console.log(flags.json ? JSON.stringify(report) : formatReport(report));
  } finally {
    await detector.close();
  }
}

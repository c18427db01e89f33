/** Whether every camera delivers a picture, and what decoding it takes. */
import { findFfmpeg } from '../capture/ffmpeg.js';
import { type CameraConfig, defaultCameraConfig } from '../config/types.js';
import { type InputSize, shapeFor } from '../frame/input-shape.js';
import { loadModel } from '../model/manifest.js';
import type { Log } from '../observe/log.js';
import { FOOTAGE } from '../package-info.js';
import { share } from './capacity.js';
import { type Finding, failure, ok } from './finding.js';
import { type Watched, watch } from './watch.js';

export interface CameraQuestion {
  /** Empty without a valid configuration. */
  cameras: readonly CameraConfig[];
  ffmpegPath: string | undefined;
  model: string;
  log: Log;
}

export interface CameraFindings {
  findings: Finding[];
  /** Cores that each camera's decoding takes. Where none gave pictures, that of our own clip; empty: unknown. */
  decoding: number[];
}

/** Each camera that is enabled must deliver a picture. No finding where ffmpeg or the model is missing, which others report. */
export async function examineCameras({
  cameras,
  ffmpegPath,
  model,
  log,
}: CameraQuestion): Promise<CameraFindings> {
  const ffmpeg = await findFfmpeg(ffmpegPath).catch(() => undefined);
  const inputSize = await loadModel(model).then(
    (loaded) => loaded.inputSize,
    () => undefined,
  );
  if (ffmpeg === undefined || inputSize === undefined) return { findings: [], decoding: [] }; // reported as such already
  const parts = { ffmpeg, inputSize, log };
  const seen = await Promise.all(
    cameras.map(async (config) => ({
      config,
      result: config.enabled ? await watch(config, parts) : undefined,
    })),
  );
  const findings = seen.map(({ config, result }) => judge(`camera ${config.name}`, result, inputSize));
  const decoding = seen.flatMap(({ result }) => decodingOf(result));
  if (decoding.length > 0) return { findings, decoding };
  const sample = await watch(defaultCameraConfig({ name: 'sample', url: FOOTAGE }), parts);
  return { findings, decoding: decodingOf(sample) };
}

function decodingOf(result: Watched | { problem: string } | undefined): number[] {
  return result !== undefined && 'decoding' in result && result.decoding !== undefined
    ? [result.decoding]
    : [];
}

function judge(
  check: string,
  result: Watched | { problem: string } | undefined,
  inputSize: InputSize,
): Finding {
  if (result === undefined) return ok(check, 'disabled');
  if ('problem' in result) return failure(check, result.problem);
  const { width, height, seconds, decoding } = result;
  const input = shapeFor(inputSize, { width, height });
  const cost = decoding === undefined ? '' : `; decoding takes ${share(decoding)} of a core`;
  return ok(
    check,
    `${width} x ${height}, first picture after ${seconds.toFixed(1)} s; the model sees it at ${input.width} x ${input.height}${cost}`,
  );
}

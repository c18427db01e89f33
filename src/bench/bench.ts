/**
 * Measures, in one run and in alternating rounds so that a change of the machine's speed meets all alike:
 *  a  the bare inference: the session called back to back on its bound tensors;
 *  b  full frames from memory: letterbox + inference + decoding + NMS, through the event loop and back;
 *     before them, what decides which part of a frame is inferred: the motion meter and the planner of regions;
 *  c  a video file -> ffmpeg -> detections at an MQTT broker on loopback, as fast as it goes.
 * Rates and their ratios are medians over the rounds: what else the machine did in a few of them does not count.
 */
import { Camera } from '../capture/camera.js';
import type { Ffmpeg } from '../capture/ffmpeg.js';
import { type CameraConfig, defaultCameraConfig } from '../config/types.js';
import type { Detector } from '../detect/detector.js';
import { classThresholds } from '../detect/thresholds.js';
import { GhostcamError } from '../errors.js';
import type { CapturedFrame } from '../frame/frame.js';
import { shapeText } from '../frame/input-shape.js';
import { createLog } from '../observe/log.js';
import type { StageTimings } from '../observe/stage-timings.js';
import { EndToEnd } from './end-to-end.js';
import { PlanningStage, type PlanningTimes } from './planning.js';
import type { BenchReport } from './report.js';
import { percentile, sum } from './statistics.js';

const ROUNDS = 10;
/** Different frames for b, so that the caches are no warmer than in life. */
const MEMORY_FRAMES = 32;

export interface BenchOptions {
  detector: Detector;
  ffmpeg: Ffmpeg;
  footage: string;
  /** Frames of each stage, in all rounds together. */
  frames: number;
  /** Cameras that play the footage in c. */
  cameras: number;
}

/** Frames a second in one round. */
interface RoundRates {
  bare: number;
  full: number;
  e2e: number;
}

/** All stages in turn, in rounds, so that what else the machine does is in each of them. */
export async function bench({
  detector,
  ffmpeg,
  footage,
  frames,
  cameras,
}: BenchOptions): Promise<BenchReport> {
  const log = createLog({ level: 'error' });
  const { model, inputSize, runtime, provider, threads } = detector.info;
  const all = { threshold: undefined, labels: undefined, filters: [] };
  const thresholds = classThresholds(model.labels, model.thresholds, all);
  const sources = Array.from({ length: cameras }, (_, index) => {
    const config = footageConfig(`bench${index + 1}`, footage);
    return new Camera(config, { ffmpeg, inputSize, log, paced: false });
  });

  const memory = await record(footageConfig('memory', footage), { ffmpeg, inputSize, log });
  const [{ sourceWidth: width, sourceHeight: height }] = memory as [CapturedFrame];
  const shape = detector.shapeFor({ width, height });
  // As large as frames are where there are regions.
  const config = defaultCameraConfig({ ...footageConfig('planning', footage), motion: true, regions: true });
  const planning = new PlanningStage(await record(config, { ffmpeg, inputSize, log }), shape, config);
  const endToEnd = await EndToEnd.start(sources, detector, log);
  const bare: number[] = [];
  const full: number[] = [];
  const stages: StageTimings[] = [];
  const plans: PlanningTimes[] = [];
  const rates: RoundRates[] = [];
  const perRound = Math.ceil(frames / ROUNDS);
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const bareMs = await detector.bare(perRound, shape);
      bare.push(...bareMs);
      for (let index = 0; index < perRound; index++) {
        const begin = performance.now();
        const frame = memory[index % memory.length] as CapturedFrame;
        const { timings } = await detector.detect(frame, { thresholds, shape });
        full.push(performance.now() - begin);
        stages.push(timings);
      }
      for (let index = 0; index < perRound; index++) plans.push(planning.next());
      const rate = (ms: number) => (1000 * perRound) / ms;
      rates.push({
        bare: rate(sum(bareMs)),
        full: rate(sum(full.slice(-perRound))),
        e2e: rate(await endToEnd.run(perRound)),
      });
    }
  } finally {
    await endToEnd.stop();
  }

  const stage = (name: keyof StageTimings, fraction: number) =>
    percentile(
      stages.map((timings) => timings[name]),
      fraction,
    );
  const plan = (name: keyof PlanningTimes, fraction: number) =>
    percentile(
      plans.map((times) => times[name]),
      fraction,
    );
  const median = (of: (rates: RoundRates) => number) => percentile(rates.map(of), 0.5);
  const bareMs = percentile(bare, 0.5);
  return {
    bare_ms_p50: bareMs,
    bare_ms_p95: percentile(bare, 0.95),
    full_ms_p50: percentile(full, 0.5),
    full_ms_p95: percentile(full, 0.95),
    full_over_bare: median((round) => round.full / round.bare),
    e2e_over_bare: median((round) => round.e2e / round.bare),
    bare_fps: median((round) => round.bare),
    full_fps: median((round) => round.full),
    e2e_fps: median((round) => round.e2e),
    queue_ms_p50: stage('queueMs', 0.5),
    queue_ms_p95: stage('queueMs', 0.95),
    pre_ms_p50: stage('preMs', 0.5),
    pre_ms_p95: stage('preMs', 0.95),
    infer_ms_p50: stage('inferMs', 0.5),
    infer_ms_p95: stage('inferMs', 0.95),
    post_ms_p50: stage('postMs', 0.5),
    post_ms_p95: stage('postMs', 0.95),
    motion_ms_p50: plan('motionMs', 0.5),
    motion_ms_p95: plan('motionMs', 0.95),
    plan_ms_p50: plan('planMs', 0.5),
    plan_ms_p95: plan('planMs', 0.95),
    plan_frame: shapeText(planning.size),
    pre_post_over_bare: (stage('preMs', 0.5) + stage('postMs', 0.5)) / bareMs,
    ...endToEnd.report(),
    frames: perRound * ROUNDS,
    cameras,
    footage,
    provider,
    runtime: `ONNX Runtime ${runtime.version}`,
    model: model.name,
    input: shapeText(shape),
    threads,
  };
}

/** Every frame of the footage is inferred, and nothing but detections is made of it. */
function footageConfig(name: string, url: string): CameraConfig {
  return defaultCameraConfig({
    name,
    url,
    fps: 60,
    motion: false,
    regions: false,
    snapshot: false,
    stallTimeout: 30,
  });
}

/** The first frames of the footage, as the detector would get them, copied out of their camera's buffers. */
async function record(
  config: CameraConfig,
  deps: Omit<ConstructorParameters<typeof Camera>[1], 'paced'>,
): Promise<CapturedFrame[]> {
  const camera = new Camera(config, { ...deps, paced: false });
  const frames: CapturedFrame[] = [];
  camera.start();
  try {
    while (frames.length < MEMORY_FRAMES) {
      const frame = camera.take();
      if (frame === undefined) {
        await frameOrFailure(camera);
        continue;
      }
      frames.push({ ...frame, data: frame.data.slice() });
      frame.release();
    }
  } finally {
    await camera.stop();
  }
  return frames;
}

/** Rejects with IMAGE when ffmpeg gives up on the file, which a camera would only try again. */
function frameOrFailure(camera: Camera): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = () => {
      camera.off('frame', onFrame);
      camera.off('failure', onFailure);
    };
    const onFrame = () => {
      settle();
      resolve();
    };
    const onFailure = () => {
      settle();
      reject(new GhostcamError('IMAGE', `ffmpeg finds no video in ${camera.config.url}`));
    };
    camera.on('frame', onFrame);
    camera.on('failure', onFailure);
  });
}

/**
 * What larger frames cost: CPU milliseconds per frame of ffmpeg, of the main thread and of the inference thread, for one
 * camera at 5 frames a second, by the height that its snapshots ask for.
 *
 *     node test/bench/snapshots/height.mjs [SECONDS]     (after npm run setup)
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Camera } from '../../../dist/capture/camera.js';
import { findFfmpeg } from '../../../dist/capture/ffmpeg.js';
import { Detector } from '../../../dist/detect/detector.js';
import { MotionMeter } from '../../../dist/motion/meter.js';
import { threadCpuSeconds } from '../../../dist/native/cpu-time.js';

const seconds = Number(process.argv[2] ?? 20);
const footage = join(homedir(), '.cache', 'ghostcam', 'vtest.avi');
if (!existsSync(footage)) throw new Error(`${footage} is not there: npm test fetches it`);

/** Size, frames and megabits a second of cameras' streams, and the heights to try; 0 is the detector's own. */
const STREAMS = [
  { size: '640x360', fps: 15, rate: '1M', heights: [0, 360] },
  { size: '1280x720', fps: 20, rate: '2M', heights: [0, 360, 720] },
  { size: '1920x1080', fps: 25, rate: '4M', heights: [0, 360, 720, 1080] },
];

const silent = { debug() {}, info() {}, warn() {}, error: console.error };
const folder = mkdtempSync(join(tmpdir(), 'ghostcam-bench-'));
const ffmpeg = await findFfmpeg();
const detector = await Detector.open({ model: 'yolov8n-ghostnetv2-320', provider: 'cpu', threads: 1 });
const inputSize = detector.info.inputSize;

/** A clip of 20 s with a camera's noise and bit rate. */
function clip({ size, fps, rate }) {
  const path = join(folder, `${size}.ts`);
  const filters = `fps=${fps},scale=${size.replace('x', ':')},noise=alls=12:allf=t+u,format=yuv420p`;
  const coded = ['-c:v', 'libx264', '-preset', 'veryfast', '-bf', '0', '-g', String(2 * fps)];
  const limits = ['-b:v', rate, '-maxrate', rate, '-bufsize', rate];
  execFileSync(ffmpeg.path, [
    ...['-nostdin', '-loglevel', 'error', '-t', '20', '-i', footage, '-vf', filters],
    ...[...coded, ...limits, '-an', '-f', 'mpegts', path],
  ]);
  return path;
}

/** Watches a stream for a while as the daemon does, and returns CPU milliseconds per frame. */
async function watch(url, height) {
  const config = { name: 'bench', url, transport: 'tcp', fps: 5, stallTimeout: 30 };
  const snapshot = height === 0 ? undefined : { height };
  const camera = new Camera({ ...config, snapshot }, { ffmpeg, inputSize, log: silent });
  const meter = new MotionMeter([]);
  let frames = 0;
  let bytes = 0;
  let motionMs = 0;
  let busy = Promise.resolve();
  camera.on('frame', () => {
    busy = busy.then(async () => {
      const frame = camera.take();
      if (frame === undefined) return;
      const begin = performance.now();
      meter.update(frame, 0.2, false);
      motionMs += performance.now() - begin;
      await detector.detect(frame);
      frames++;
      bytes = frame.data.length;
      frame.release();
    });
  });
  camera.start();
  await new Promise((resolve) => camera.once('frame', resolve));
  const now = () => [camera.stats().ffmpegCpuSeconds, threadCpuSeconds(), detector.cpuSeconds()];
  const before = now();
  const begun = frames;
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const after = now();
  const count = frames - begun;
  await camera.stop();
  await busy;
  const [ffmpegMs, mainMs, inferenceMs] = after.map((value, at) => (1000 * (value - before[at])) / count);
  return { bytes, frames: count, ffmpegMs, mainMs, inferenceMs, motionMs: motionMs / frames };
}

console.log(
  'stream      height  kB/frame  frames  ffmpeg ms  main ms  motion ms  inference ms  sum ms  of own',
);
try {
  for (const stream of STREAMS) {
    const url = clip(stream);
    let own;
    for (const height of stream.heights) {
      const { bytes, frames, ffmpegMs, mainMs, inferenceMs, motionMs } = await watch(url, height);
      const total = ffmpegMs + mainMs + inferenceMs;
      own ??= total;
      console.log(
        [
          stream.size.padEnd(10),
          String(height || 'own').padStart(7),
          (bytes / 1000).toFixed(0).padStart(9),
          String(frames).padStart(7),
          ...[ffmpegMs, mainMs].map((ms) => ms.toFixed(1).padStart(9)),
          motionMs.toFixed(2).padStart(10),
          ...[inferenceMs, total].map((ms) => ms.toFixed(1).padStart(10)),
          (total / own).toFixed(2).padStart(9),
        ].join(' '),
      );
    }
  }
} finally {
  await detector.close();
  rmSync(folder, { recursive: true });
}

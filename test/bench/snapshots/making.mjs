/**
 * What making a picture costs, and whom it keeps waiting: milliseconds and CPU milliseconds a picture, how late the
 * event loop is, and the time of an inference, without pictures and with two a second, in turns.
 *
 *     node test/bench/snapshots/making.mjs [HEIGHT]     (after npm run setup; of 16:9, default 720)
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { percentile } from '../../../dist/bench/statistics.js';
import { findFfmpeg } from '../../../dist/capture/ffmpeg.js';
import { defaultCameraConfig } from '../../../dist/config/types.js';
import { Detector } from '../../../dist/detect/detector.js';
import { EventLoopMonitor } from '../../../dist/observe/event-loop.js';
import { Canvas } from '../../../dist/snapshot/canvas.js';
import { renderSnapshot } from '../../../dist/snapshot/render.js';

const ROUNDS = 6;
const ROUND_MS = 5000;
const PICTURES_PER_SECOND = 2;
const height = Number(process.argv[2] ?? 720);
const width = (height * 16) / 9;

const footage = join(homedir(), '.cache', 'ghostcam', 'vtest.avi');
if (!existsSync(footage)) throw new Error(`${footage} is not there: npm test fetches it`);
const { path } = await findFfmpeg();
const data = execFileSync(
  path,
  [
    ...['-nostdin', '-loglevel', 'error', '-ss', '10', '-i', footage, '-frames:v', '1'],
    ...['-vf', `scale=${width}:${height}`, '-pix_fmt', 'yuv420p', '-f', 'rawvideo', 'pipe:1'],
  ],
  { maxBuffer: 1 << 24 },
);
const frame = { data, format: 'yuv420p', width, height, matrix: 'bt601', range: 'limited' };
const best = { at: Date.now(), score: 0.87, box: [980, 190, 1032, 296].map((side) => (side * height) / 720) };
const event = { id: 'bench-1', camera: 'bench', label: 'person', best, size: { width, height } };
const settings = defaultCameraConfig({ name: 'bench', url: 'test:' });
const canvas = new Canvas();
const picture = () => renderSnapshot(frame, event, settings, canvas);

const row = (name, ...values) =>
  console.log(name.padEnd(44), values.map((value) => String(value).padStart(9)).join(''));
const detector = await Detector.open({ model: 'yolov8n-ghostnetv2-320', provider: 'cpu', threads: 1 });
try {
  const jpeg = await picture();
  const cpu = process.cpuUsage();
  const times = [];
  for (let count = 0; count < 50; count++) {
    const begin = performance.now();
    await picture();
    times.push(performance.now() - begin);
  }
  const { user, system } = process.cpuUsage(cpu);
  row(
    'a picture: ms p50, p95, CPU ms, kB',
    ...[percentile(times, 0.5), percentile(times, 0.95), (user + system) / 50_000, jpeg.length / 1000].map(
      (value) => value.toFixed(1),
    ),
  );

  const result = { without: { inference: [], p50: [], p99: [] }, with: { inference: [], p50: [], p99: [] } };
  for (let round = 0; round < ROUNDS; round++) {
    for (const name of ['without', 'with']) {
      const loop = new EventLoopMonitor();
      loop.start();
      const making =
        name === 'with' ? setInterval(() => void picture(), 1000 / PICTURES_PER_SECOND) : undefined;
      for (const end = performance.now() + ROUND_MS; performance.now() < end; ) {
        result[name].inference.push((await detector.detect(frame)).timings.inferMs);
      }
      clearInterval(making);
      const { p50, p99 } = loop.flush();
      loop.stop();
      result[name].p50.push(p50);
      result[name].p99.push(p99);
    }
  }
  row('', 'without', 'with', 'ratio');
  for (const [what, of] of [
    ['inference, ms p50', ({ inference }) => percentile(inference, 0.5)],
    ['inference, ms p95', ({ inference }) => percentile(inference, 0.95)],
    ['event loop late, ms p50, median of rounds', ({ p50 }) => percentile(p50, 0.5)],
    ['event loop late, ms p99, median of rounds', ({ p99 }) => percentile(p99, 0.5)],
  ]) {
    const [without, withThem] = [of(result.without), of(result.with)];
    row(what, without.toFixed(1), withThem.toFixed(1), (withThem / without).toFixed(2));
  }
} finally {
  await detector.close();
}

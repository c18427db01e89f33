/**
 * The daemon beside a script in Python (pipeline.py: OpenCV, NumPy, ONNX Runtime, paho; it tracks nothing), one camera, 25 frames a
 * second of a file, INT8 at 320 pixels, one thread, mosquitto. The script takes part twice: with the square input that scripts have,
 * and with the daemon's input, which has the shape of the picture; ratios are to the latter. Without regions the daemon infers once a frame,
 * as the script does. CPU seconds for 1,000 frames, medians of interleaved rounds:
 *
 *     npx vitest run --config test/bench/vitest.config.ts daemon/python       (after npm run setup)
 *
 * `decode` is what ffmpeg alone spends on decoding the file; `inference` the CPU time of the calls of ONNX Runtime, which in the daemon is
 * that of the inference thread without letterbox, decoding and NMS; `rest` is what is left of the total. Where GHOSTCAM_BENCH_AGAINST names
 * another checkout that is built, its daemon takes part. ROUNDS and FRAMES may be set too.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, test } from 'vitest';
import { percentile } from '../../../src/bench/statistics.js';
import { daemon, FPS, footage, type Watched, watch } from './run.js';

const ROUNDS = Number(process.env.ROUNDS ?? 3);
const FRAMES = Number(process.env.FRAMES ?? 500);
/** Of the daemon a hundred seconds: after twenty V8 still compiles, which with code that is slow yet takes .4 ms of each frame. */
const WARM_UP = { daemon: 2500, script: 500 };
const MODEL = 'models/yolov8n-ghostnetv2-int8-u8s8';
/** Of the daemon's input for pictures of 16:9. */
const SHAPE = '320x192';
const SIZES: [name: string, width: number, height: number][] = [
  ['360p', 640, 360],
  ['1080p', 1920, 1080],
];

/** Python with what pipeline.py needs, in an environment of its own. */
function python(): string {
  const folder = '.cache/bench-python';
  const program = join(folder, 'bin', 'python');
  if (existsSync(join(folder, 'complete'))) return program;
  execFileSync('python3', ['-m', 'venv', '--clear', folder]);
  execFileSync(program, ['-m', 'pip', 'install', '--quiet', '-r', 'test/bench/daemon/requirements.txt']);
  execFileSync('touch', [join(folder, 'complete')]);
  return program;
}

/** CPU seconds that ffmpeg needs to decode so many frames. */
function decodeSeconds(file: string, frames: number): number {
  const args = ['-nostdin', '-thread_type', 'slice', '-i', file, '-frames:v', String(frames), '-benchmark'];
  const { stderr } = spawnSync('ffmpeg', ['-hide_banner', ...args, '-f', 'null', '-'], { encoding: 'utf8' });
  const [, user, system] = /bench: utime=([\d.]+)s stime=([\d.]+)s/.exec(stderr) ?? [];
  return Number(user) + Number(system);
}

interface Row {
  total: number;
  inference: number;
  mainThread: number;
  children: number;
}

const folder = mkdtempSync(join(tmpdir(), 'ghostcam-bench-'));
afterAll(() => rmSync(folder, { recursive: true }));

function ghostcam(checkout: string, file: string, settings: Record<string, string>) {
  return async (): Promise<Row> => {
    const camera = { CAMERAS: 'a', CAMERA_A_URL: file, CAMERA_A_FPS: String(FPS) };
    const model = { MODEL: 'yolov8n-ghostnetv2-320-int8', THREADS: '1', PROVIDER: 'cpu' };
    const run = await watch(
      ({ url }) => daemon(checkout, folder, { MQTT_URL: url, ...camera, ...model, ...settings }),
      { warmUp: WARM_UP.daemon, frames: FRAMES },
    );
    const stages = run.health?.cameras.a?.stages;
    const around = ((stages?.preMs?.p50 ?? 0) + (stages?.postMs?.p50 ?? 0)) / 1000;
    return row(run, run.cpu.inference / run.frames - around);
  };
}

function pipeline(file: string, shape: string) {
  return async (): Promise<Row> => {
    const command = [
      python(),
      'test/bench/daemon/pipeline.py',
      `${MODEL}.onnx`,
      `${MODEL}.json`,
      shape,
      file,
    ];
    const run = await watch(async ({ port }) => [...command, String(port), String(FPS)], {
      warmUp: WARM_UP.script,
      frames: FRAMES,
    });
    const [first, last] = run.messages.map(
      (message) => (JSON.parse(message.toString()) as { inferenceCpuSeconds: number }).inferenceCpuSeconds,
    );
    return row(run, ((last ?? Number.NaN) - (first ?? Number.NaN)) / run.frames);
  };
}

/** @param inference CPU seconds of a frame. */
function row({ cpu, frames }: Watched, inference: number): Row {
  const perThousand = (seconds: number) => (1000 * seconds) / frames;
  return {
    total: perThousand(cpu.total),
    inference: 1000 * inference,
    mainThread: perThousand(cpu.mainThread),
    children: perThousand(cpu.children),
  };
}

test.each(SIZES)('CPU seconds for 1,000 frames of %s', async (name, width, height) => {
  const file = await footage(width, height);
  const other = process.env.GHOSTCAM_BENCH_AGAINST;
  const bare = { CAMERA_SNAPSHOT: 'false' };
  const programs: [name: string, run: () => Promise<Row>][] = [
    ['python', pipeline(file, SHAPE)],
    ['python, square input', pipeline(file, '320x320')],
    ['ghostcam, as it comes', ghostcam('.', file, {})],
    ['ghostcam, without snapshots', ghostcam('.', file, bare)],
    ['ghostcam, no regions either', ghostcam('.', file, { ...bare, CAMERA_REGIONS: 'false' })],
    ...(other === undefined
      ? []
      : ([
          ['the other, as it comes', ghostcam(other, file, {})],
          ['the other, without snapshots', ghostcam(other, file, bare)],
        ] satisfies [string, () => Promise<Row>][])),
  ];
  const rows = programs.map((): Row[] => []);
  const decode: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    decode.push(decodeSeconds(file, FRAMES) * (1000 / FRAMES));
    for (const [index, [, run]] of programs.entries()) rows[index]?.push(await run());
  }
  const median = (of: Row[], value: (row: Row) => number) => percentile(of.map(value), 0.5);
  const decoding = percentile(decode, 0.5);
  const rest = (row: Row) => row.total - row.inference - decoding;
  const [pythons = []] = rows;
  const lines = programs.map(([program], index) => {
    const of = rows[index] as Row[];
    const ratio = (value: (row: Row) => number) =>
      percentile(
        of.map((row, round) => value(row) / value(pythons[round] as Row)),
        0.5,
      );
    return [
      program.padEnd(30),
      ...[median(of, ({ total }) => total), median(of, ({ inference }) => inference), decoding]
        .concat(
          median(of, rest),
          median(of, ({ mainThread }) => mainThread),
          median(of, ({ children }) => children),
        )
        .map((value) => value.toFixed(2).padStart(10)),
      ...[ratio(({ total }) => total), ratio(rest)].map((value) => value.toFixed(2).padStart(8)),
    ].join('');
  });
  const header = ['total', 'inference', 'decode', 'rest', 'main thr.', 'children'].map((title) =>
    title.padStart(10),
  );
  console.log([`${name.padEnd(30)}${header.join('')}   total   rest, of Python's`, ...lines].join('\n'));
});

// The counting of run.sh, in a mount namespace of its own. Usage: node count.mjs ROOT WORK
// ROOT: an arm64 root file system; WORK: a folder with counter.so, stages and frame.yuv.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const [root, work] = process.argv.slice(2);
const here = dirname(fileURLToPath(import.meta.url));
const top = join(here, '../../..');
/** Of frame.yuv. */
const [WIDTH, HEIGHT] = [640, 360];
const FRAMES = 2;
/** Of the models. */
const INPUT = { width: 320, height: 320 };
const MODELS = ['yolov8n-ghostnetv2', 'yolov8n-ghostnetv2-int8-s8s8'];

const bin = join(top, 'node_modules/onnxruntime-node/bin');
const bundled = join(bin, readdirSync(bin)[0], 'linux/arm64/libonnxruntime.so.1');
const debian = '/usr/lib/aarch64-linux-gnu/libonnxruntime.so.1.21';
const pi5 = {
  name: 'Cortex-A76 (Raspberry Pi 5)',
  processor: 'cortex-a76',
  cpuinfo: 'raspberry-pi-5.cpuinfo',
};
/** Where Debian's library does not load: see docs/boards.md. */
const pi4 = {
  name: 'Cortex-A72 (Raspberry Pi 4)',
  processor: 'cortex-a72',
  cpuinfo: 'raspberry-pi-4.cpuinfo',
};
const RUNTIMES = [
  { board: pi5, runtime: 'xnnpack 1.21', provider: 'xnnpack', library: debian },
  { board: pi5, runtime: 'cpu 1.21', provider: 'cpu', library: debian },
  { board: pi5, runtime: 'cpu 1.30', provider: 'cpu', library: bundled },
  { board: pi4, runtime: 'cpu 1.30', provider: 'cpu', library: bundled },
];

/** Millions of instructions of one frame: letterbox, inference, decode and NMS. */
function count({ board, provider, library }, model) {
  const { input, labels, head } = JSON.parse(readFileSync(join(top, `models/${model}.json`), 'utf8'));
  const out = join(work, 'count');
  execFileSync('qemu-aarch64', [
    ...['-L', root, '-cpu', board.processor, '-plugin', `${work}/counter.so,out=${out}`, `${work}/stages`],
    ...[String(FRAMES), library, provider, join(top, `models/${model}.onnx`)],
    ...[
      input.name,
      INPUT.width,
      INPUT.height,
      labels.length,
      head.regMax,
      `${work}/frame.yuv`,
      WIDTH,
      HEIGHT,
    ].map(String),
    ...head.levels.flatMap(({ stride, box, cls }) => [String(stride), box, cls]),
  ]);
  const marks = readFileSync(out, 'utf8').trim().split('\n').map(Number);
  return marks.slice(1).map((mark, stage) => (mark - marks[stage]) / FRAMES / 1e6);
}

console.log('| processor | model | runtime | letterbox | inference | decode + NMS |');
console.log('|---|---|---|---|---|---|');
for (const model of MODELS) {
  for (const runtime of RUNTIMES) {
    const { board } = runtime;
    // ONNX Runtime chooses its kernels by what the kernel says of the processor.
    execFileSync('mount', ['--bind', join(here, '..', board.cpuinfo), '/proc/cpuinfo']);
    const cells = count(runtime, model).map((millions) => millions.toFixed(2));
    execFileSync('umount', ['/proc/cpuinfo']);
    console.log(`| ${board.name} | ${model} | ${runtime.runtime} | ${cells.join(' | ')} |`);
  }
}

/** A program that publishes detections, watched for a number of frames. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectAsync } from 'mqtt';
import { clip, vtest } from '../../support/footage.js';
import { commandOf } from '../../support/ghostcam.js';
import { Mosquitto } from '../../support/mosquitto.js';
import { type CpuSeconds, cpuSeconds, difference, pssMb } from './process-tree.js';

export const FPS = 25;

/** A run of a program. */
export interface Watched {
  /** Messages of detections in the window. */
  frames: number;
  seconds: number;
  /** By camera. */
  framesOf: Map<string, number>;
  snapshots: number;
  cpu: CpuSeconds;
  /** The first and last message of the window. */
  messages: [Buffer, Buffer];
  pssMb: number;
  /** Full collections of the JavaScript heap. */
  collections: number;
  /** Newest health message of a daemon. */
  health: Health | undefined;
  /** From the start of the program to its first message of detections, in milliseconds. */
  firstMs: number;
}

interface Health {
  eventLoopDelayMs: { p99: number };
  cameras: Record<string, { stages?: Record<string, { p50: number; p95: number }> }>;
}

/** vtest.avi played two and a half times as fast, cut to 16:9, with a camera's noise. */
export async function footage(width: number, height: number): Promise<string> {
  const filters = `crop=768:432,scale=${width}:${height},noise=alls=8:allf=t+u,format=yuv420p`;
  const rate = width > 1000 ? '4M' : '1M';
  const coded = ['-c:v', 'libx264', '-preset', 'veryfast', '-bf', '0', '-g', String(2 * FPS)];
  return clip([
    ...['-r', String(FPS), '-i', await vtest(), '-vf', filters, ...coded],
    ...['-b:v', rate, '-maxrate', rate, '-bufsize', rate],
  ]);
}

/** Somebody in the picture who does not move, with a camera's noise. */
export async function stillFootage(): Promise<string> {
  // Without the flag at the left, which is a person now and then.
  const filters = 'crop=iw*4/5:ih:iw/5:0,scale=640:360,noise=alls=4:allf=t+u,format=yuv420p';
  const input = ['-loop', '1', '-framerate', String(FPS), '-t', '20', '-i', 'assets/doctor/photo.jpg'];
  const coded = ['-c:v', 'libx264', '-preset', 'veryfast', '-bf', '0', '-g', String(2 * FPS)];
  return clip([...input, '-vf', filters, ...coded, '-b:v', '500k', '-maxrate', '500k', '-bufsize', '500k']);
}

/** The daemon of a checkout that is built, with these settings. */
export async function daemon(checkout: string, folder: string, settings: Record<string, string>) {
  const path = join(folder, `${Math.random().toString(36).slice(2)}.env`);
  const env = { NODE_ID: 'bench', LOG_LEVEL: 'error', HOMEASSISTANT: 'false', ...settings };
  await writeFile(
    path,
    Object.entries(env)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  );
  return [...commandOf(join(checkout, 'dist/main.js'), ['--trace-gc']), 'run', '--env-file', path];
}

/**
 * Runs a program until `frames` messages of detections came after the first `warmUp`.
 * @param command Makes the command line for a broker.
 * @param settle How much later the window begins, in milliseconds.
 * @param until Ends the window instead: milliseconds.
 */
export async function watch(
  command: (broker: Mosquitto) => Promise<string[]>,
  {
    warmUp,
    settle = 0,
    frames,
    until = Infinity,
  }: { warmUp: number; settle?: number; frames: number; until?: number },
): Promise<Watched> {
  const broker = await Mosquitto.start();
  const client = await connectAsync(broker.url);
  let child: ChildProcess | undefined;
  try {
    const [program = '', ...args] = await command(broker);
    let seen = 0;
    let snapshots = 0;
    let collections = 0;
    let health: Health | undefined;
    let firstMs = Number.NaN;
    let newest: Buffer = Buffer.alloc(0);
    const framesOf = new Map<string, number>();
    let onMessage: () => void = () => {};
    client.on('message', (topic, payload) => {
      if (topic.endsWith('/snapshot')) snapshots++;
      if (topic.endsWith('/health')) health = JSON.parse(payload.toString()) as Health;
      if (!topic.endsWith('/detections')) return;
      if (seen === 0) firstMs = performance.now() - started;
      seen++;
      newest = payload;
      framesOf.set(topic, (framesOf.get(topic) ?? 0) + 1);
      onMessage();
    });
    await client.subscribeAsync('#');
    const started = performance.now();
    child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    child.stdout?.on('data', (text) => {
      collections += String(text).split('Mark-Compact').length - 1;
    });
    const reached = (count: number) =>
      new Promise<void>((resolve, reject) => {
        child?.once('exit', (code) => reject(new Error(`${program} ended with ${code}`)));
        onMessage = () => {
          if (seen >= count) resolve();
        };
        onMessage();
      });
    await reached(warmUp);
    await sleep(settle);
    const pid = child.pid as number;
    const before = { at: performance.now(), newest, seen, snapshots, collections, cpu: cpuSeconds(pid) };
    framesOf.clear();
    await Promise.race([
      reached(before.seen + frames),
      new Promise((resolve) => setTimeout(resolve, Math.min(until, 2 ** 31 - 1)).unref()),
    ]);
    return {
      frames: seen - before.seen,
      seconds: (performance.now() - before.at) / 1000,
      framesOf: new Map(framesOf),
      snapshots: snapshots - before.snapshots,
      cpu: difference(cpuSeconds(pid), before.cpu),
      messages: [before.newest, newest],
      pssMb: pssMb(pid),
      collections: collections - before.collections,
      health,
      firstMs,
    };
  } finally {
    if (child?.exitCode === null) {
      child.removeAllListeners('exit');
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    await client.endAsync(true);
    await broker.dispose();
  }
}

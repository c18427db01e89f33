/** Stage c of the bench: the daemon's own parts on a video file, with a broker process, run for a number of frames at a time. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Camera } from '../capture/camera.js';
import { systemClock } from '../clock.js';
import { defaultMqttConfig } from '../config/types.js';
import { CameraPipeline } from '../daemon/camera-pipeline.js';
import type { Detector } from '../detect/detector.js';
import { type FrameSource, Scheduler } from '../detect/scheduler.js';
import type { LeasedFrame } from '../frame/leased-frame.js';
import { Broker } from '../mqtt/broker.js';
import { Topics } from '../mqtt/topics.js';
import { threadCpuSeconds } from '../native/cpu-time.js';
import { type EventLoopDelay, EventLoopMonitor } from '../observe/event-loop.js';
import type { Log } from '../observe/log.js';
import { TrackIds } from '../track/ids.js';
import type { BenchReport } from './report.js';
import { percentile } from './statistics.js';

/** Frames between two readings of the memory: one costs as much as publishing a frame. */
const RSS_INTERVAL = 10;
/** A round may last half a second. */
const LOOP_RESOLUTION_MS = 20;

/** CPU seconds by who spends them. */
interface CpuSeconds {
  ffmpeg: number | undefined;
  mainThread: number | undefined;
  inference: number;
  /** This process, all its threads. */
  process: number;
}

export class EndToEnd {
  readonly #cameras: readonly Camera[];
  readonly #detector: Detector;
  readonly #brokerProcess: ChildProcess;
  readonly #broker: Broker;
  readonly #scheduler: Scheduler<BudgetedSource>;
  readonly #sources: BudgetedSource[];
  readonly #loopDelays: EventLoopDelay[] = [];
  readonly #ages: number[] = [];
  readonly #rss: number[] = [];
  readonly #cpu: CpuSeconds = { ffmpeg: 0, mainThread: 0, inference: 0, process: 0 };
  #onPublished: () => void = () => {};

  /** Starts broker and cameras. */
  static async start(cameras: readonly Camera[], detector: Detector, log: Log): Promise<EndToEnd> {
    const process = fork(new URL('./broker-process.js', import.meta.url));
    const [port] = (await once(process, 'message')) as [number];
    const config = defaultMqttConfig({ url: `mqtt://127.0.0.1:${port}`, clientId: 'bench' });
    const topics = new Topics(config.topic, 'bench');
    const broker = new Broker(config, { topic: topics.nodeState, payload: 'offline' }, log, systemClock);
    const connected = once(broker, 'connected');
    await broker.start();
    await connected;
    return new EndToEnd(cameras, detector, process, broker, topics, log);
  }

  private constructor(
    cameras: readonly Camera[],
    detector: Detector,
    brokerProcess: ChildProcess,
    broker: Broker,
    topics: Topics,
    log: Log,
  ) {
    this.#cameras = cameras;
    this.#detector = detector;
    this.#brokerProcess = brokerProcess;
    this.#broker = broker;
    const clock = systemClock;
    const ids = new TrackIds(clock.wallTime());
    this.#sources = cameras.map((camera) => {
      const shared = { detector, broker, topics, ids, clock, log };
      return new BudgetedSource(new CameraPipeline({ camera, maxFrameAge: Infinity, ...shared }));
    });
    this.#scheduler = new Scheduler(this.#sources, async ({ pipeline }, frame, inferred) => {
      const { capturedAtMonotonic } = frame;
      await pipeline.process(frame, inferred);
      this.#ages.push(clock.monotonic() - capturedAtMonotonic);
      this.#onPublished();
    });
    for (const { pipeline } of this.#sources) {
      pipeline.onFrame(() => this.#scheduler.wake());
      pipeline.start();
    }
  }

  /** Lets so many frames of all cameras together through; resolves when they are published with the milliseconds it took. */
  async run(frames: number): Promise<number> {
    const before = this.#cpuSeconds();
    const begin = performance.now();
    const loop = new EventLoopMonitor(LOOP_RESOLUTION_MS);
    loop.start();
    let left = frames;
    await new Promise<void>((resolve) => {
      this.#onPublished = () => {
        if (--left % RSS_INTERVAL === 0) this.#rss.push(process.memoryUsage.rss());
        if (left === 0) resolve();
      };
      const budget = { frames };
      for (const source of this.#sources) source.budget = budget;
      this.#scheduler.wake();
    });
    loop.stop();
    this.#loopDelays.push(loop.flush());
    const milliseconds = performance.now() - begin;
    const after = this.#cpuSeconds();
    this.#cpu.ffmpeg = add(this.#cpu.ffmpeg, before.ffmpeg, after.ffmpeg);
    this.#cpu.mainThread = add(this.#cpu.mainThread, before.mainThread, after.mainThread);
    this.#cpu.inference += after.inference - before.inference;
    this.#cpu.process += after.process - before.process;
    return milliseconds;
  }

  report(): Pick<
    BenchReport,
    | 'age_ms_p50'
    | 'age_ms_p95'
    | 'cpu_s_per_1000_frames'
    | 'loop_delay_p50_ms'
    | 'loop_delay_p99_ms'
    | 'rss_mb'
    | 'rss_growth_mb'
  > {
    const perThousand = (seconds: number | undefined) =>
      seconds === undefined ? null : (1000 * seconds) / this.#ages.length;
    const fifth = Math.ceil(this.#rss.length / 5);
    const warm = percentile(this.#rss.slice(fifth, 2 * fifth), 0.5);
    const last = percentile(this.#rss.slice(-fifth), 0.5);
    return {
      age_ms_p50: percentile(this.#ages, 0.5),
      age_ms_p95: percentile(this.#ages, 0.95),
      cpu_s_per_1000_frames: {
        ffmpeg: perThousand(this.#cpu.ffmpeg),
        main_thread: perThousand(this.#cpu.mainThread),
        other: perThousand(this.#cpu.process - (this.#cpu.mainThread ?? 0) - this.#cpu.inference) ?? 0,
        inference: perThousand(this.#cpu.inference) ?? 0,
      },
      loop_delay_p50_ms: Math.max(...this.#loopDelays.map(({ p50 }) => p50)),
      loop_delay_p99_ms: Math.max(...this.#loopDelays.map(({ p99 }) => p99)),
      rss_mb: (this.#rss.at(-1) ?? Number.NaN) / 2 ** 20,
      rss_growth_mb: (last - warm) / 2 ** 20,
    };
  }

  async stop(): Promise<void> {
    await Promise.all(this.#sources.map(({ pipeline }) => pipeline.stop()));
    await this.#scheduler.stop();
    await this.#broker.stop(1000);
    this.#brokerProcess.disconnect();
  }

  #cpuSeconds(): CpuSeconds {
    const ffmpeg = this.#cameras.map((camera) => camera.stats().ffmpegCpuSeconds);
    return {
      ffmpeg: ffmpeg.reduce((total, seconds) =>
        total === undefined || seconds === undefined ? undefined : total + seconds,
      ),
      mainThread: threadCpuSeconds(),
      process: processSeconds(),
      inference: this.#detector.cpuSeconds(),
    };
  }
}

/** A camera whose frames flow only while the round's budget, shared by all cameras, lasts. */
class BudgetedSource implements FrameSource {
  readonly pipeline: CameraPipeline;
  budget = { frames: 0 };

  constructor(pipeline: CameraPipeline) {
    this.pipeline = pipeline;
  }

  nextFrame(): LeasedFrame | undefined {
    if (this.budget.frames === 0) return undefined;
    const frame = this.pipeline.nextFrame();
    if (frame !== undefined) this.budget.frames--;
    return frame;
  }
}

function processSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function add(
  total: number | undefined,
  before: number | undefined,
  after: number | undefined,
): number | undefined {
  return total === undefined || before === undefined || after === undefined
    ? undefined
    : total + after - before;
}

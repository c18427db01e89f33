/** Four busy cameras share one inference thread: counted, in a time of the test's own. */
import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import type { Camera } from '../../src/capture/camera.js';
import { systemClock } from '../../src/clock.js';
import { defaultCameraConfig } from '../../src/config/types.js';
import { CameraPipeline, type CameraPipelineParts } from '../../src/daemon/camera-pipeline.js';
import type { DetectionResult, DetectOptions } from '../../src/detect/detector.js';
import { Scheduler } from '../../src/detect/scheduler.js';
import { LeasedFrame } from '../../src/frame/leased-frame.js';
import type { Box } from '../../src/geometry/box.js';
import { Topics } from '../../src/mqtt/topics.js';
import { TrackIds } from '../../src/track/ids.js';
import { personAt } from '../support/detections.js';
import { memoryLog } from '../support/log.js';

const SIZE = { width: 640, height: 360, sourceWidth: 640, sourceHeight: 360 };
const THRESHOLDS = { score: 0.3, perLabel: {} };
const INTERVAL_MS = 200;
/** What moves before each camera: all of it, one thing, many, two far apart. */
const MOVING: readonly (readonly Box[])[] = [
  [[0, 0, 640, 360]],
  [[300, 150, 330, 210]],
  [40, 140, 240, 340, 440, 540].map((x): Box => [x, 100, x + 24, 150]),
  [
    [20, 20, 44, 70],
    [590, 300, 614, 350],
  ],
];

interface Inference {
  camera: number;
  done: (result: DetectionResult) => void;
}

/** Cameras, and a thread that does one inference whenever it is told to. */
function node() {
  const { log } = memoryLog();
  const clock = { ...systemClock, now: 0, wallTime: () => clock.now, monotonic: () => clock.now };
  const queue: Inference[] = [];
  const looks = MOVING.map(() => ({ whole: 0, region: 0, frames: 0 }));
  const cameras = MOVING.map((_, index) => {
    const config = defaultCameraConfig({ name: `c${index}`, url: 'test:', motion: true, snapshot: false });
    return Object.assign(new EventEmitter(), {
      config,
      state: { status: 'online' as const, since: 0 },
      running: true,
      unread: undefined as LeasedFrame | undefined,
      stats: () => ({}),
      start: () => {},
      take(): LeasedFrame | undefined {
        const frame = this.unread;
        this.unread = undefined;
        if (frame !== undefined) (looks[index] as { frames: number }).frames += 1;
        return frame;
      },
    });
  });
  const broker = { send: () => true, event: () => {}, retain: () => {}, clear: () => {} };
  const ids = new TrackIds(0);
  const pipelines = cameras.map((camera, index) => {
    const detect = (_frame: unknown, { region }: DetectOptions) => {
      (looks[index] as { whole: number; region: number })[region === undefined ? 'whole' : 'region'] += 1;
      return new Promise<DetectionResult>((done) => void queue.push({ camera: index, done }));
    };
    const shapeFor = () => ({ width: 320, height: 192 });
    const info = { model: { labels: ['person'], thresholds: THRESHOLDS } };
    const shared = { broker, topics: new Topics('ghostcam', 'board'), ids, maxFrameAge: 2000, clock, log };
    return new CameraPipeline({
      ...shared,
      camera: camera as unknown as Camera,
      detector: { detect, shapeFor, info } as unknown as CameraPipelineParts['detector'],
    });
  });
  const scheduler = new Scheduler<CameraPipeline>(pipelines, (pipeline, frame, inferred, isIdle) =>
    pipeline.process(frame, inferred, isIdle),
  );
  for (const pipeline of pipelines) {
    pipeline.onFrame(() => scheduler.wake());
    pipeline.start();
  }
  const arrive = (index: number) => {
    const camera = cameras[index] as (typeof cameras)[number];
    camera.unread?.release();
    camera.unread = frameOf(MOVING[index] as readonly Box[], clock.now);
    camera.emit('frame');
  };
  const infer = async () => {
    const inference = queue.shift();
    const timings = { queueMs: 0, preMs: 0, inferMs: 0, postMs: 0 };
    const way = (10 * clock.now) / INTERVAL_MS;
    const detections = (MOVING[inference?.camera ?? 0] ?? [])
      .slice(0, 2)
      .map(([, , , y2], at) => personAt(40 + ((300 * at + way) % 560), y2));
    inference?.done({ detections, timings });
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { clock, looks, arrive, infer };
}

/** How bright what moves is cannot be foreseen. */
function frameOf(moving: readonly Box[], at: number): LeasedFrame {
  const data = new Uint8Array((SIZE.width * SIZE.height * 3) / 2).fill(100);
  const bright = 100 + (((at / INTERVAL_MS) * 61) % 120);
  for (const [x1, y1, x2, y2] of moving)
    for (let y = y1; y < y2; y++) data.fill(bright, SIZE.width * y + x1, SIZE.width * y + x2);
  const times = { capturedAt: at, capturedAtMonotonic: at, sequence: 1 };
  return new LeasedFrame({ data, format: 'yuv420p', ...SIZE, ...times }, () => {});
}

/** @param inferences That the thread does between two frames of a camera. @param together Whether frames of all come in the same moment. */
async function run(inferences: number, together: boolean) {
  const { clock, looks, arrive, infer } = node();
  for (let round = 0; round < 120; round++) {
    clock.now = round * INTERVAL_MS;
    for (let step = 0; step < 12; step++) {
      for (const index of MOVING.keys()) if (together ? step === 0 : step === 3 * index) arrive(index);
      const due = Math.floor(((step + 1) * inferences) / 12) - Math.floor((step * inferences) / 12);
      for (let count = 0; count < due; count++) await infer();
    }
  }
  return looks.map(({ whole, region, frames }) => ({ looks: whole + region, frames, region }));
}

const spread = (counts: readonly number[]) => Math.max(...counts) / Math.min(...counts);

test.each([
  [3, true],
  [3, false],
  [4, true],
])(
  '%d inferences for four frames, all at once: %s; each camera gets as many as any other',
  async (inferences, together) => {
    const counts = await run(inferences, together);
    expect(spread(counts.map(({ looks }) => looks)), JSON.stringify(counts)).toBeLessThan(1.1);
    expect(spread(counts.map(({ frames }) => frames)), JSON.stringify(counts)).toBeLessThan(1.1);
  },
);

test.each([
  [6, true],
  [6, false],
])(
  '%d inferences for four frames, all at once: %s; no frame is lost for a second look, and those are shared',
  async (inferences, together) => {
    const counts = await run(inferences, together);
    expect(
      counts.map(({ frames }) => frames),
      JSON.stringify(counts),
    ).toEqual([120, 120, 120, 120]);
    // The first has nothing that a region would show better.
    const [, ...others] = counts;
    expect(spread(others.map(({ looks }) => looks)), JSON.stringify(counts)).toBeLessThan(1.1);
  },
);

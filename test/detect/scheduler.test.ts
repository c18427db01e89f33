import { expect, test } from 'vitest';
import { type FrameSource, Scheduler } from '../../src/detect/scheduler.js';
import type { LeasedFrame } from '../../src/frame/leased-frame.js';

/** A camera that always has a frame while `frames` lasts. */
class Camera implements FrameSource {
  readonly name: string;
  frames: number;
  constructor(name: string, frames: number) {
    this.name = name;
    this.frames = frames;
  }
  nextFrame(): LeasedFrame | undefined {
    return this.frames-- > 0 ? ({ sequence: this.frames } as unknown as LeasedFrame) : undefined;
  }
}

/** Records who is served; each handler call is finished by hand, oldest first. */
function setUp(cameras: Camera[], background: Camera[] = []) {
  const served: string[] = [];
  const finish: (() => void)[] = [];
  const handle = (camera: Camera) => {
    served.push(camera.name);
    return new Promise<void>((resolve) => finish.push(resolve));
  };
  const scheduler = new Scheduler(cameras, handle, background);
  const finishOne = async () => {
    finish.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { scheduler, served, finish, finishOne };
}

test('a fast camera does not starve the others', async () => {
  const { scheduler, served, finishOne } = setUp([
    new Camera('fast', 99),
    new Camera('b', 2),
    new Camera('c', 2),
  ]);
  scheduler.wake();
  for (let turn = 0; turn < 6; turn++) await finishOne();
  expect(served.slice(0, 6)).toEqual(['fast', 'b', 'c', 'fast', 'b', 'c']);
  expect(served.slice(6).every((name) => name === 'fast')).toBe(true);
});

test('one frame in flight for each camera, two in all', async () => {
  const single = setUp([new Camera('only', 9)]);
  single.scheduler.wake();
  single.scheduler.wake();
  expect(single.served).toEqual(['only']);

  const many = setUp([new Camera('a', 9), new Camera('b', 9), new Camera('c', 9)]);
  many.scheduler.wake();
  expect(many.served).toEqual(['a', 'b']);
});

test('a camera that gets its frame later is served on the next wake', () => {
  const late = new Camera('late', 0);
  const { scheduler, served } = setUp([late]);
  scheduler.wake();
  expect(served).toEqual([]);
  late.frames = 1;
  scheduler.wake();
  expect(served).toEqual(['late']);
});

test('stop takes no more and waits for what is in flight', async () => {
  const { scheduler, served, finishOne } = setUp([new Camera('a', 9)]);
  scheduler.wake();
  let stopped = false;
  const stopping = scheduler.stop().then(() => {
    stopped = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(stopped).toBe(false);
  await finishOne();
  await stopping;
  expect(served).toEqual(['a']);
});

test('a source whose frame is inferred gets its next one handed over before the handler ends', async () => {
  const served: number[] = [];
  const steps: string[] = [];
  const scheduler = new Scheduler([new Camera('only', 3)], async (_, { sequence }, inferred) => {
    served.push(sequence);
    await Promise.resolve();
    inferred();
    inferred();
    steps.push(`${sequence} settled, ${served.length} served`);
  });
  scheduler.wake();
  await new Promise((resolve) => setImmediate(resolve));
  expect(steps).toEqual(['2 settled, 2 served', '1 settled, 3 served', '0 settled, 3 served']);
});

test('who is last in every round is not the only one who finds the thread idle', async () => {
  const cameras = ['a', 'b', 'c'].map((name) => new Camera(name, 0));
  const found = new Map<string, number>();
  const scheduler = new Scheduler(cameras, async ({ name }, _frame, _inferred, isIdle) => {
    await new Promise((resolve) => setImmediate(resolve));
    if (isIdle()) found.set(name, (found.get(name) ?? 0) + 1);
  });
  for (let round = 0; round < 30; round++) {
    for (const camera of cameras) camera.frames = 1;
    scheduler.wake();
    for (let turn = 0; turn < 6; turn++) await new Promise((resolve) => setImmediate(resolve));
  }
  const counts = cameras.map(({ name }) => found.get(name) ?? 0);
  expect(Math.max(...counts) - Math.min(...counts), JSON.stringify(counts)).toBeLessThanOrEqual(2);
  expect(Math.min(...counts)).toBeGreaterThan(3);
});

test('who is alone is told that the thread is idle every time, also after others are gone', async () => {
  const [only, gone] = [new Camera('only', 0), new Camera('gone', 0)];
  const idle: boolean[] = [];
  const scheduler = new Scheduler([only, gone], async (_source, _frame, _inferred, isIdle) => {
    await new Promise((resolve) => setImmediate(resolve));
    idle.push(isIdle());
  });
  const round = async () => {
    scheduler.wake();
    for (let turn = 0; turn < 6; turn++) await new Promise((resolve) => setImmediate(resolve));
  };
  [only.frames, gone.frames] = [1, 1];
  await round();
  await scheduler.remove(gone);
  idle.length = 0;
  for (let count = 0; count < 4; count++) {
    only.frames = 1;
    await round();
  }
  expect(idle.slice(1)).toEqual([true, true, true]);
});

test('the inference thread is idle for a frame while no other frame is in flight', async () => {
  const idle: boolean[] = [];
  const ends: (() => void)[] = [];
  const cameras = [new Camera('a', 1), new Camera('b', 1)];
  const scheduler = new Scheduler(cameras, async (_source, _frame, _inferred, isIdle) => {
    await new Promise<void>((resolve) => ends.push(resolve));
    idle.push(isIdle());
  });
  scheduler.wake();
  for (const end of ends) {
    end();
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(idle).toEqual([false, true]);
});

test('a background source is served while no other has a frame, again and again', async () => {
  const [camera, background] = [new Camera('camera', 3), new Camera('background', 3)];
  const { scheduler, served, finishOne } = setUp([camera], [background]);
  scheduler.wake();
  // A camera has one frame in flight, so the second place is free for the other.
  expect(served).toEqual(['camera', 'background']);
  for (let count = 0; count < 4; count++) await finishOne();
  expect(served).toEqual(['camera', 'background', 'camera', 'background', 'camera', 'background']);
});

test('a background source waits while cameras take both places', async () => {
  const cameras = [new Camera('a', 2), new Camera('b', 2)];
  const { scheduler, served, finishOne } = setUp(cameras, [new Camera('background', 1)]);
  scheduler.wake();
  for (let count = 0; count < 5; count++) await finishOne();
  expect(served).toEqual(['a', 'b', 'a', 'b', 'background']);
});

test('sources come and go: one that is removed is served no more, once what is in flight is done', async () => {
  const [a, b] = [new Camera('a', 99), new Camera('b', 99)];
  const { scheduler, served, finishOne } = setUp([a]);
  scheduler.wake();
  scheduler.add(b);
  expect(served).toEqual(['a', 'b']);
  let removed = false;
  const removing = scheduler.remove(a).then(() => {
    removed = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(removed).toBe(false);
  await finishOne();
  await removing;
  for (let turn = 0; turn < 3; turn++) await finishOne();
  expect(served).toEqual(['a', 'b', 'b', 'b', 'b']);
});

test('a source that waits is removed at once', async () => {
  const idle = new Camera('idle', 0);
  const { scheduler, served } = setUp([idle]);
  await scheduler.remove(idle);
  idle.frames = 9;
  scheduler.wake();
  expect(served).toEqual([]);
});

/** Pictures are encoded for who looks, and for nobody else. */
import sharp from 'sharp';
import { expect, test, vi } from 'vitest';
import type { Clock } from '../../src/clock.js';
import type { CapturedFrame } from '../../src/frame/frame.js';
import { type LivePicture, LivePictures } from '../../src/web/live-pictures.js';
import { memoryLog } from '../support/log.js';

/** A clock that stands still between frames. */
function studio() {
  let now = 0;
  const clock: Clock = { wallTime: () => now, monotonic: () => now, sleep: () => Promise.resolve() };
  const recalled: string[] = [];
  const pictures = new LivePictures(clock, memoryLog().log, (camera) => void recalled.push(camera));
  let sequence = 0;
  const frame = (): CapturedFrame => ({
    data: new Uint8Array((64 * 36 * 3) / 2).fill(128),
    format: 'yuv420p',
    width: 64,
    height: 36,
    sequence: ++sequence,
    capturedAt: now,
    capturedAtMonotonic: now,
    sourceWidth: 640,
    sourceHeight: 360,
  });
  return {
    pictures,
    /** Cameras that were asked for their next frame. */
    recalled,
    /** Ten frames a second; the encoder has all the time it wants. */
    async run(seconds: number) {
      for (let count = 0; count < seconds * 10; count++) {
        const before = pictures.encoded('front');
        pictures.onFrame('front', frame(), { kind: 'still' });
        await vi.waitFor(() => expect(pictures.busy).toBe(false), { interval: 1 });
        expect(pictures.encoded('front') - before).toBeLessThanOrEqual(1);
        now += 100;
      }
    },
  };
}

const viewer = (fps: number, ready = () => true) => {
  const shown: LivePicture[] = [];
  return {
    shown,
    subscription: { camera: 'front', fps, ready, show: (picture: LivePicture) => void shown.push(picture) },
  };
};

test('nobody looks: nothing is encoded', async () => {
  const { pictures, run } = studio();
  await run(3);
  expect(pictures.encoded('front')).toBe(0);
  pictures.subscribe(viewer(2).subscription)();
  await run(1);
  expect(pictures.encoded('front')).toBe(0);
});

test('the first who looks at a camera asks for its next frame', () => {
  const { pictures, recalled } = studio();
  const ends = [viewer(2), viewer(2)].map(({ subscription }) => pictures.subscribe(subscription));
  expect(recalled).toEqual(['front']);
  for (const end of ends) end();
  pictures.subscribe(viewer(2).subscription);
  expect(recalled).toEqual(['front', 'front']);
});

test('two pictures a second, as JPEG of the frame, in the size of the camera', async () => {
  const { pictures, run } = studio();
  const { shown, subscription } = viewer(2);
  pictures.subscribe(subscription);
  await run(10);
  expect(shown.length).toBe(20);
  const [first] = shown;
  expect(first).toMatchObject({ camera: 'front', sequence: 1, width: 640, height: 360 });
  expect(await sharp(first?.jpeg).metadata()).toMatchObject({ format: 'jpeg', width: 64, height: 36 });
});

test('twenty viewers cost the encodes of one, and never more than five a second', async () => {
  const { pictures, run } = studio();
  const viewers = Array.from({ length: 20 }, () => viewer(5));
  for (const { subscription } of viewers) pictures.subscribe(subscription);
  await run(4);
  expect(pictures.encoded('front')).toBe(20);
  for (const { shown } of viewers) expect(shown.length).toBe(20);
});

test('viewers who begin one after the other are served in step: no more encodes than for one, but a first picture each', async () => {
  const { pictures, run } = studio();
  const viewers = Array.from({ length: 5 }, () => viewer(2));
  for (const { subscription } of viewers) {
    pictures.subscribe(subscription);
    await run(0.1);
  }
  await run(1);
  const before = pictures.encoded('front');
  await run(10);
  expect(pictures.encoded('front') - before).toBe(20);
});

test('who asks for less gets less, of the same pictures', async () => {
  const { pictures, run } = studio();
  const [slow, fast] = [viewer(1), viewer(5)];
  pictures.subscribe(slow.subscription);
  pictures.subscribe(fast.subscription);
  await run(4);
  expect([slow.shown.length, fast.shown.length, pictures.encoded('front')]).toEqual([4, 20, 20]);
});

test('a viewer who is not ready gets none, keeps nobody from theirs, and costs nothing alone', async () => {
  const { pictures, run } = studio();
  let awake = false;
  const frozen = viewer(5, () => awake);
  const end = pictures.subscribe(frozen.subscription);
  await run(2);
  expect(pictures.encoded('front')).toBe(0);
  const other = viewer(5);
  pictures.subscribe(other.subscription);
  await run(2);
  expect([frozen.shown.length, other.shown.length]).toEqual([0, 10]);
  awake = true;
  await run(1);
  expect(frozen.shown.length).toBe(5);
  end();
  await run(1);
  expect(frozen.shown.length).toBe(5);
});

test('the next picture, or none in time', async () => {
  const { pictures, run } = studio();
  const both = Promise.all([pictures.next('front', 5000), pictures.next('front', 5000)]);
  await run(0.1);
  expect((await both).map((picture) => picture?.sequence)).toEqual([1, 1]);
  expect(pictures.encoded('front')).toBe(1);
  expect(await pictures.next('back', 10)).toBeUndefined();
});

import { expect, test } from 'vitest';
import { FrameSlot } from '../../src/capture/slot.js';
import type { CapturedFrame } from '../../src/frame/frame.js';

function frame(sequence: number, data: Uint8Array): CapturedFrame {
  const size = { width: 2, height: 2, sourceWidth: 2, sourceHeight: 2 };
  return { ...size, data, sequence, format: 'yuv420p', capturedAt: 0, capturedAtMonotonic: 0 };
}

/** Reads a frame as a source does: into a buffer of the slot, filled with its number. */
function arrive(slot: FrameSlot, sequence: number, bytes = 6): Uint8Array {
  const data = slot.allocate(bytes).fill(sequence);
  slot.put(frame(sequence, data));
  return data;
}

test('the newest frame wins, and what it replaced is counted', () => {
  const slot = new FrameSlot();
  expect(slot.take()).toBeUndefined();
  arrive(slot, 1);
  arrive(slot, 2);
  arrive(slot, 3);
  expect(slot.take()?.sequence).toBe(3);
  expect(slot.take()).toBeUndefined();
  expect(slot.replaced).toBe(2);
});

test('a taken frame stays as it is until it is released, whatever arrives and is taken', async () => {
  const slot = new FrameSlot();
  arrive(slot, 1);
  const taken = slot.take();
  for (let sequence = 2; sequence < 50; sequence += 1) {
    arrive(slot, sequence);
    if (sequence % 2 === 0) slot.take()?.release();
    slot.allocate(6).fill(255);
    await Promise.resolve();
  }
  expect(taken?.data).toEqual(new Uint8Array(6).fill(1));
});

test('three buffers serve any number of frames that are released', () => {
  const slot = new FrameSlot();
  const buffers = new Set<Uint8Array>();
  for (let sequence = 1; sequence <= 1000; sequence += 1) {
    const frame = sequence % 3 === 0 ? slot.take() : undefined;
    buffers.add(arrive(slot, sequence));
    frame?.release();
  }
  expect(buffers.size).toBeLessThanOrEqual(3);
  expect(slot.leased).toBe(0);
});

test('a frame that is never released costs a buffer, and no picture', () => {
  const slot = new FrameSlot();
  const kept: Uint8Array[] = [];
  for (let sequence = 1; sequence <= 20; sequence += 1) {
    arrive(slot, sequence);
    kept.push(slot.take()?.data as Uint8Array);
  }
  expect(kept.map((data) => data[0])).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  expect(slot.leased).toBe(20);
});

test('a released frame cannot be read, and is released once', () => {
  const slot = new FrameSlot();
  arrive(slot, 7);
  const frame = slot.take();
  expect([frame?.released, frame?.data[0], frame?.sequence]).toEqual([false, 7, 7]);
  frame?.release();
  expect(frame?.released).toBe(true);
  expect(() => frame?.data).toThrow('frame 7 was read after its release');
  expect(() => frame?.release()).toThrow('frame 7 was released twice');
  // What is known of it beside its pixels stays.
  expect(frame).toMatchObject({ sequence: 7, width: 2, height: 2, format: 'yuv420p' });
});

test('buffers of another size are not used again', () => {
  const slot = new FrameSlot();
  arrive(slot, 1);
  arrive(slot, 2);
  expect(arrive(slot, 3, 24).length).toBe(24);
  expect(arrive(slot, 4, 24).length).toBe(24);
});

test('room comes when the unread frame is taken', async () => {
  const slot = new FrameSlot();
  await slot.room();
  arrive(slot, 1);
  let room = false;
  const waiting = slot.room().then(() => {
    room = true;
  });
  await Promise.resolve();
  expect(room).toBe(false);
  slot.take();
  await waiting;
});

test('room comes when the slot is cleared, and the unread frame is gone', async () => {
  const slot = new FrameSlot();
  arrive(slot, 1);
  const waiting = slot.room();
  slot.clear();
  await waiting;
  expect(slot.take()).toBeUndefined();
  expect(slot.replaced).toBe(0);
});

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

test('a taken frame stays as it is until the next is taken, whatever arrives', () => {
  const slot = new FrameSlot();
  arrive(slot, 1);
  const taken = slot.take();
  for (let sequence = 2; sequence < 50; sequence += 1) {
    arrive(slot, sequence);
    // Asking in vain, or a frame in the making, does not end it either.
    slot.allocate(6).fill(255);
  }
  expect(taken?.data).toEqual(new Uint8Array(6).fill(1));
});

test('three buffers serve any number of frames', () => {
  const slot = new FrameSlot();
  const buffers = new Set<Uint8Array>();
  for (let sequence = 1; sequence <= 1000; sequence += 1) {
    buffers.add(arrive(slot, sequence));
    if (sequence % 3 === 0) slot.take();
  }
  expect(buffers.size).toBeLessThanOrEqual(3);
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

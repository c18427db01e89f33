/** Boxes on a picture that a program asks for. */
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { detectionPayload } from '../../src/mqtt/payloads.js';
import type { ShownDetections } from '../../src/web/api.js';
import { drawBoxes } from '../../src/web/boxes.js';
import { personAt } from '../support/detections.js';

const SIZE = { width: 320, height: 180 };

/** What is drawn on a grey picture, as bytes. */
async function drawn(detections: ShownDetections['detections']): Promise<Buffer> {
  const grey = { create: { ...SIZE, channels: 3 as const, background: '#808080' } };
  const shown: ShownDetections = {
    ...SIZE,
    sequence: 1,
    capturedAt: '2026-11-26T12:00:00.000Z',
    ages: { queueMs: 0, inferenceMs: 0, publishMs: 0 },
    detections,
    regions: [],
  };
  const jpeg = await sharp(grey).jpeg().toBuffer();
  const times = { camera: 'front', sequence: 1, capturedAt: 0 };
  return drawBoxes({ ...SIZE, ...times, detections: shown, motion: undefined, jpeg });
}

test('who was found has a box, and so has who is expected: the picture alone says what is there', async () => {
  const person = detectionPayload(personAt(100, 100), SIZE);
  const [nothing, found, expected] = await Promise.all([
    drawn([]),
    drawn([person]),
    drawn([{ ...person, expected: true }]),
  ]);
  expect(found.equals(nothing)).toBe(false);
  expect(expected.equals(found)).toBe(true);
});

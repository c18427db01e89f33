/** What `detect --regions` infers of a still beside the whole. */
import { expect, test } from 'vitest';
import { lookCloser } from '../../src/cli/closer-look.js';
import type { Detection } from '../../src/detect/detection.js';
import type { DetectOptions, Detector } from '../../src/detect/detector.js';
import type { PixelFrame } from '../../src/frame/frame.js';
import type { Region } from '../../src/frame/region.js';
import { type Box, intersection } from '../../src/geometry/box.js';
import { detection, personAt } from '../support/detections.js';

const STILL: PixelFrame = { data: new Uint8Array(), format: 'rgb24', width: 1280, height: 720 };
const THRESHOLDS = { whole: new Float32Array(3).fill(0.5), region: new Float32Array(3).fill(0.3) };

/** A detector that sees these people: in the whole with their scores, in a region what is in it of each with 0.4. */
function seeing(...people: Detection[]) {
  const asked: (Region | undefined)[] = [];
  const detect = (_still: PixelFrame, { region, thresholds = new Float32Array() }: DetectOptions) => {
    asked.push(region);
    const above = ({ score, classId }: Detection) => score > (thresholds[classId] as number);
    if (region === undefined) return Promise.resolve({ detections: people.filter(above) });
    const { left, top, width, height } = region;
    const window: Box = [left, top, left + width, top + height];
    const inside = ({ box: [x1, y1, x2, y2] }: Detection): Detection['box'] => [
      Math.max(x1, window[0]),
      Math.max(y1, window[1]),
      Math.min(x2, window[2]),
      Math.min(y2, window[3]),
    ];
    const seen = people
      .filter(({ box }) => intersection(box, window) > 0)
      .map((person) => ({ ...person, score: 0.4, box: inside(person) }));
    return Promise.resolve({ detections: seen.filter(above) });
  };
  const shapeFor = () => ({ width: 320, height: 192 });
  return { asked, detector: { detect, shapeFor } as unknown as Detector };
}

test('who is faint in the whole is reported by a region, by its threshold', async () => {
  const { detector } = seeing(personAt(200, 300, 0.9), personAt(900, 600, 0.25));
  const { whole, regions, found } = await lookCloser(detector, STILL, THRESHOLDS);
  expect(whole.map(({ score }) => score)).toEqual([0.9]);
  expect(regions).toHaveLength(2);
  const seen = found.map(({ detection, inRegionAlone }) => [detection.score, inRegionAlone]);
  expect(seen.toSorted()).toEqual([
    [0.4, true],
    [0.9, false],
  ]);
});

test('people who stand together take one region, and who is not even faint takes none', async () => {
  const { detector, asked } = seeing(
    personAt(600, 400, 0.25),
    personAt(680, 420, 0.25),
    personAt(100, 700, 0.1),
  );
  expect((await lookCloser(detector, STILL, THRESHOLDS)).found).toHaveLength(2);
  expect(asked).toHaveLength(2);
});

test('who is cut off is asked for once, and comes whole', async () => {
  // Beside a region of the first, half of the second.
  const { detector } = seeing(personAt(160, 260, 0.25), { ...personAt(330, 260, 0.1), score: 0.1 });
  const { regions, found } = await lookCloser(detector, STILL, THRESHOLDS);
  expect(regions.length).toBeLessThanOrEqual(3);
  expect(found.map(({ detection: { box } }) => box)).toContainEqual(personAt(330, 260).box);
});

test('an end, where everything is full of what no region has room for', async () => {
  const wide = Array.from({ length: 30 }, (_, index) =>
    detection('car', [index * 40, 100, index * 40 + 500, 400], 0.25),
  );
  const { detector, asked } = seeing(...wide, ...wide.map(({ box }) => personAt(box[0] + 20, 700, 0.25)));
  await lookCloser(detector, STILL, THRESHOLDS);
  expect(asked.length).toBeLessThanOrEqual(9);
});

test('no region of what is as large as the whole', async () => {
  const { detector, asked } = seeing(detection('car', [0, 0, 1280, 720], 0.9));
  expect(await lookCloser(detector, STILL, THRESHOLDS)).toMatchObject({ regions: [], found: [{}] });
  expect(asked).toEqual([undefined]);
});

/** What the inferences of one frame say together. */
import { expect, test } from 'vitest';
import { combine, type Inference, inferenceOf } from '../../src/regions/inference.js';
import { carAt, detection, personAt, wholeInference } from '../support/detections.js';

const PICTURE = { width: 1280, height: 720 };
const THRESHOLDS = new Float32Array(3).fill(0.3);
const ofRegion = (region: Inference['region'], ...detections: Inference['detections']): Inference => ({
  ...wholeInference(detections, THRESHOLDS),
  ...(region && { region }),
});
const found = (...inferences: Inference[]) =>
  combine(inferences, PICTURE).found.map(({ detection }) => detection);

test('a box at an inner border is cut off and no detection; at the edge of the picture it is one', () => {
  const cut = detection('person', [400, 300, 440, 399]);
  const weak = { ...detection('person', [500, 300, 540, 399]), score: 0.2 };
  const inside = detection('person', [450, 300, 490, 380]);
  const both = combine([ofRegion([320, 208, 640, 400], cut, weak, inside)], PICTURE);
  expect(both.found.map(({ detection }) => detection)).toEqual([inside]);
  expect(both.cut).toEqual([cut.box]);
  const atEdge = detection('person', [0, 640, 40, 720]);
  expect(combine([ofRegion([0, 528, 320, 720], atEdge)], PICTURE)).toMatchObject({ cut: [] });
});

test.each(['left', 'top', 'right', 'bottom'])('the inner border at the %s', (side) => {
  const box: [number, number, number, number] = [400, 300, 440, 380];
  const region: [number, number, number, number] = [320, 208, 640, 400];
  const index = ['left', 'top', 'right', 'bottom'].indexOf(side);
  box[index] = (region[index] as number) + (index < 2 ? 1 : -1);
  expect(found(ofRegion(region, detection('person', box)))).toEqual([]);
});

test('what two inferences of a frame find is there once, the better one of the two', () => {
  const [far, near] = [personAt(500, 400, 0.4), detection('person', [478, 322, 522, 402], 0.9)];
  expect(found(wholeInference([far], THRESHOLDS), ofRegion([320, 208, 640, 412], near))).toEqual([near]);
  expect(found(wholeInference([near], THRESHOLDS), ofRegion([320, 208, 640, 412], far))).toEqual([near]);
});

test('two of the same inference stay two, however close; so do two labels', () => {
  const [one, other] = [personAt(500, 400), personAt(505, 400)];
  expect(found(wholeInference([one, other], THRESHOLDS))).toEqual([one, other]);
  const car = carAt(500, 400);
  const region = ofRegion([320, 208, 640, 412], car);
  expect(found(wholeInference([one], THRESHOLDS), region)).toHaveLength(2);
});

test('the whole picture and a region each have their thresholds', () => {
  const strict = new Float32Array(3).fill(0.6);
  const region = { ...ofRegion([320, 208, 640, 412], personAt(500, 400, 0.5)), thresholds: strict };
  const [whole, inRegion] = combine(
    [wholeInference([personAt(900, 600, 0.5)], THRESHOLDS), region],
    PICTURE,
  ).found;
  expect([whole?.threshold, inRegion?.threshold]).toEqual(
    [expect.closeTo(0.6), expect.closeTo(0.3)].reverse(),
  );
});

test('what was found in a region alone is known', () => {
  const region: Inference['region'] = [320, 208, 640, 412];
  const alone = (...inferences: Inference[]) =>
    combine(inferences, PICTURE).found.map((one) => one.inRegionAlone);
  expect(alone(ofRegion(region, personAt(500, 400)))).toEqual([true]);
  expect(alone(wholeInference([personAt(500, 400)], THRESHOLDS))).toEqual([false]);
  expect(
    alone(
      wholeInference([personAt(500, 400, 0.4)], THRESHOLDS),
      ofRegion(region, personAt(500, 400), personAt(400, 400)),
    ),
  ).toEqual([false, true]);
  // Faintly is not found.
  expect(
    alone(wholeInference([personAt(500, 400, 0.2)], THRESHOLDS), ofRegion(region, personAt(500, 400))),
  ).toEqual([true]);
});

test('an inference knows its part of the picture and its scale', () => {
  const frame = { width: 1280, height: 720, sourceWidth: 2560, sourceHeight: 1440 };
  const shape = { width: 320, height: 192 };
  expect(inferenceOf(frame, shape, undefined, [], THRESHOLDS)).toMatchObject({ scale: 0.125 });
  expect(inferenceOf(frame, shape, undefined, [], THRESHOLDS)).not.toHaveProperty('region');
  const region = { left: 100, top: 50, width: 320, height: 192 };
  expect(inferenceOf(frame, shape, region, [], THRESHOLDS)).toMatchObject({
    region: [200, 100, 840, 484],
    scale: 0.5,
  });
});

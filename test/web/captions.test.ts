import { expect, test } from 'vitest';
import { type Place, placeCaption } from '../../src/web/page/captions.js';

const PICTURE = { width: 640, height: 360 };
const CAPTION = { width: 100, height: 20 };
const place = (box: Place, taken: Place[] = []) => placeCaption(box, CAPTION, PICTURE, taken);

test('above the box, or in it where the picture ends, and never beyond the sides', () => {
  expect(place([50, 100, 90, 200])).toEqual([50, 80, 150, 100]);
  expect(place([50, 10, 90, 200])).toEqual([50, 10, 150, 30]);
  expect(place([600, 100, 640, 200])).toEqual([540, 80, 640, 100]);
  expect(place([-5, 100, 40, 200])).toEqual([0, 80, 100, 100]);
});

test('not over another caption while there is room at its own box', () => {
  const box: Place = [50, 100, 90, 200];
  const places: Place[] = [];
  for (let count = 0; count < 4; count++) places.push(place(box, places));
  expect(places.map(([, top]) => top)).toEqual([80, 100, 200, 180]);
  // All places are taken: better over another one than nowhere.
  expect(place(box, places)).toEqual([50, 80, 150, 100]);
});

test('in a picture that is lower than a caption it is at the top', () => {
  expect(placeCaption([0, 5, 10, 8], CAPTION, { width: 640, height: 10 }, [])).toEqual([0, 0, 100, 20]);
});

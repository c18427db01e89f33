/** A short run of the fuzzer over ONNX files: `npm run test:fuzz` is the long one. */
import { expect, test } from 'vitest';
import { fuzz } from './fuzz.js';
import { importTarget } from './import.js';

test.each([1, 2, 3])('damaged ONNX files, seed %i', async (seed) => {
  const { inputs, kept, faults } = await fuzz(importTarget(), { seed, inputs: 3000 });
  expect(faults).toEqual([]);
  expect(inputs).toBe(3000);
  // Many different refusals are reached, not one for all.
  expect(kept).toBeGreaterThan(20);
});

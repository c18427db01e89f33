/** A short run of the fuzzer over env files: `npm run test:fuzz` is the long one. */
import { afterAll, expect, test } from 'vitest';
import { envTarget } from './env.js';
import { fuzz } from './fuzz.js';

const target = envTarget();
afterAll(() => target.dispose?.());

test.each([1, 2, 3])('env files, seed %i', async (seed) => {
  const { inputs, faults } = await fuzz(target, { seed, inputs: 800 });
  expect(faults).toEqual([]);
  expect(inputs).toBe(800);
});

test('a fault is found, with its input', async () => {
  const run = (input: string) => (input.includes('CAMERA_X_') ? fail() : target.run(input));
  const { faults } = await fuzz({ ...target, run }, { seed: 1, inputs: 800 });
  expect(faults).toEqual([
    { input: expect.stringContaining('CAMERA_X_'), reason: expect.stringContaining('a camera X') },
  ]);
});

function fail(): never {
  throw new Error('a camera X');
}

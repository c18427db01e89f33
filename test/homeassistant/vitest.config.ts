import { defineConfig } from 'vitest/config';
import { Totals } from './totals.js';

export default defineConfig({
  test: {
    include: ['test/homeassistant/*.check.ts'],
    // Each goes on where the one before has left the house, and one house at a time is enough.
    sequence: { concurrent: false },
    fileParallelism: false,
    bail: 1,
    testTimeout: 120_000,
    hookTimeout: 300_000,
    reporters: ['verbose', new Totals()],
  },
});

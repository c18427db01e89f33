import { defineConfig } from 'vitest/config';
import { Totals } from './totals.js';

export default defineConfig({
  test: {
    include: ['test/homeassistant/*.check.ts'],
    // Each goes on where the one before has left the house.
    sequence: { concurrent: false },
    bail: 1,
    testTimeout: 120_000,
    hookTimeout: 300_000,
    reporters: ['verbose', new Totals()],
  },
});

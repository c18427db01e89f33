/** Measurements, which print tables and are no part of the tests: `npx vitest run --config test/bench/vitest.config.ts`. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/bench/**/*.bench.ts'],
    testTimeout: 1_800_000,
    hookTimeout: 1_800_000,
    maxWorkers: 1,
    pool: 'forks',
    execArgv: ['--expose-gc'],
  },
});

import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Integration tests start real ffmpeg, brokers and RTSP servers: two at a time is what a two-core machine bears.
    maxWorkers: 2,
    // What these end is hung; a slow machine with other work takes its time.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});

/** How late an event loop is said to be. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { EventLoopMonitor } from '../../src/observe/event-loop.js';

test.each([20, 100])(
  'at one look each %i ms: a loop that stood still for 500 ms was late by less',
  async (resolutionMs) => {
    const monitor = new EventLoopMonitor(resolutionMs);
    onTestFinished(() => monitor.stop());
    monitor.start();
    await sleep(4 * resolutionMs);
    const until = performance.now() + 500;
    while (performance.now() < until);
    await sleep(resolutionMs);
    // The look before it began is less than one of them older.
    expect(monitor.flush().p99).toBeGreaterThan(500 - 1.5 * resolutionMs);
  },
);

/** What the metrics cost while nobody asks for them: nothing. */
import perfHooks from 'node:perf_hooks';
import { expect, test, vi } from 'vitest';
import { Metrics } from '../../src/web/metrics.js';

test('the event loop is watched from the first request on, once', async () => {
  const watch = vi.spyOn(perfHooks, 'monitorEventLoopDelay');
  const metrics = new Metrics();
  expect(watch).not.toHaveBeenCalled();
  expect(await metrics.text()).toMatch(/^nodejs_eventloop_lag_p99_seconds /m);
  await metrics.text();
  expect(watch).toHaveBeenCalledTimes(1);
});

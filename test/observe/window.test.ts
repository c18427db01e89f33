import { expect, test } from 'vitest';
import { SampleWindow } from '../../src/observe/window.js';

test('percentiles by nearest rank, of the samples since the last flush', () => {
  const window = new SampleWindow();
  for (let value = 100; value >= 1; value--) window.add(value);
  expect(window.flush()).toEqual({ p50: 50, p95: 95 });
  expect(window.flush()).toBeUndefined();
  window.add(7);
  expect(window.flush()).toEqual({ p50: 7, p95: 7 });
});

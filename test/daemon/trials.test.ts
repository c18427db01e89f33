/** What is tried on cameras: a request each, which the log does not have to hold. */
import { expect, test } from 'vitest';
import { systemClock } from '../../src/clock.js';
import { loadConfig } from '../../src/config/load.js';
import { Trials } from '../../src/daemon/trials.js';
import { memoryLog } from '../support/log.js';

test('requests without end are a few lines', async () => {
  const { log, lines } = memoryLog();
  let { config } = loadConfig(undefined, { CAMERAS: 'front', CAMERA_URL: 'test:' });
  const trials = new Trials({
    current: () => config,
    apply: async (tried) => {
      config = tried;
    },
    inOrder: (step) => step(),
    labels: ['person'],
    onChange: () => {},
    clock: systemClock,
    log,
  });
  for (let request = 0; request < 100; request++) {
    expect(await trials.begin('front', 'CAMERA_FRONT_ZONES=door: 0,0 1,0 1,1')).toEqual([]);
    await trials.end('front');
  }
  expect(lines.filter((line) => line.includes('tried on camera front until'))).toHaveLength(10);
  expect(lines.filter((line) => line.includes('camera front is as its settings were read'))).toHaveLength(10);
  expect(trials.variables('front')).toEqual([]);
});

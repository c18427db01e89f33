/** What is said of settings that were read anew, with a daemon that only listens; a real one is in test/integration/reload.test.ts. */
import { expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load.js';
import type { Mistake } from '../../src/config/mistake.js';
import { Reload } from '../../src/daemon/reload.js';
import { memoryLog } from '../support/log.js';

test.each([
  [1, 'The settings of before hold: 1 mistake in the env file, see the log'],
  [2, 'The settings of before hold: 2 mistakes in the env file, see the log'],
])('the service manager is told of %i of them', async (count, status) => {
  const mistakes: Mistake[] = Array.from({ length: count }, (_, index) => ({
    variable: `CAMERA_${index}`,
    problem: 'not a variable of ghostcam',
  }));
  const { config } = loadConfig(undefined, { CAMERAS: 'front', CAMERA_URL: 'test:' });
  const { log } = memoryLog();
  const said: string[] = [];
  const refused: (readonly string[])[] = [];
  const reload = new Reload({
    daemon: {
      apply: () => Promise.reject(new Error('nothing is to be applied')),
      refuse: (lines) => void refused.push(lines),
    },
    envFile: 'ghostcam.env',
    read: () => Promise.resolve({ config, mistakes }),
    onStatus: (text) => void said.push(text),
    log: { ...log, adjust: () => {} },
  });
  reload.request();
  reload.start();
  await reload.stop();
  expect(said).toEqual([status]);
  expect(refused).toEqual([mistakes.map(({ variable, problem }) => `${variable}: ${problem}`)]);
});

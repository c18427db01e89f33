/** The addon is looked for where node-pre-gyp builds and unpacks it. */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { addonPath } from '../../src/native/addon.js';

const preGyp = createRequire(import.meta.url)('@mapbox/node-pre-gyp') as {
  find(packageJson: string): string;
};

test('the path is that of find()', () => {
  expect(addonPath()).toBe(preGyp.find(fileURLToPath(new URL('../../package.json', import.meta.url))));
});

/** The tests that docs/reliability.md names are there. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

/** `` `test/….test.ts` "name" `` */
const NAMED = [
  ...readFileSync('docs/reliability.md', 'utf8').matchAll(/`(test\/[\w/-]+\.test\.ts)` "([^"]+)"/g),
].map(([, file = '', name = '']) => [file, name] as const);

test.each(NAMED)('%s: %s', (file, name) => {
  expect(readFileSync(file, 'utf8')).toContain(`'${name}'`);
});

test('names are found at all', () => {
  expect(NAMED.length).toBeGreaterThan(40);
});

/** docs/architecture.md says in which order the daemon starts its parts. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

test('the parts, in the order in which they are started', () => {
  const daemon = readFileSync('src/daemon/daemon.ts', 'utf8');
  const started = [...daemon.matchAll(/lifecycle\.start\(\s*'([^']+)'/g)].map(([, name = '']) => name);
  const page = readFileSync('docs/architecture.md', 'utf8');
  const section = page.slice(page.indexOf('## Start and stop'), page.indexOf('## Reload'));
  const steps = [...section.matchAll(/^\d+\. (.*)$/gm)].map(([, text = '']) => text);
  expect(started.length).toBeGreaterThan(5);
  expect(steps.map((step, index) => step.slice(0, started[index]?.length))).toEqual(started);
});

/** The dashboard for Grafana asks for metrics that there are. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const dashboard = JSON.parse(readFileSync('deploy/examples/grafana.json', 'utf8')) as {
  panels: {
    id: number;
    gridPos: { x: number; y: number; w: number; h: number };
    targets: { expr: string }[];
  }[];
};
const expressions = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));

test('every metric is one of ours, or of the process', () => {
  const code = readFileSync('src/web/metrics.ts', 'utf8');
  const ours = [...code.matchAll(/'(ghostcam_\w+)'/g)].map(([, name = '']) => name);
  const asked = expressions.flatMap((expr) => expr.match(/\b(?:ghostcam|process|nodejs)_\w+/g) ?? []);
  expect(asked.length).toBeGreaterThan(15);
  const unknown = asked.filter(
    (name) => name.startsWith('ghostcam_') && !ours.includes(name.replace(/_bucket$/, '')),
  );
  expect(unknown).toEqual([]);
});

test('panels have numbers of their own and lie within the 24 columns', () => {
  const ids = dashboard.panels.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { gridPos } of dashboard.panels) expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
});

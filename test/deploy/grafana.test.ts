/** The dashboard for Grafana is one by Grafana's own types, and asks for metrics that there are. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { mistakesInGrafana } from '../support/grafana.js';

const dashboard = JSON.parse(readFileSync('deploy/examples/grafana.json', 'utf8')) as {
  panels: {
    id: number;
    type: string;
    options: object;
    fieldConfig: { defaults: { custom?: object } };
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

test('it is a dashboard, its panels are panels, and their options are those of their kind', () => {
  expect(mistakesInGrafana('GrafanaDashboard', dashboard)).toBeUndefined();
  for (const panel of dashboard.panels) {
    expect(mistakesInGrafana('GrafanaPanel', panel), `panel ${panel.id}`).toBeUndefined();
    const [options, field] = { stat: ['StatOptions'], timeseries: ['TimeSeriesOptions', 'TimeSeriesField'] }[
      panel.type
    ] ?? ['no such kind'];
    expect(mistakesInGrafana(options as string, panel.options), `panel ${panel.id}`).toBeUndefined();
    const { custom } = panel.fieldConfig.defaults;
    if (field !== undefined && custom !== undefined)
      expect(mistakesInGrafana(field, custom), `panel ${panel.id}`).toBeUndefined();
  }
});

test('what Grafana does not know is found', () => {
  const wrong = structuredClone(dashboard);
  Object.assign(wrong, { graphTooltip: 'shared' });
  expect(mistakesInGrafana('GrafanaDashboard', wrong)).toMatch(/graphTooltip/);
  expect(mistakesInGrafana('StatOptions', { colorMode: 'rainbow' })).toMatch(/colorMode/);
  expect(mistakesInGrafana('TimeSeriesField', { drawStyle: 'waves' })).toMatch(/drawStyle/);
});

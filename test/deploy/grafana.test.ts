/** The dashboard for Grafana is one by Grafana's own types. What it asks for is asked of a real Prometheus in web-prometheus.test.ts. */
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
    targets: { expr: string; refId: string }[];
  }[];
  templating: { list: { name: string }[] };
};

test('variables that are named are there, and the queries of a panel have names of their own', () => {
  const known = dashboard.templating.list.map(({ name }) => name);
  const named = [...JSON.stringify(dashboard).matchAll(/\$\{?(\w+)/g)].map(([, name]) => name);
  expect([...new Set(named)].sort()).toEqual(known.sort());
  for (const { id, targets } of dashboard.panels) {
    const refIds = targets.map(({ refId }) => refId);
    expect([...new Set(refIds)], `panel ${id}`).toEqual(refIds);
    expect(refIds.length).toBeGreaterThan(0);
  }
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

type Json = { [key: string]: Json } & Json[];

test.each<[string, (panel: Json) => void]>([
  ['without a type', (panel) => void Reflect.deleteProperty(panel, 'type')],
  ['whose place is no number', (panel) => void Object.assign(panel.gridPos as Json, { w: '4' })],
  ['that has no height', (panel) => void Reflect.deleteProperty(panel.gridPos as Json, 'h')],
  ['with a key that Grafana does not know', (panel) => void Object.assign(panel, { titel: 'Cameras' })],
  ['whose queries are no list', (panel) => void Object.assign(panel, { targets: {} })],
  ['without overrides', (panel) => void Reflect.deleteProperty(panel.fieldConfig as Json, 'overrides')],
  [
    'whose unit has another name',
    (panel) => void Object.assign(panel.fieldConfig?.defaults as Json, { units: 's' }),
  ],
  ['whose data source is its name', (panel) => void Object.assign(panel, { datasource: 'prometheus' })],
])('a panel %s is found', (_, damage) => {
  const panel = structuredClone(dashboard.panels[0]) as unknown as Json;
  expect(mistakesInGrafana('GrafanaPanel', panel)).toBeUndefined();
  damage(panel);
  expect(mistakesInGrafana('GrafanaPanel', panel)).toBeDefined();
  const whole = { ...dashboard, panels: [panel] };
  expect(mistakesInGrafana('GrafanaDashboard', whole)).toBeDefined();
});

test('what is wrong beside the panels, and in their options, is found', () => {
  expect(mistakesInGrafana('GrafanaDashboard', { ...dashboard, graphTooltip: 'shared' })).toMatch(
    /graphTooltip/,
  );
  expect(mistakesInGrafana('GrafanaDashboard', { ...dashboard, refersh: '30s' })).toMatch(/additional/);
  const { schemaVersion: _, ...without } = dashboard as unknown as Json;
  expect(mistakesInGrafana('GrafanaDashboard', without)).toMatch(/schemaVersion/);
  expect(mistakesInGrafana('StatOptions', { colorMode: 'rainbow' })).toMatch(/colorMode/);
  expect(mistakesInGrafana('StatOptions', { reduceOptions: { calcs: 'last' } })).toMatch(/calcs/);
  expect(mistakesInGrafana('TimeSeriesOptions', { legnd: {} })).toMatch(/additional/);
  expect(mistakesInGrafana('TimeSeriesField', { drawStyle: 'waves' })).toMatch(/drawStyle/);
});

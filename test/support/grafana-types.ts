/** Grafana's own types of what a dashboard of ours is made of; a schema is generated from them. */
import type { GraphFieldConfig } from '@grafana/schema';
import type { Options as Stat } from '@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen';
import type { Options as TimeSeries } from '@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen';
import type { Dashboard, Panel } from '@grafana/schema/dist/esm/raw/dashboard/x/Dashboard_types.gen';

export type GrafanaDashboard = Dashboard;
export type GrafanaPanel = Panel;
export type StatOptions = Partial<Stat>;
export type TimeSeriesOptions = Partial<TimeSeries>;
export type TimeSeriesField = GraphFieldConfig;

/** What is drawn as the env file has it. Coordinates are shares of the picture's width and height. */
import type { Polygon } from '../../geometry/zones.js';
import type { CameraView } from '../api.js';

export interface Corner {
  x: number;
  y: number;
}

/** `smallest` and `largest` are limits of an object's size. */
export type Kind = 'zone' | 'mask' | 'privacy' | 'smallest' | 'largest';

/** An area that is drawn, or a box as large as a limit. */
export interface Area {
  kind: Kind;
  /** Of a zone: its name, and the seconds that an object must stay. */
  name: string;
  dwell: number;
  /** Those that it is for; of a mask `motion` is one; none: all. Of a limit its only one, `*` for all others. */
  labels: readonly string[];
  /** Of a limit two that are opposite: where its box lies is of no consequence. */
  corners: readonly Corner[];
}

/** What is drawn of a camera's settings. */
export type Drawn = Pick<CameraView, 'name' | 'zones' | 'masks' | 'privacy' | 'filters' | 'size'>;

const MIN_CORNERS = 3;

export function isLimit({ kind }: Pick<Area, 'kind'>): boolean {
  return kind === 'smallest' || kind === 'largest';
}

/** A limit's box as a share of the picture. */
export function shareOf({ corners: [from, to] }: Pick<Area, 'corners'>): number {
  return from === undefined || to === undefined ? 0 : Math.abs((to.x - from.x) * (to.y - from.y));
}

/** Those of a camera's settings; undefined: some are in pixels, and the size of the picture is not known yet. */
export function areasOf({ zones, masks, privacy, filters, size }: Drawn): Area[] | undefined {
  const polygons = [...zones.map(({ polygon }) => polygon), ...masks, ...privacy];
  if (size === undefined && polygons.some(({ unit }) => unit === 'pixel')) return undefined;
  const shares = ({ corners, unit }: Polygon) => {
    const { width, height } = unit === 'pixel' && size !== undefined ? size : { width: 1, height: 1 };
    return corners.map(({ x, y }) => ({ x: x / width, y: y / height }));
  };
  const plain = { name: '', dwell: 0, labels: [] };
  const limit = (kind: Kind, label: string, area: number | undefined): Area[] =>
    area === undefined ? [] : [{ ...plain, kind, labels: [label], corners: boxOf(area) }];
  return [
    ...zones.map(({ name, dwell, labels = [], polygon }) => ({
      ...{ kind: 'zone' as const, name, dwell, labels },
      corners: shares(polygon),
    })),
    ...masks.map((mask) => ({
      ...{ ...plain, kind: 'mask' as const, labels: mask.only ?? [] },
      corners: shares(mask),
    })),
    ...privacy.map((area) => ({ ...plain, kind: 'privacy' as const, corners: shares(area) })),
    ...filters.flatMap(({ label, minArea, maxArea }) => [
      ...limit('smallest', label, minArea),
      ...limit('largest', label, maxArea),
    ]),
  ];
}

/** Opposite corners of a box in the middle, in the shape of the picture. */
export function boxOf(area: number): Corner[] {
  const half = Math.sqrt(area) / 2;
  return [
    { x: 0.5 - half, y: 0.5 - half },
    { x: 0.5 + half, y: 0.5 + half },
  ];
}

/** The lines of the env file for one camera; areas that are not finished are left out, and what is not drawn stays. */
export function envLines(
  { name, filters }: Pick<Drawn, 'name' | 'filters'>,
  areas: readonly Area[],
): string[] {
  const prefix = `CAMERA_${name.toUpperCase().replaceAll('-', '_')}`;
  const whole = areas.filter(({ corners }) => corners.length >= MIN_CORNERS);
  const texts = (kind: Kind, text: (area: Area) => string) =>
    whole.filter((area) => area.kind === kind).map(text);
  const values = {
    ZONES: texts('zone', zoneText),
    MASKS: texts('mask', maskText),
    PRIVACY: texts('privacy', ({ corners }) => cornersText(corners)),
    FILTERS: filterTexts(filters, areas),
  };
  return Object.entries(values).map(([key, list]) => `${prefix}_${key}=${list.join('; ') || 'none'}`);
}

function zoneText({ name, dwell, labels, corners }: Area): string {
  const only = labels.length === 0 ? '' : ` (${labels.join(', ')})`;
  const stay = dwell === 0 ? '' : ` ${dwell}s`;
  return `${name}${only}${stay}: ${cornersText(corners)}`;
}

function maskText({ labels, corners }: Area): string {
  const only = labels.length === 0 ? '' : `${labels.join(',')}: `;
  return `${only}${cornersText(corners)}`;
}

/** Limits of score and shape are not drawn: they stay as they are. */
function filterTexts(filters: Drawn['filters'], areas: readonly Area[]): string[] {
  const limits = areas.filter(isLimit);
  const area = (kind: Kind, label: string) => {
    const limit = limits.find((one) => one.kind === kind && one.labels[0] === label);
    return limit && Number(shareOf(limit).toFixed(5));
  };
  const labels = [...filters.map(({ label }) => label), ...limits.flatMap((limit) => limit.labels)];
  return [...new Set(labels)].flatMap((label) => {
    const { threshold, minAspect, maxAspect } = filters.find((filter) => filter.label === label) ?? {};
    const items = [
      ...(threshold === undefined ? [] : [`threshold ${threshold}`]),
      ...range('area', area('smallest', label), area('largest', label)),
      ...range('aspect', minAspect, maxAspect),
    ];
    return items.length === 0 ? [] : [`${label}: ${items.join(', ')}`];
  });
}

function range(name: string, from: number | undefined, to: number | undefined): string[] {
  return from === undefined && to === undefined ? [] : [`${name} ${from ?? ''}..${to ?? ''}`];
}

function cornersText(corners: readonly Corner[]): string {
  return corners.map(({ x, y }) => `${share(x)},${share(y)}`).join(' ');
}

function share(value: number): string {
  return String(Number(Math.min(1, Math.max(0, value)).toFixed(3)));
}

/** What is wrong with the name of a zone beside those of the others; undefined: nothing. */
export function nameProblem(name: string, others: readonly string[]): string | undefined {
  if (!/^[A-Za-z0-9_-]+$/.test(name)) return 'Names of zones have letters, digits, _ and - alone.';
  return others.includes(name) ? `There is a zone ${name} already.` : undefined;
}

/** Areas as the env file has them. Coordinates are shares of the picture's width and height. */
import type { CameraView } from '../api.js';

export interface Corner {
  x: number;
  y: number;
}

/** An area that is drawn. */
export interface Area {
  kind: 'zone' | 'mask';
  /** Of a zone: its name, and the seconds that an object must stay. */
  name: string;
  dwell: number;
  /** Those that it is for; of a mask `motion` is one; none: all. */
  labels: readonly string[];
  corners: readonly Corner[];
}

const MIN_CORNERS = 3;

/** Those of a camera's settings; undefined: some are in pixels, and the size of the picture is not known yet. */
export function areasOf({
  zones,
  masks,
  size,
}: Pick<CameraView, 'zones' | 'masks' | 'size'>): Area[] | undefined {
  const polygons = [...zones.map(({ polygon }) => polygon), ...masks];
  if (size === undefined && polygons.some(({ unit }) => unit === 'pixel')) return undefined;
  const shares = ({ corners, unit }: (typeof polygons)[number]) => {
    const { width, height } = unit === 'pixel' && size !== undefined ? size : { width: 1, height: 1 };
    return corners.map(({ x, y }) => ({ x: x / width, y: y / height }));
  };
  return [
    ...zones.map(({ name, dwell, labels = [], polygon }) => ({
      ...{ kind: 'zone' as const, name, dwell, labels },
      corners: shares(polygon),
    })),
    ...masks.map((mask) => ({
      ...{ kind: 'mask' as const, name: '', dwell: 0, labels: mask.only ?? [] },
      corners: shares(mask),
    })),
  ];
}

/** The lines of the env file for one camera; areas that are not finished are left out. */
export function envLines(camera: string, areas: readonly Area[]): string[] {
  const prefix = `CAMERA_${camera.toUpperCase().replaceAll('-', '_')}`;
  const whole = areas.filter(({ corners }) => corners.length >= MIN_CORNERS);
  const zones = whole.filter(({ kind }) => kind === 'zone').map(zoneText);
  const masks = whole.filter(({ kind }) => kind === 'mask').map(maskText);
  return [`${prefix}_ZONES=${zones.join('; ') || 'none'}`, `${prefix}_MASKS=${masks.join('; ') || 'none'}`];
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

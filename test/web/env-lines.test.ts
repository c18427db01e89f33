/** The lines that the editor shows are those that the env file's own parser reads back. */
import { describe, expect, test } from 'vitest';
import { masks, privateAreas, zones } from '../../src/config/areas.js';
import { filters } from '../../src/config/filters.js';
import { type Area, areasOf, envLines, nameProblem } from '../../src/web/page/env-lines.js';

const corners = [
  { x: 0.1, y: 0.5 },
  { x: 0.4444, y: 0.5 },
  { x: 1.2, y: -0.1 },
];
const area = (more: Partial<Area>): Area => ({
  kind: 'zone',
  name: 'door',
  dwell: 0,
  labels: [],
  corners,
  ...more,
});

/** Each line's value, by what it sets. */
function values(lines: readonly string[], prefix: string): Record<string, string> {
  return Object.fromEntries(
    lines.map((line) => {
      const [name = '', value = ''] = line.split('=');
      expect(name.startsWith(prefix)).toBe(true);
      return [name.slice(prefix.length), value];
    }),
  );
}

test('what is drawn comes back as it was', () => {
  const lines = envLines({ name: 'back-yard', filters: [] }, [
    area({}),
    area({ name: 'street', dwell: 2.5, labels: ['car', 'truck'] }),
    area({ kind: 'mask' }),
    area({ kind: 'mask', labels: ['person', 'motion'] }),
    area({ kind: 'mask', corners: corners.slice(0, 2) }),
    area({ kind: 'privacy' }),
  ]);
  const { ZONES = '', MASKS = '', PRIVACY = '', FILTERS } = values(lines, 'CAMERA_BACK_YARD_');
  const drawn = [
    { x: 0.1, y: 0.5 },
    { x: 0.444, y: 0.5 },
    { x: 1, y: 0 },
  ];
  expect(zones(ZONES)).toEqual([
    { name: 'door', dwell: 0, polygon: { corners: drawn, unit: 'share' } },
    { name: 'street', dwell: 2.5, labels: ['car', 'truck'], polygon: { corners: drawn, unit: 'share' } },
  ]);
  expect(masks(MASKS)).toEqual([
    { corners: drawn, unit: 'share' },
    { corners: drawn, unit: 'share', only: ['person', 'motion'] },
  ]);
  expect(privateAreas(PRIVACY)).toEqual([{ corners: drawn, unit: 'share' }]);
  expect(FILTERS).toBe('none');
});

test('limits are the sizes of their boxes, wherever they lie; those of score and shape stay', () => {
  const kept = filters(
    'person: threshold 0.5, area 0.3..0.4, aspect 0.2..1; dog: area 0.1..; cat: threshold 0.4',
  );
  const box = (x1: number, y1: number, x2: number, y2: number) => [
    { x: x1, y: y1 },
    { x: x2, y: y2 },
  ];
  const lines = envLines({ name: 'front', filters: kept }, [
    area({ kind: 'smallest', labels: ['person'], corners: box(0.7, 0.9, 0.6, 0.8) }),
    area({ kind: 'largest', labels: ['person'], corners: box(0, 0, 1, 0.5) }),
    area({ kind: 'largest', labels: ['*'], corners: box(0, 0, 1, 1) }),
    area({ kind: 'smallest', labels: ['car'], corners: box(0.5, 0.5, 0.501, 0.501) }),
  ]);
  const { FILTERS = '' } = values(lines, 'CAMERA_FRONT_');
  expect(filters(FILTERS)).toEqual([
    { label: 'person', threshold: 0.5, minArea: 0.01, maxArea: 0.5, minAspect: 0.2, maxAspect: 1 },
    { label: 'cat', threshold: 0.4 },
    { label: '*', maxArea: 1 },
    { label: 'car', minArea: 0 },
  ]);
});

describe('areas of the settings', () => {
  const texts = {
    ZONES: 'door: 0.1,0.5 0.3,0.5 0.3,1; street (car, truck) 3s: 0,0.2 1,0.2 1,0.45',
    MASKS: '0,0 1,0 1,0.1; person,motion: 0.9,0.9 1,0.9 1,1',
    PRIVACY: '0,0 0.3,0 0.3,0.4; 0.5,0.5 1,0.5 1,1',
    FILTERS: 'person: threshold 0.5, area 0.002..0.5, aspect ..1; dog: area ..0.25; *: area 0.00001..',
  };
  const settings = {
    name: 'front',
    zones: zones(texts.ZONES),
    masks: masks(texts.MASKS),
    privacy: privateAreas(texts.PRIVACY),
    filters: filters(texts.FILTERS),
  };

  test('come back as they are', () => {
    expect(values(envLines(settings, areasOf(settings) ?? []), 'CAMERA_FRONT_')).toEqual(texts);
  });

  test('in pixels are shares once the size is known', () => {
    const inPixels = { ...settings, zones: [], masks: masks('motion: 64,48 320,48 640,480') };
    expect(areasOf(inPixels)).toBeUndefined();
    const areas = areasOf({ ...inPixels, size: { width: 640, height: 480 } });
    expect(envLines(settings, areas ?? [])[1]).toBe('CAMERA_FRONT_MASKS=motion: 0.1,0.1 0.5,0.1 1,1');
  });
});

test('nothing drawn is none', () => {
  expect(envLines({ name: 'front', filters: [] }, [])).toEqual(
    ['ZONES', 'MASKS', 'PRIVACY', 'FILTERS'].map((name) => `CAMERA_FRONT_${name}=none`),
  );
});

test('names of zones', () => {
  expect(nameProblem('door_2', ['door'])).toBeUndefined();
  expect(nameProblem('door', ['door'])).toContain('already');
  expect(nameProblem('the door', [])).toContain('letters');
  expect(nameProblem('', [])).toContain('letters');
});

/** The lines that the editor shows are those that the env file's own parser reads back. */
import { describe, expect, test } from 'vitest';
import { masks, zones } from '../../src/config/regions.js';
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

test('zones and masks come back as they were drawn', () => {
  const [zoneLine = '', maskLine = ''] = envLines('back-yard', [
    area({}),
    area({ name: 'street', dwell: 2.5, labels: ['car', 'truck'] }),
    area({ kind: 'mask' }),
    area({ kind: 'mask', labels: ['person', 'motion'] }),
    area({ kind: 'mask', corners: corners.slice(0, 2) }),
  ]);
  const drawn = [
    { x: 0.1, y: 0.5 },
    { x: 0.444, y: 0.5 },
    { x: 1, y: 0 },
  ];
  const [zoneName, zoneText = ''] = zoneLine.split('=');
  expect(zoneName).toBe('CAMERA_BACK_YARD_ZONES');
  expect(zones(zoneText)).toEqual([
    { name: 'door', dwell: 0, polygon: { corners: drawn, unit: 'share' } },
    { name: 'street', dwell: 2.5, labels: ['car', 'truck'], polygon: { corners: drawn, unit: 'share' } },
  ]);
  const [maskName, maskText = ''] = maskLine.split('=');
  expect(maskName).toBe('CAMERA_BACK_YARD_MASKS');
  expect(masks(maskText)).toEqual([
    { corners: drawn, unit: 'share' },
    { corners: drawn, unit: 'share', only: ['person', 'motion'] },
  ]);
});

describe('areas of the settings', () => {
  const zoneText = 'door: 0.1,0.5 0.3,0.5 0.3,1; street (car, truck) 3s: 0,0.2 1,0.2 1,0.45';
  const maskText = '0,0 1,0 1,0.1; person,motion: 0.9,0.9 1,0.9 1,1';

  test('come back as they are', () => {
    const areas = areasOf({ zones: zones(zoneText), masks: masks(maskText) });
    expect(envLines('front', areas ?? [])).toEqual([
      `CAMERA_FRONT_ZONES=${zoneText}`,
      `CAMERA_FRONT_MASKS=${maskText}`,
    ]);
  });

  test('in pixels are shares once the size is known', () => {
    const settings = { zones: [], masks: masks('motion: 64,48 320,48 640,480') };
    expect(areasOf(settings)).toBeUndefined();
    const areas = areasOf({ ...settings, size: { width: 640, height: 480 } });
    expect(envLines('front', areas ?? [])[1]).toBe('CAMERA_FRONT_MASKS=motion: 0.1,0.1 0.5,0.1 1,1');
  });
});

test('nothing drawn is none', () => {
  expect(envLines('front', [])).toEqual(['CAMERA_FRONT_ZONES=none', 'CAMERA_FRONT_MASKS=none']);
});

test('names of zones', () => {
  expect(nameProblem('door_2', ['door'])).toBeUndefined();
  expect(nameProblem('door', ['door'])).toContain('already');
  expect(nameProblem('the door', [])).toContain('letters');
  expect(nameProblem('', [])).toContain('letters');
});

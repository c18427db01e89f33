import { describe, expect, test } from 'vitest';
import { masks, privateAreas, zones } from '../../src/config/areas.js';
import { describeEffective } from '../../src/config/effective.js';
import { filters } from '../../src/config/filters.js';
import { unknownLabels } from '../../src/config/labels.js';
import { loadConfig } from '../../src/config/load.js';
import { Unexpected } from '../../src/config/values.js';

describe('zones', () => {
  test('in shares of the picture and in pixels, with and without a dwell time', () => {
    expect(zones('door: 0.1,0.5 0.4,.5 0.4,1; street 2.5s: 0,100 640,100 640,360;')).toEqual([
      {
        name: 'door',
        dwell: 0,
        polygon: {
          unit: 'share',
          corners: [
            { x: 0.1, y: 0.5 },
            { x: 0.4, y: 0.5 },
            { x: 0.4, y: 1 },
          ],
        },
      },
      {
        name: 'street',
        dwell: 2.5,
        polygon: {
          unit: 'pixel',
          corners: [
            { x: 0, y: 100 },
            { x: 640, y: 100 },
            { x: 640, y: 360 },
          ],
        },
      },
    ]);
  });

  test('for some labels, before a dwell time', () => {
    const corners = '0,0 1,0 1,1';
    const read = zones(
      `door(person): ${corners}; street (car, traffic light) 3s: ${corners}; all: ${corners}`,
    );
    expect(read.map(({ name, labels, dwell }) => [name, labels, dwell])).toEqual([
      ['door', ['person'], 0],
      ['street', ['car', 'traffic light'], 3],
      ['all', undefined, 0],
    ]);
  });

  test.each([
    ['door (): 0,0 1,0 1,1', /received ""/],
    ['door (person,,dog): 0,0 1,0 1,1', /received "person,,dog"/],
    ['door (dog, dog): 0,0 1,0 1,1', /"dog" appears twice/],
    ['door 3s (dog): 0,0 1,0 1,1', /received "door 3s \(dog\):/],
    ['door (dog: 0,0 1,0 1,1', /received "door \(dog:/],
    ['0.1,0.5 0.4,0.5 0.4,1', /received "0.1,0.5/],
    ['door 0,0 1,0 1,1', /received "door 0,0/],
    ['front door: 0,0 1,0 1,1', /received "front door:/],
    ['door: 0,0 1,0', /zone door has 2/],
    ['door: 0,0 1,0 1;1', /zone door has "1"/],
    ['door: 0,0 1,0 -1,1', /zone door has "-1,1"/],
    ['door: 0,0 1,0 1e3,1', /zone door has "1e3,1"/],
    ['door: 0,0 1,0 1.5,1', /zone door has 1.5 beside values above 1/],
    ['door: 0,0 0.5,0.5 1,1', /corners of zone door are on one line/],
    ['door: 0,0 1,0 1,1; door: 0,0 1,0 1,1', /zone door appears twice/],
    ['door 9999s: 0,0 1,0 1,1', /zone door has 9999s/],
    ['door 1.2.3s: 0,0 1,0 1,1', /zone door has 1.2.3s/],
    ['door: 0,0 1,0 1,1;; street: 0,0 1,0 1,1', /received ""/],
  ])('%s', (text, problem) => {
    expect(() => zones(text)).toThrow(Unexpected);
    expect(() => zones(text)).toThrow(problem);
  });
});

test('labels of zones: those that the camera leaves out are a mistake, the model is asked for the others', () => {
  const { config, mistakes } = loadConfig(undefined, {
    CAMERAS: 'front,back',
    CAMERA_URL: 'test:',
    CAMERA_ZONES: 'street (car, bus): 0,0 1,0 1,1',
    CAMERA_BACK_LABELS: 'person,car',
  });
  expect(mistakes).toMatchObject([
    {
      variable: 'CAMERA_ZONES',
      problem: 'zone street is for "bus", which CAMERA_BACK_LABELS leaves out',
      expected: 'labels of person, car',
    },
  ]);
  expect(unknownLabels(config, ['person', 'car'])).toMatchObject([
    { variable: 'CAMERA_ZONES', problem: 'the model has no label "bus"' },
  ]);
});

test('masks are numbered in what is wrong with them', () => {
  expect(masks('0,0 1,0 1,0.1')).toHaveLength(1);
  expect(() => masks('0,0 1,0 1,0.1; 0,0 1,1')).toThrow(/mask 2 has 2/);
});

test('masks of labels and of motion; a label may hold a colon', () => {
  const only = (text: string) => masks(text).map((mask) => mask.only);
  const corners = '0,0 1,0 1,1';
  expect(
    only(`${corners}; person: ${corners}; person, car: ${corners}; motion: ${corners}; a:b: ${corners};`),
  ).toEqual([undefined, ['person'], ['person', 'car'], ['motion'], ['a:b']]);
  expect(() => masks(`: ${corners}`)).toThrow(Unexpected);
  expect(() => masks(`person,person: ${corners}`)).toThrow(/"person" appears twice/);
  expect(() => masks('person: 0,0 1,0')).toThrow(/mask 1 has 2/);
  const { config } = loadConfig(undefined, {
    CAMERAS: 'a',
    CAMERA_URL: 'test:',
    CAMERA_MASKS: `motion,persn: ${corners}`,
  });
  expect(config.namedLabels.map(({ label }) => label)).toEqual(['persn']);
});

test('private areas have no labels', () => {
  expect(privateAreas('0,0 1,0 1,0.1; 100,100 200,100 200,200')).toHaveLength(2);
  expect(privateAreas('none')).toEqual([]);
  expect(() => privateAreas('person: 0,0 1,0 1,1')).toThrow(/private area 1 has "person:"/);
});

describe('filters', () => {
  test('limits per label, ranges open at one end', () => {
    expect(filters('person: threshold 0.5, area 0.002..0.5, aspect ..1; *: area 0.001..')).toEqual([
      { label: 'person', threshold: 0.5, minArea: 0.002, maxArea: 0.5, maxAspect: 1 },
      { label: '*', minArea: 0.001 },
    ]);
  });

  test.each([
    ['person', /received "person"/],
    ['person:', /person has ""/],
    ['person: height 3', /person has "height 3"/],
    ['person: threshold 5', /received "5"/],
    ['person: area 0.5..0.1', /received "0.5..0.1"/],
    ['person: area 0..2', /received "0..2"/],
    ['person: area ..', /received ".."/],
    ['person: area 0.1', /received "0.1"/],
    ['person: area 0.1..; person: area 0.2..', /person appears twice/],
  ])('%s', (text, problem) => {
    expect(() => filters(text)).toThrow(Unexpected);
    expect(() => filters(text)).toThrow(problem);
  });
});

test('a camera’s own zones are above those of all cameras, and are shown as they were written', () => {
  const { config, effective, mistakes } = loadConfig(undefined, {
    CAMERAS: 'front,back',
    CAMERA_URL: 'test:',
    CAMERA_ZONES: 'all: 0,0 1,0 1,1',
    CAMERA_FRONT_ZONES: 'door: 0,0 1,0 1,1',
    CAMERA_BACK_MASKS: '0,0 1,0',
  });
  expect(config.cameras.map((camera) => camera.zones.map(({ name }) => name))).toEqual([['door'], ['all']]);
  expect(mistakes).toMatchObject([{ variable: 'CAMERA_BACK_MASKS', problem: 'mask 1 has 2' }]);
  expect(describeEffective(effective)).toMatch(/CAMERA_FRONT_ZONES\s+= door: 0,0 1,0 1,1 /);
});

test.each(['ZONES', 'MASKS', 'PRIVACY'])('%s: corners beyond three hundred in all are refused', (setting) => {
  const name = (index: number) => (setting === 'ZONES' ? `z${index}: ` : '');
  const areas = (count: number) =>
    Array.from({ length: count }, (_, index) => `${name(index)}0,0 1,0 1,1`).join('; ');
  const mistakes = (count: number) =>
    loadConfig(undefined, {
      CAMERAS: 'front',
      CAMERA_FRONT_URL: 'test:',
      [`CAMERA_FRONT_${setting}`]: areas(count),
    }).mistakes;
  expect(mistakes(100)).toEqual([]);
  expect(mistakes(101)).toMatchObject([{ problem: 'received 303', expected: 'at most 300 corners in all' }]);
});

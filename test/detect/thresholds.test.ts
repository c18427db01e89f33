import { expect, test } from 'vitest';
import { classThresholds } from '../../src/detect/thresholds.js';
import { labelIcon } from '../../src/homeassistant/labels.js';

const LABELS = ['person', 'car', 'dog'];
const MODEL = { score: 0.25, perLabel: { car: 0.5 } };

test('the model’s own thresholds are the default', () => {
  const all = classThresholds(LABELS, MODEL, { threshold: undefined, labels: undefined, filters: [] });
  expect([...all]).toEqual([0.25, 0.5, 0.25]);
});

test('a region’s own threshold holds in regions alone; a camera’s holds in both', () => {
  const model = { ...MODEL, region: { perLabel: { person: 0.125, car: 0.75 } } };
  const settings = { threshold: undefined, labels: undefined, filters: [] };
  expect([...classThresholds(LABELS, model, settings, 'region')]).toEqual([0.125, 0.75, 0.25]);
  expect([...classThresholds(LABELS, model, settings, 'whole')]).toEqual([0.25, 0.5, 0.25]);
  expect([...classThresholds(LABELS, model, { ...settings, threshold: 0.625 }, 'region')]).toEqual([
    0.625, 0.625, 0.625,
  ]);
});

test('a camera’s threshold replaces them, and labels that are not wanted are above every score', () => {
  const some = classThresholds(LABELS, MODEL, { threshold: 0.75, labels: ['car'], filters: [] });
  expect(some[1]).toBe(0.75);
  expect(some[0]).toBeGreaterThan(1);
  expect(some[2]).toBeGreaterThan(1);
});

test('a label’s own threshold is above the camera’s, and * is for all others', () => {
  const filters = [
    { label: 'car', threshold: 0.5 },
    { label: '*', threshold: 0.25 },
  ];
  const some = classThresholds(LABELS, MODEL, { threshold: 0.75, labels: undefined, filters });
  expect([...some]).toEqual([0.25, 0.5, 0.25]);
});

test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
  'a label may be called %s, as what every object has',
  (label) => {
    const given = { threshold: undefined, labels: undefined, filters: [] };
    expect([...classThresholds([label], MODEL, given)]).toEqual([0.25]);
    const own = { ...MODEL, perLabel: Object.fromEntries([[label, 0.75]]) };
    expect([...classThresholds([label], own, given)]).toEqual([0.75]);
    expect([...classThresholds([label], { ...MODEL, region: own }, given, 'region')]).toEqual([0.75]);
    expect(labelIcon(label)).toBe('mdi:shape');
  },
);

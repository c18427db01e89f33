/** Lines that are tried on a camera. */
import { expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load.js';
import { describeMistake } from '../../src/config/mistake.js';
import { withTrial } from '../../src/config/trial.js';

const { config } = loadConfig(undefined, {
  CAMERAS: 'front-door,back',
  CAMERA_URL: 'test:',
  CAMERA_LABELS: 'person,dog',
  CAMERA_MASKS: '0,0 1,0 1,0.1',
});
const LABELS = ['person', 'dog', 'car'];

function tried(lines: string, camera = 'front-door') {
  const { config: next, mistakes } = withTrial(config, camera, lines, LABELS);
  return { config: next, mistakes: mistakes.map(describeMistake) };
}

test('what the lines name holds for that camera, and everything else is as it was', () => {
  const { config: next, mistakes } = tried(
    'CAMERA_FRONT_DOOR_ZONES=door (person) 2s: 0,0 1,0 1,1\n# a remark\nCAMERA_FRONT_DOOR_FILTERS=dog: area 0.1..',
  );
  expect(mistakes).toEqual([]);
  const [front, back] = next.cameras;
  expect(front?.zones).toMatchObject([{ name: 'door', labels: ['person'], dwell: 2 }]);
  expect(front?.filters).toEqual([{ label: 'dog', minArea: 0.1 }]);
  expect(front?.masks).toEqual(config.cameras[0]?.masks);
  expect(back).toBe(config.cameras[1]);
  expect({ ...next, cameras: [] }).toEqual({ ...config, cameras: [] });
});

test('none takes areas away', () => {
  expect(tried('CAMERA_FRONT_DOOR_MASKS=none').config.cameras[0]?.masks).toEqual([]);
});

test.each([
  ['CAMERA_FRONT_DOOR_ZONES=door: 0,0 1,0', /ZONES \(the lines:1\): zone door has 2; expected three or more/],
  [
    'CAMERA_FRONT_DOOR_URL=rtsp://u:p@elsewhere/',
    /URL \(the lines:1\): it cannot be tried; expected lines of CAMERA/,
  ],
  ['CAMERA_BACK_ZONES=none', /CAMERA_BACK_ZONES .*cannot be tried/],
  ['CAMERA_ZONES=none', /CAMERA_ZONES .*cannot be tried/],
  ['CAMERA_FRONT_DOOR_ZONES=', /no value; expected none, or a value/],
  ['a line', /the lines:1: not a NAME=value line/],
  ['# nothing', /the lines: there are none/],
  ['CAMERA_FRONT_DOOR_MASKS=cow: 0,0 1,0 1,1', /the model has no label "cow"/],
  ['CAMERA_FRONT_DOOR_ZONES=a (car): 0,0 1,0 1,1', /zone a is for "car", which .*LABELS leaves out/],
  ['CAMERA_FRONT_DOOR_MASKS=none\nCAMERA_FRONT_DOOR_MASKS=none', /second time \(first in the lines:1\)/],
])('a mistake is named, once: %s', (lines, told) => {
  const { mistakes } = tried(lines);
  expect(mistakes).toEqual([expect.stringMatching(told)]);
  expect(mistakes.join()).not.toContain('u:p');
});

test('all mistakes at once; a camera that has left is one', () => {
  expect(tried('CAMERA_FRONT_DOOR_ZONES=x\nCAMERA_FRONT_DOOR_MASKS=y\nz').mistakes).toHaveLength(3);
  expect(tried('CAMERA_GONE_ZONES=none', 'gone').mistakes).toEqual([
    'gone: there is no such camera; expected front-door, back',
  ]);
});

import { expect, test } from 'vitest';
import { examineCapacity } from '../../src/doctor/capacity.js';

const camera = (fps: number, enabled = true) => ({ fps, enabled });

test('what the board can do, in frames a second and in cameras', () => {
  expect(examineCapacity(12.5)).toEqual({
    ...{ check: 'capacity', status: 'ok' },
    message: '12.5 ms an inference are 80.0 frames a second, 16 cameras at 5',
  });
  expect(examineCapacity(150).message).toMatch(/6\.7 frames a second, 1 camera at 5$/);
  expect(examineCapacity(400).message).toMatch(/2\.5 frames a second, no camera at 5$/);
});

test('whether that is enough for the cameras that are switched on', () => {
  expect(examineCapacity(100, [camera(5), camera(2.5), camera(30, false)])).toEqual({
    ...{ check: 'capacity', status: 'ok' },
    message:
      '100.0 ms an inference are 10.0 frames a second, 2 cameras at 5; the configured 2 ask for 7.5 when all of them see motion',
  });
  expect(examineCapacity(100, [camera(5), camera(5), camera(5)])).toMatchObject({
    status: 'warning',
    message: expect.stringMatching(
      /the configured 3 ask for 15 .*: more than that, so some frames are not inferred/,
    ),
    remedy: expect.stringMatching(/^lower CAMERA_FPS to 3\.3, or .*int8$/),
  });
});

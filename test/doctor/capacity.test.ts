import { expect, test } from 'vitest';
import { examineCapacity } from '../../src/doctor/capacity.js';

const camera = (fps: number, enabled = true) => ({ fps, enabled });
/** Four cores, three of them for inference. */
const BOARD = { inferenceMs: 12.5, inferenceCpuMs: 36, decoding: [0.03], cores: 4, load: 0.4 };

test('what the board can do, in cameras, and what was measured', () => {
  expect(examineCapacity(BOARD)).toEqual({
    ...{ check: 'capacity', status: 'ok' },
    message:
      '16 cameras at 5 frames a second (an inference takes 12.5 ms, 36.0 of CPU, one after the other; decoding 3.0 % of a core for each camera; there are 4 cores)',
  });
  const slow = { ...BOARD, cores: 1, inferenceCpuMs: 150, inferenceMs: 150 };
  expect(examineCapacity(slow).message).toMatch(/^1 camera at 5 frames .*there is 1 core\)$/);
  expect(examineCapacity({ ...slow, inferenceMs: 400 }).message).toMatch(/^no camera at 5 /);
});

test('decoding limits it where that is what takes the cores', () => {
  // A main stream of 4K: half a core, beside 0.18 of inference.
  expect(examineCapacity({ ...BOARD, decoding: [0.5] }).message).toMatch(
    /^5 cameras .*decoding 50 % of a core/,
  );
  // Of different cameras, the mean.
  expect(examineCapacity({ ...BOARD, decoding: [0.9, 0.1] }).message).toMatch(/^5 cameras .*decoding 50 %/);
  // Inferred by a GPU, decoded by the processor.
  const gpu = { inferenceMs: 4, inferenceCpuMs: 1, decoding: [0.245], cores: 4, load: 0 };
  expect(examineCapacity(gpu).message).toMatch(/^16 cameras/);
});

test('whether that is enough for the cameras that are switched on', () => {
  const board = { inferenceMs: 100, inferenceCpuMs: 100, decoding: [0.1, 0.1], cores: 2, load: 0 };
  const enough = examineCapacity(board, [camera(5), camera(2.5), camera(30, false)]);
  expect(enough.status).toBe('ok');
  expect(enough.message).toMatch(
    /; the configured 2 ask for 7\.5 when all of them see motion, 48 % of the processor$/,
  );
  expect(examineCapacity(board, [camera(5), camera(5), camera(5)])).toMatchObject({
    status: 'warning',
    message: expect.stringMatching(
      /the configured 3 ask for 15 .*: more than there is, so some frames are not inferred/,
    ),
    remedy: expect.stringMatching(/^lower CAMERA_FPS to 3\.3, or .*int8$/),
  });
});

test('what is to be done depends on what takes the processor', () => {
  const board = { inferenceMs: 50, inferenceCpuMs: 150, cores: 4, load: 0 };
  // 20 inferences a second would fit, one after the other, but not beside the decoding of four cameras.
  const four = [camera(4.5), camera(4.5), camera(4.5), camera(4.5)];
  expect(examineCapacity({ ...board, decoding: [0.1] }, four).status).toBe('ok');
  expect(examineCapacity({ ...board, decoding: [0.4] }, four)).toMatchObject({
    status: 'warning',
    message: expect.stringMatching(/, 108 % of the processor: more than there is/),
    remedy: expect.stringMatching(/^lower CAMERA_FPS to 4, /),
  });
  expect(examineCapacity({ ...board, decoding: [0.9] }, four).remedy).toMatch(
    /^decoding alone takes 90 % of the processor: take the cameras' smaller sub streams, .*CAMERA_DECODER/,
  );
});

test('that others had the processor meanwhile is said', () => {
  expect(examineCapacity({ ...BOARD, load: 4.2 }).message).toMatch(
    /; there are 4 cores; at a load of 4\.2: without what else runs it is more\)$/,
  );
});

/** What the trial of a runtime answers where a part of the program is missing that has nothing to do with it. */
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { bundledLibrary } from '../../src/runtime/libraries.js';
import { execute } from '../support/execute.js';

/** As where an installation has left it out. */
const WITHOUT_SHARP = `data:text/javascript,${encodeURIComponent(`
  import { register } from 'node:module';
  const resolve = 'export async function resolve(name, context, next) { if (name === "sharp") throw new Error("there is no sharp"); return next(name, context); }';
  register('data:text/javascript,' + encodeURIComponent(resolve));
`)}`;
const PROBE = fileURLToPath(new URL('../../dist/doctor/probe.js', import.meta.url));

const probe = async (request: object) =>
  JSON.parse(await execute(process.execPath, ['--import', WITHOUT_SHARP, PROBE, JSON.stringify(request)]));

test('without the library for pictures the runtime loads, and the trial says what is missing', async () => {
  const library = bundledLibrary() as string;
  expect(await probe({ library })).toMatchObject({ providers: expect.arrayContaining(['cpu']) });
  const trial = { provider: 'cpu', model: 'yolov8n-ghostnetv2-320', photo: 'assets/doctor/photo.jpg' };
  expect(await probe({ library, trial })).toEqual({ error: 'there is no sharp' });
});

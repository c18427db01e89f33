/** A system that starts no more threads, as with a limit of processes: an error that says so, not the end of the process. */
import { expect, test } from 'vitest';
import { addonPath } from '../../src/native/addon.js';
import { canBeLimited, limited } from '../support/limited.js';

/** Makes objects of a class of the addon until that fails, and says how. */
const PROGRAM = `
  const { [process.argv[2]]: Class } = require(process.argv[1]);
  const made = [];
  try {
    while (made.length < 1000) made.push(new Class());
  } catch ({ code, message }) {
    console.log(JSON.stringify({ made: made.length, code, message }));
  }
  for (const one of made) one.close();
`;

test.skipIf(!canBeLimited).each(['FrameReader', 'NativeDetector'])('%s', (name) => {
  const { status, stdout, stderr } = limited(40, '-e', PROGRAM, addonPath(), name);
  expect(stderr).toBe('');
  expect(status).toBe(0);
  const { made, code, message } = JSON.parse(stdout) as { made: number; code: string; message: string };
  expect(made).toBeGreaterThan(3);
  expect(code).toBe('ADDON');
  expect(message).toMatch(/^no thread can be started: .*; raise the limit of processes \(ulimit -u/);
});

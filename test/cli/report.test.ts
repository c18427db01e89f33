/** What a failed command says, and with which exit code it ends. */
import { expect, test } from 'vitest';
import { printUsageError, report, shownWord } from '../../src/cli/report.js';
import { GhostcamError } from '../../src/errors.js';
import type { PlatformFacts } from '../../src/native/platform.js';

const BOARD: PlatformFacts = { platform: 'linux', arch: 'arm64', glibc: '2.36', node: '20.19.2' };
const UNUSUAL: [string, PlatformFacts][] = [
  ['a 32-bit board', { ...BOARD, arch: 'arm' }],
  ['musl', { ...BOARD, glibc: undefined }],
  ['an old glibc', { ...BOARD, glibc: '2.31' }],
  ['an old Node', { ...BOARD, node: '18.19.0' }],
];

function reported(error: unknown, facts = BOARD) {
  const lines: string[] = [];
  return { code: report(error, (text) => lines.push(text), facts), text: lines.join('\n') };
}

const bugs: [string, unknown][] = [
  ['a TypeError', new TypeError("Cannot read properties of undefined (reading 'name')")],
  ['a RangeError', new RangeError('Invalid array length')],
  ['a system error', Object.assign(new Error('EBADF: bad file descriptor'), { code: 'EBADF' })],
  ['a string', 'no error at all'],
];

test.each(
  UNUSUAL.flatMap(([machine, facts]) => bugs.map(([what, bug]) => [what, machine, bug, facts] as const)),
)('%s on %s is a bug with its stack, and not the fault of the machine', (_, __, bug, facts) => {
  const { code, text } = reported(bug, facts);
  expect(code).toBe(1);
  expect(text).toMatch(/this is a bug in ghostcam/);
  expect(text).not.toMatch(/->|older than|64-bit/);
  if (bug instanceof Error) expect(text).toMatch(/\n {4}at .*report\.test\.ts/);
  else expect(text).toContain(bug);
});

test.each([
  Object.assign(new Error('libvips.so: cannot open shared object file'), { code: 'ERR_DLOPEN_FAILED' }),
  Object.assign(new Error("Cannot find module '@img/sharp-linux-arm'\nRequire stack:"), {
    code: 'MODULE_NOT_FOUND',
  }),
  new Error('Could not load the "sharp" module using the linux-arm runtime\nPossible solutions:'),
])('a dependency that does not load on an unusual machine: exit code 69 and the remedy (%#)', (error) => {
  for (const [, facts] of UNUSUAL) {
    const { code, text } = reported(error, facts);
    expect(code).toBe(69);
    expect(text.split('\n')).toHaveLength(3);
    expect(text).toMatch(/-> /);
  }
});

test.each(['MODULE_NOT_FOUND', 'ERR_MODULE_NOT_FOUND'])('%s: an installation that is incomplete', (code) => {
  const error = Object.assign(new Error("Cannot find module 'mqtt'\nRequire stack:"), { code });
  const { code: exitCode, text } = reported(error);
  expect(exitCode).toBe(69);
  expect(text).toMatch(/^ghostcam: Cannot find module 'mqtt'\n {2}-> install ghostcam anew/);
  expect(text).not.toMatch(/bug|\n {4}at /);
});

test.each([
  ['EMFILE', /open files/],
  ['ENFILE', /open files/],
  ['ENOMEM', /memory/],
  ['ENOSPC', /disk/],
  ['EDQUOT', /quota/],
])('%s: what the machine has too little of is no bug of this program', (code, remedy) => {
  const error = Object.assign(new Error(`${code}: open '/x'`), { code });
  const { code: exitCode, text } = reported(error);
  expect(exitCode).toBe(1);
  expect(text).toMatch(new RegExp(`^ghostcam: ${code}: open '/x'\\n {2}-> .*${remedy.source}`));
  expect(text).not.toMatch(/bug|\n {4}at /);
});

test('an error of this project: its message, its remedy, its exit code, no stack', () => {
  const error = new GhostcamError('FFMPEG', 'ffmpeg was not found', { remedy: 'install it' });
  expect(reported(error, { ...BOARD, arch: 'arm' })).toEqual({
    code: 69,
    text: 'ghostcam: ffmpeg was not found\n  -> install it',
  });
});

test('a bug shows no credential', () => {
  const { text } = reported(new Error('cannot open rtsp://admin:S3cretPw@camera/stream'));
  expect(text).not.toContain('S3cretPw');
});

test.each([
  ["error: unknown option '--pasword=S3cretPw'\n", "error: unknown option '--pasword=***'\n"],
  [
    "error: unknown option '--pasword=S3cret'P\"w\nS3cretPw'\n(Did you mean --password?)\n",
    "error: unknown option '--pasword=***'\n(Did you mean --password?)\n",
  ],
  ["error: unknown option '--envfile'\n", "error: unknown option '--envfile'\n"],
  ["error: unknown option '-S3cretPw'\n", "error: unknown option '***'\n"],
  ["error: unknown option '--S3cretPw=x'\n", "error: unknown option '***'\n"],
  [
    "error: unknown option '--Json'\n(Did you mean --json?)\n",
    "error: unknown option '--Json'\n(Did you mean --json?)\n",
  ],
  [
    "error: option '--threshold <score>' argument '2' is invalid. Expected a number from 0 to 1.\n",
    "error: option '--threshold <score>' argument '2' is invalid. Expected a number from 0 to 1.\n",
  ],
])('of an option that is not understood no more is repeated than its name: %j', (text, shown) => {
  let written = '';
  printUsageError(text, (line) => {
    written += line;
  });
  expect(written).toBe(shown);
});

test.each([
  ['S3cretPw', '***'],
  ['secret', '***'],
  ['S3cretPw=x', '***'],
  ['S3CRETPW=x', '***'],
  ['=S3cretPw', '***'],
  ['MQTT_PASSWORD=S3cret=Pw', 'MQTT_PASSWORD=***'],
  ['CAMERAS=front', 'CAMERAS=***'],
])('a word that is not understood, %s, is hidden in one way', (word, shown) => {
  expect(shownWord(word)).toBe(shown);
});

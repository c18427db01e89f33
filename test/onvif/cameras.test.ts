/** `ghostcam cameras`, against ONVIF devices on loopback. */
import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load.js';
import { Child } from '../support/child.js';
import { ghostcam, PROGRAM } from '../support/ghostcam.js';
import { type OnvifStream, startOnvifDevice } from '../support/onvif-device.js';

const folder = mkdtempSync(join(tmpdir(), 'ghostcam-cameras-'));
afterAll(() => rmSync(folder, { recursive: true }));

const MAIN: OnvifStream = {
  token: 'profile_1',
  name: 'mainStream',
  url: 'rtsp://192.168.1.108:554/cam/realmonitor?channel=1&subtype=0',
  codec: 'H264',
  width: 2688,
  height: 1520,
  fps: 25,
};
const SUB: OnvifStream = {
  ...MAIN,
  token: 'profile_2',
  name: 'subStream',
  url: MAIN.url.replace('subtype=0', 'subtype=1'),
  width: 640,
  height: 360,
  fps: 15,
};
const LOGIN = { username: 'admin', password: `p"a#s's $ w@rd` };
const NAMED = 'onvif://www.onvif.org/type/video_encoder onvif://www.onvif.org/name/Front%20door';
const ENVIRONMENT = { CAMERA_USERNAME: LOGIN.username, CAMERA_PASSWORD: LOGIN.password };
const SEARCH = ['cameras', '--network', 'lo', '--wait', '1'];

/** A path of an env file that does not exist. */
const envFile = (name: string) => join(folder, name);

test('finds a camera, shows its streams and the settings of the one to watch', async () => {
  await using _device = await startOnvifDevice({ streams: [MAIN, SUB], login: LOGIN, scopes: NAMED });
  const { code, stdout, stderr } = await ghostcam(
    [...SEARCH, '--env-file', envFile('none.env')],
    ENVIRONMENT,
  );
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/127\.0\.0\.1:\d+ {2}Acme Eye 2000 {2}"Front door"/);
  expect(stdout).toMatch(/^ {5}mainStream +2688 x 1520 +H264 +25 frames\/s$/m);
  expect(stdout).toMatch(/^ {2}-> subStream +640 x 360 +H264 +15 frames\/s$/m);
  expect(stdout).toContain('\nCAMERAS=front_door\n');
  // The host is the one that answered, not the one that the camera believes to have.
  expect(stdout).toContain(
    'CAMERA_FRONT_DOOR_URL=rtsp://127.0.0.1:554/cam/realmonitor?channel=1&subtype=1\n',
  );
  expect(stdout).toContain('CAMERA_FRONT_DOOR_USERNAME=admin\n');
  expect(stdout).toContain('CAMERA_FRONT_DOOR_PASSWORD=\n');
  expect(stdout).not.toContain('w@rd');
});

test('--write appends to the env file, whose other lines and permissions stay; a second run adds nothing', async () => {
  await using device = await startOnvifDevice({ streams: [MAIN, SUB], login: LOGIN });
  const path = envFile('present.env');
  const before = '# mine\nCAMERAS=back\nCAMERA_BACK_URL=test:\nMQTT_URL=mqtt://127.0.0.1 # the broker\n';
  writeFileSync(path, before, { mode: 0o640 });
  const link = envFile('link.env');
  symlinkSync(path, link);
  const args = ['cameras', `127.0.0.1:${device.port}`, '--write', '--env-file', link];
  // A value with both kinds of quotes needs none here, as it begins with neither.
  const first = await ghostcam(args, ENVIRONMENT);
  expect([first.code, first.stderr]).toEqual([0, '']);
  expect(first.stdout).not.toContain('w@rd');
  const text = readFileSync(path, 'utf8');
  expect(text).toContain(before.replace('CAMERAS=back', 'CAMERAS=back,eye_2000'));
  expect(statSync(path).mode & 0o777).toBe(0o640);
  const { config, mistakes } = loadConfig(path, {});
  expect(mistakes).toEqual([]);
  expect(config.cameras[1]?.url).toMatchObject({ host: '127.0.0.1', query: 'channel=1&subtype=1', ...LOGIN });
  const second = await ghostcam(args, ENVIRONMENT);
  expect(second.stdout).toContain('is the camera eye_2000 already');
  expect(readFileSync(path, 'utf8')).toBe(text);
});

test.each([
  ['CR LF', '\r\n', ''],
  ['CR', '\r', ''],
  ['LF and CR', '\n', '\r'],
  ['LF and none at its end', '\n', '\n'],
])('--write keeps all lines of a file whose lines end with %s', async (name, end, last) => {
  await using device = await startOnvifDevice({ streams: [SUB] });
  const path = envFile(`${name}.env`);
  const lines = ['# mine', 'CAMERAS=back', 'CAMERA_BACK_URL=test:', `NODE_ID=board${last}LOG_LEVEL=debug`];
  writeFileSync(path, lines.join(end) + (last === end ? '' : end));
  const args = ['cameras', `127.0.0.1:${device.port}`, '--write', '--env-file', path];
  expect((await ghostcam(args)).code).toBe(0);
  const { config, mistakes } = loadConfig(path, {});
  expect(mistakes).toEqual([]);
  expect(config.cameras.map(({ url }) => `${url}`)).toEqual(['test:', expect.stringMatching(/^rtsp:/)]);
  if (last !== '') expect([config.nodeId, config.logLevel]).toEqual(['board', 'debug']);
  expect(readFileSync(path, 'utf8')).toMatch(/^# mine[\r\n]/);
});

test.each([
  ['a quote that is left open', 'CAMERAS="back\nCAMERA_BACK_URL=test:\n', /CAMERAS .*quote/],
  ['CAMERAS twice', 'CAMERAS=a\nCAMERAS=b\n', /CAMERAS .*a second time/],
  ['UTF-16', Buffer.from('\ufeffCAMERAS=back\n', 'utf16le'), /UTF-16/],
  ['no env file', Buffer.alloc(8), /not a NAME=value line/],
  [
    'lines of a camera of that name that has left CAMERAS',
    'CAMERAS=back\nCAMERA_EYE_2000_URL=rtsp://a:S3cretPw@b/\n',
    /CAMERA_EYE_2000_URL .*a second time/,
  ],
])('--write leaves a file with %s as it is, and names the mistake', async (_, content, mistake) => {
  await using device = await startOnvifDevice({ streams: [SUB] });
  const path = envFile('mistaken.env');
  writeFileSync(path, content);
  const before = readFileSync(path);
  const args = ['cameras', `127.0.0.1:${device.port}`, '--write', '--env-file', path];
  const { code, stderr } = await ghostcam(args);
  expect([code, stderr]).toEqual([78, expect.stringMatching(mistake)]);
  expect(stderr).not.toContain('S3cretPw');
  expect(readFileSync(path)).toEqual(before);
});

test('--write leaves a file as it is that the disk has room for in part', async () => {
  await using device = await startOnvifDevice({ streams: [SUB] });
  const path = envFile('full.env');
  const before = `# ${'mine '.repeat(300)}\n`;
  writeFileSync(path, before);
  const args = ['cameras', `127.0.0.1:${device.port}`, '--write', '--env-file', path];
  const { code, stderr } = await ghostcam(args, {}, ['bash', '-c', 'ulimit -f 1; exec "$0" "$@"']);
  expect([code, stderr]).toEqual([78, expect.stringMatching(/full\.env cannot be written: EFBIG/)]);
  expect(readFileSync(path, 'utf8')).toBe(before);
});

test('a new env file is for its owner only', async () => {
  await using device = await startOnvifDevice({ streams: [SUB] });
  const path = envFile('new.env');
  const { code } = await ghostcam(['cameras', `127.0.0.1:${device.port}`, '--write', '--env-file', path]);
  expect([code, statSync(path).mode & 0o777]).toEqual([0, 0o600]);
  expect(readFileSync(path, 'utf8')).not.toMatch(/USERNAME|PASSWORD/);
});

test.each([
  ['no login', {}, 'wants a user name and a password'],
  ['another password', { ...ENVIRONMENT, CAMERA_PASSWORD: 'wrong' }, 'refused user name or password'],
])('%s: said, with a remedy, and no password', async (_, environment, problem) => {
  await using device = await startOnvifDevice({ streams: [SUB], login: LOGIN });
  const args = ['cameras', `127.0.0.1:${device.port}`, '--env-file', envFile('none.env')];
  const { code, stdout, stderr } = await ghostcam(args, environment);
  expect([code, stderr]).toEqual([1, '']);
  expect(stdout).toContain(problem);
  expect(stdout).toContain('-> some cameras have users of their own for ONVIF');
  expect(stdout).not.toContain('wrong');
});

test('an address that holds the password is not printed, and is written whole', async () => {
  const url = 'rtsp://192.168.1.9/user=admin_password=S3cretPw_channel=1_stream=1.sdp?real_stream';
  await using device = await startOnvifDevice({ streams: [{ ...SUB, url }] });
  const environment = { CAMERA_USERNAME: 'admin', CAMERA_PASSWORD: 'S3cretPw' };
  const args = ['cameras', `127.0.0.1:${device.port}`, '--env-file', envFile('secret.env')];
  const printed = await ghostcam(args, environment);
  expect(printed.stdout).toContain('the address holds the password');
  expect(printed.stdout).not.toContain('S3cretPw');
  const written = await ghostcam([...args, '--write'], environment);
  expect(written.stdout).not.toContain('S3cretPw');
  expect(readFileSync(envFile('secret.env'), 'utf8')).toContain('_password=S3cretPw_channel=1');
});

test.each([
  ['nothing that is XML', '<<<'],
  ['no SOAP', '<html>hello</html>'],
  ['an empty body', '<Envelope><Body/></Envelope>'],
  [
    'profiles that are none',
    '<e:Envelope xmlns:e="x"><e:Body><GetProfilesResponse><Profiles/></GetProfilesResponse></e:Body></e:Envelope>',
  ],
  ['many elements', `<a>${'<b>'.repeat(50_000)}`],
])('a device that answers %s: one line, the others are still shown', async (_, answer) => {
  await using broken = await startOnvifDevice({ answer });
  await using device = await startOnvifDevice({ streams: [SUB] });
  const hosts = [`127.0.0.1:${broken.port}`, `127.0.0.1:${device.port}`];
  const { code, stdout, stderr } = await ghostcam(['cameras', ...hosts, '--env-file', envFile('none.env')]);
  expect([code, stderr]).toEqual([1, '']);
  expect(stdout).toMatch(new RegExp(`^${hosts[0]} {2}answers what is no ONVIF$`, 'm'));
  expect(stdout).toContain('CAMERA_EYE_2000_URL=');
});

test.each([
  ['nothing that is XML', '<<<'],
  ['no address', '<Envelope><Body><ProbeMatches><ProbeMatch/></ProbeMatches></Body></Envelope>'],
  [
    'an address elsewhere',
    '<Envelope><Body><ProbeMatches><ProbeMatch><XAddrs>file:///etc/passwd</XAddrs></ProbeMatch></ProbeMatches></Body></Envelope>',
  ],
])('a probe that is answered with %s: nothing is found', async (_, probeAnswer) => {
  await using _device = await startOnvifDevice({ probeAnswer });
  const { code, stdout, stderr } = await ghostcam([...SEARCH, '--env-file', envFile('none.env')]);
  expect([code, stderr]).toEqual([1, '']);
  expect(stdout).toContain('None answered.');
});

test.each([
  [['--network', 'nosuch0'], 1, /there is no network nosuch0\n {2}-> networks of this machine: .*lo/],
  [['not a host'], 78, /"not a host" is no HOST or HOST:PORT/],
  [['127.0.0.1:1'], 1, undefined],
])('%j: said in one message', async (args, exitCode, message) => {
  const { code, stdout, stderr } = await ghostcam(['cameras', ...args, '--wait', '1']);
  expect(code).toBe(exitCode);
  if (message === undefined)
    expect([stdout, stderr]).toEqual([expect.stringContaining('does not answer'), '']);
  else expect(stderr).toMatch(message);
});

test('at a terminal it asks for user name and password, and again for those that are refused', async () => {
  await using device = await startOnvifDevice({ streams: [SUB], login: LOGIN });
  const command = `${process.execPath} -- ${PROGRAM} cameras 127.0.0.1:${device.port} --env-file ${envFile('asked.env')} --write`;
  // `script` gives the program a terminal of its own.
  const terminal = new Child('script', ['-qec', command, '/dev/null']);
  let answered = 0;
  for (const [question, answer] of [
    ['User name', 'admin'],
    ['Password', 'wrong'],
    ['User name', 'admin'],
    ['Password', LOGIN.password],
  ] as const) {
    await terminal.outputMatch(new RegExp(`^[^]{${answered}}[^]*${question}[^]*: $`));
    answered = terminal.output.length;
    terminal.write(`${answer}\n`);
  }
  await terminal.closed;
  const { output } = terminal;
  expect(output).toContain('refused user name or password');
  expect(output).not.toMatch(/w@rd|wrong/);
  expect(readFileSync(envFile('asked.env'), 'utf8')).toContain('CAMERA_EYE_2000_PASSWORD=');
});

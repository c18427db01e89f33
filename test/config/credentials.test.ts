/** User names and passwords in addresses and beside them, and what is shown of them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { describeEffective } from '../../src/config/effective.js';
import { loadConfig } from '../../src/config/load.js';
import { describeMistake } from '../../src/config/mistake.js';
import { secretsOf } from '../../src/config/secrets.js';

const folder = mkdtempSync(join(tmpdir(), 'ghostcam-credentials-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function load(environment: Record<string, string>) {
  const loaded = loadConfig(undefined, { CAMERAS: 'front', NODE_ID: 'n', ...environment });
  const lines = loaded.mistakes.map(describeMistake);
  const [camera] = loaded.config.cameras;
  return { ...loaded, lines, camera, text: `${describeEffective(loaded.effective)}\n${lines.join('\n')}` };
}

describe('a camera', () => {
  const URL = 'rtsp://cam:554/stream';

  test.each([
    [
      'its own settings',
      { CAMERA_FRONT_URL: URL, CAMERA_FRONT_USERNAME: 'me', CAMERA_FRONT_PASSWORD: 'p#/?@:% w' },
    ],
    [
      'defaults of all cameras',
      { CAMERA_FRONT_URL: URL, CAMERA_USERNAME: 'me', CAMERA_PASSWORD: 'p#/?@:% w' },
    ],
    [
      'files',
      {
        CAMERA_FRONT_URL: URL,
        CAMERA_FRONT_USERNAME_FILE: file('user', 'me\n'),
        CAMERA_PASSWORD_FILE: file('password', 'p#/?@:% w\n'),
      },
    ],
    [
      'a user name in the address',
      { CAMERA_FRONT_URL: 'rtsp://me@cam:554/stream', CAMERA_PASSWORD: 'p#/?@:% w' },
    ],
    ['the address alone', { CAMERA_FRONT_URL: 'rtsp://me:p#/?@:% w@cam:554/stream' }],
    [
      'the address before defaults',
      { CAMERA_FRONT_URL: 'rtsp://me:p#/?@:% w@cam:554/stream', CAMERA_USERNAME: 'x', CAMERA_PASSWORD: 'y' },
    ],
    [
      'the same in both',
      { CAMERA_FRONT_URL: 'rtsp://me:p%23/?@:% w@cam:554/stream', CAMERA_FRONT_PASSWORD: 'p#/?@:% w' },
    ],
  ])('%s', (_, environment) => {
    const { camera, lines, text } = load(environment);
    expect(lines).toEqual([]);
    expect(camera?.url.href()).toBe('rtsp://me:p%23%2F%3F%40%3A%25%20w@cam:554/stream');
    expect(text).not.toContain('p#');
  });

  test('another value in the address is a mistake', () => {
    const { lines } = load({
      CAMERA_FRONT_URL: 'rtsp://me:S3cret@cam/',
      CAMERA_FRONT_USERNAME: 'you',
      CAMERA_FRONT_PASSWORD: '0ther',
    });
    expect(lines).toEqual([
      'CAMERA_FRONT_USERNAME (environment): CAMERA_FRONT_URL holds another user name; expected only one of the two',
      'CAMERA_FRONT_PASSWORD (environment): CAMERA_FRONT_URL holds another password; expected only one of the two',
    ]);
  });

  test('a password alone is a mistake, once for all cameras; a file and the test picture need none', () => {
    expect(load({ CAMERAS: 'a,b', CAMERA_URL: URL, CAMERA_PASSWORD: 'x' }).lines).toEqual([
      'CAMERA_PASSWORD: set without CAMERA_USERNAME; expected both or neither',
    ]);
    expect(load({ CAMERA_URL: 'test:', CAMERA_PASSWORD: 'x' }).lines).toEqual([]);
  });

  test.each([
    ['rtsp://admin:12/S3cret@cam/x', 'it can be read in two ways'],
    ['rtsp://admin:S3cret@', 'there is no host'],
    ['rtsp://admin:S3cret@cam:x/', 'its port is no number'],
    ['rtsp://admin:%ff@cam/', 'is no UTF-8'],
  ])('%s is refused with the settings to use', (url, problem) => {
    for (const [variable, prefix] of [
      ['CAMERA_FRONT_URL', 'CAMERA_FRONT'],
      ['CAMERA_URL', 'CAMERA'],
    ] as const) {
      const { lines } = load({ [variable]: url });
      expect(lines).toHaveLength(1);
      expect(lines[0]).toMatch(problem);
      expect(lines[0]).toMatch(`user name and password as ${prefix}_USERNAME and ${prefix}_PASSWORD`);
      expect(lines[0]).toMatch('%XX');
      expect(lines[0]).not.toMatch(/S3cret|admin|12/);
    }
  });

  test('a user name with a colon cannot be sent', () => {
    expect(load({ CAMERA_URL: URL, CAMERA_USERNAME: 'a:b' }).lines).toEqual([
      'CAMERA_USERNAME (environment): it holds a colon; expected a user name without a colon',
    ]);
  });

  test('a file in Latin-1 is not taken for UTF-8', () => {
    const path = join(folder, 'latin1');
    writeFileSync(path, Buffer.from('passw\xf6rd', 'latin1'));
    const { lines } = load({ CAMERA_URL: URL, CAMERA_USERNAME: 'a', CAMERA_PASSWORD_FILE: path });
    expect(lines).toEqual([
      'CAMERA_PASSWORD (environment): it holds bytes that are no UTF-8; expected text in UTF-8',
    ]);
  });
});

describe('the broker', () => {
  test.each([
    ['mqtt://u:pa:ss@host', 'u', 'pa:ss'],
    ['mqtt://u:pa%3Ass@host', 'u', 'pa:ss'],
    ['mqtt://e:@host', 'e', ''],
    ['mqtt://p:100%@host', 'p', '100%'],
    ['mqtt://u:a#b@host', 'u', 'a#b'],
  ])('%s', (url, username, password) => {
    const { config, lines } = load({ CAMERA_URL: 'test:', MQTT_URL: url });
    expect(lines).toEqual([]);
    expect(config.mqtt).toMatchObject({ username, password });
  });

  test('its settings, and another value in the address', () => {
    const beside = { CAMERA_URL: 'test:', MQTT_USERNAME: 'u', MQTT_PASSWORD: 'p@%' };
    expect(load({ ...beside, MQTT_URL: 'mqtt://host' }).config.mqtt).toMatchObject({
      username: 'u',
      password: 'p@%',
    });
    expect(load({ ...beside, MQTT_URL: 'mqtt://u:0ther@host' }).lines).toEqual([
      'MQTT_PASSWORD (environment): MQTT_URL holds another password; expected only one of the two',
    ]);
  });
});

describe('an address in the wrong variable is not repeated, not even in parts', () => {
  const addresses = [
    'rtsp://admin:S3cretPw@cam/x',
    'rtsp://admin:S3cret Pw@cam/x',
    'rtsp://admin:S3cret,Pw;x@cam/x',
    'http://cam/v?loginuse=admin&loginpas=S3cretPw',
    'admin:S3cretPw@cam/x',
    'cam/v?loginuse=admin&loginpas=S3cretPw',
    'mqtt://admin:S3cretPw@broker',
  ];
  const variables = [
    'CAMERAS',
    'NODE_ID',
    'HOMEASSISTANT',
    'HOMEASSISTANT_PREFIX',
    'MODEL',
    'PROVIDER',
    'THREADS',
    'ONNXRUNTIME_LIB',
    'FFMPEG_PATH',
    'MAX_FRAME_AGE_MS',
    'LOG_LEVEL',
    'MQTT_CA',
    'MQTT_TOPIC',
    'MQTT_CLIENT_ID',
    'MQTT_USERNAME',
    'MQTT_PASSWORD_FILE',
    'CAMERA_FRONT_TRANSPORT',
    'CAMERA_FRONT_FPS',
    'CAMERA_FRONT_LABELS',
    'CAMERA_FRONT_FILTERS',
    'CAMERA_FRONT_ZONES',
    'CAMERA_FRONT_MASKS',
    'CAMERA_FRONT_MOTION',
    'CAMERA_FRONT_SNAPSHOT_DRAW',
    'CAMERA_FRONT_HWACCEL',
    'CAMERA_FRONT_DECODER',
    'CAMERA_FRONT_USERNAME',
    'CAMERA_FRONT_URL_FILE',
    'CAMERA_FRONT_NO_SUCH_SETTING',
  ];
  test.each(variables)('%s', (variable) => {
    for (const address of addresses) {
      const { text } = load({ CAMERA_URL: 'test:', [variable]: address });
      expect(text, address).not.toMatch(/S3cret|Pw|admin/);
    }
  });
});

test.each([
  ...['CAMERAS', 'HOMEASSISTANT', 'PROVIDER', 'THREADS', 'LOG_LEVEL', 'FFMPEG_PATH', 'MQTT_CA', 'WEB'],
  ...['CAMERA_FRONT_URL', 'CAMERA_FRONT_FPS', 'CAMERA_FRONT_TRANSPORT', 'CAMERA_FRONT_ZONES'],
])('user and password in %s are not repeated', (variable) => {
  for (const login of ['admin:S3cretPw', 'admin:12S3cret%!/']) {
    const { text } = load({ CAMERA_URL: 'test:', [variable]: login });
    expect(text).not.toMatch(/S3cret/);
    expect(text).toMatch(/it holds an address or something like it|there is no file of that name/);
  }
});

test('nor is a password in the place of the camera’s address', () => {
  const { text } = load({ CAMERA_URL: 'test:', CAMERA_FRONT_URL: 'S3cretPw' });
  expect(text).toContain('CAMERA_FRONT_URL (environment): there is no file of that name');
  expect(text).not.toContain('S3cret');
});

test('what is no login is repeated, so that it can be found', () => {
  for (const [variable, value] of [
    ['WEB', '127.0.0.1:99999'],
    ['CAMERA_FRONT_TRANSPORT', 'tcp:554'],
    ['CAMERA_FRONT_FPS', '5:0'],
  ] as const)
    expect(load({ CAMERA_URL: 'test:', [variable]: value }).text).toContain(value);
});

test('secrets of a configuration are known in the log’s forms, names of cameras are none', () => {
  const { config } = load({
    CAMERA_URL: 'http://me:cameraPw@cam/v?camera=front&key=queryPw',
    MQTT_URL: 'mqtt://u:brokerPw@host',
  });
  const secrets = secretsOf(config);
  expect(secrets).toEqual(expect.arrayContaining(['cameraPw', 'me:cameraPw', 'queryPw', 'brokerPw']));
  expect(secrets).not.toContain('front');
});

test.each([
  'hunter2secret=',
  'S3cretPw=',
  'c2VjcmV0UHc==',
  'S3CRETPW=',
  'S3CRET_PW=',
  'PW==',
  'export S3cret_Pw=x',
  `${'A'.repeat(200)}S3cretPw=`,
])('the end of a password on a line of its own, %s, is not repeated', (line) => {
  const path = file('torn', `CAMERAS=front\nCAMERA_FRONT_URL=test:\n${line}\nWEB_PORT=1\n`);
  const lines = loadConfig(path, {}).mistakes.map(describeMistake);
  expect(lines).toEqual([
    `${path}:3: not a variable of ghostcam; expected the name of a variable, in capitals`,
    `WEB_PORT (${path}:4): not a variable of ghostcam`,
  ]);
});

test.each([
  ['twice', 'S3CRETPW=\nS3CRETPW=', ':4: set a second time'],
  [
    'before a quote',
    `S3cretPw='x`,
    ':3: the quote that opens its value is not closed; expected NAME="value"',
  ],
])('the end of a password %s is named by its line alone', (name, lines, mistake) => {
  const path = file(`torn ${name}`, `CAMERAS=front\nCAMERA_FRONT_URL=test:\n${lines}\n`);
  const [first] = loadConfig(path, {}).mistakes.map(describeMistake);
  expect(first).toContain(`${path}${mistake}`);
  expect(loadConfig(path, {}).mistakes.map(describeMistake).join()).not.toMatch(/S3c/i);
});

test.each([
  ['“rtsp://me:S3cretPw@cam/x”', 'CAMERA_FRONT_URL'],
  ['„S3cretPw“', 'CAMERA_FRONT_PASSWORD'],
  ['‘S3cretPw’ # of the camera', 'MQTT_PASSWORD'],
  ['«S3cretPw»', 'MQTT_PASSWORD'],
])('typographic quotes, %s, are no quotes, and no part of a value that was meant', (value, variable) => {
  const path = file(
    'quotes',
    `CAMERAS=front\nCAMERA_URL=rtsp://cam/x\nMQTT_USERNAME=u\n${variable}=${value}\n`,
  );
  const [mistake = ''] = loadConfig(path, {}).mistakes.map(describeMistake);
  expect(mistake).toMatch(
    new RegExp(`^${variable} \\(.*:4\\): its quotes are typographic.*expected ${variable}="value"`),
  );
  expect(mistake).not.toContain('S3cret');
  const meant = file('meant', `MQTT_USERNAME=u\nMQTT_PASSWORD="“S3cretPw”"\n`);
  expect(loadConfig(meant, {}).config.mqtt.password).toBe('“S3cretPw”');
});

test.each([
  'ffmpeg:rtsp://me:S3cretPw@cam/x#video=copy',
  '-rtsp_transport tcp -i rtsp://me:S3cretPw@cam/x',
  '[rtsp://me:S3cretPw@cam/x](rtsp://me:S3cretPw@cam/x)',
])('an address behind something else, %s, is no file', (value) => {
  const { lines } = load({ CAMERA_FRONT_URL: value });
  expect(lines).toEqual([expect.stringMatching(/^CAMERA_FRONT_URL .*: something stands before the address/)]);
  expect(lines.join()).not.toContain('S3cret');
});

describe('what MQTT cannot carry is a mistake that check names, and it is not repeated', () => {
  test.each([
    ['MQTT_CLIENT_ID', 'a secret\u0001'],
    ['MQTT_CLIENT_ID', 'a secret\uffff'],
    ['MQTT_CLIENT_ID', 'secret'.repeat(12_000)],
    ['MQTT_USERNAME', 'a secret\ufdd0'],
    ['MQTT_USERNAME', 'secret'.repeat(12_000)],
    ['MQTT_PASSWORD', 'secret'.repeat(12_000)],
    ['MQTT_PASSWORD', 'ü'.repeat(33_000)],
    ['MQTT_URL', 'mqtt://a secret\uffff@127.0.0.1'],
    ['MQTT_URL', 'mqtt://secret%EF%BF%BF:x@127.0.0.1'],
  ])('%s', (variable, value) => {
    const { lines, text } = load({ CAMERA_FRONT_URL: 'test:', MQTT_USERNAME: 'user', [variable]: value });
    expect(lines).toEqual([expect.stringMatching(new RegExp(`^${variable}\\b.*; expected `))]);
    expect(text).not.toMatch(/secret|ü/);
  });

  test('a password is bytes: any characters', () => {
    expect(load({ CAMERA_FRONT_URL: 'test:', MQTT_USERNAME: 'u', MQTT_PASSWORD: 'a\uffff' }).lines).toEqual(
      [],
    );
  });
});

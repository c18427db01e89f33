import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { describeEffective } from '../../src/config/effective.js';
import { unknownLabels } from '../../src/config/labels.js';
import { configError, loadConfig } from '../../src/config/load.js';
import { describeMistake } from '../../src/config/mistake.js';
import { makeCertificates } from '../support/certificates.js';
import { execute } from '../support/execute.js';

/** Far more than a busy machine needs: what takes longer hangs. */
const HANG_MS = 10_000;

const folder = mkdtempSync(join(tmpdir(), 'ghostcam-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

function load(text: string | Buffer, environment: Record<string, string> = {}) {
  const file = join(folder, 'ghostcam.env');
  writeFileSync(file, text);
  const loaded = loadConfig(file, environment);
  return {
    ...loaded,
    file,
    lines: loaded.mistakes.map((mistake) => describeMistake(mistake).replaceAll(file, 'F')),
  };
}

const ONE_CAMERA = 'CAMERAS=front\nCAMERA_FRONT_URL=rtsp://camera/stream\n';

describe('values', () => {
  test('a minimal file needs one camera and nothing else', () => {
    const { config, lines } = load(ONE_CAMERA, { PATH: '/bin' });
    expect(lines).toEqual([]);
    expect(config).toMatchObject({
      mqtt: { topic: 'ghostcam', clientId: `ghostcam-${config.nodeId}` },
      cameras: [{ name: 'front', transport: 'tcp', fps: 5, enabled: true, detect: true }],
    });
    expect(config.cameras[0]?.url.href()).toBe('rtsp://camera/stream');
    expect(config.mqtt.servers.map((server) => server.href())).toEqual(['mqtt://localhost:1883']);
  });

  test('a setting without the camera name is the default of all cameras', () => {
    const { config, lines } = load(
      'CAMERAS=a,b\nCAMERA_A_URL=test:\nCAMERA_B_URL=test:\nCAMERA_FPS=2\nCAMERA_B_FPS=0.5\nCAMERA_LABELS=person, car\n',
    );
    expect(lines).toEqual([]);
    expect(config.cameras.map(({ fps }) => fps)).toEqual([2, 0.5]);
    expect(config.cameras[1]?.labels).toEqual(['person', 'car']);
  });

  test.each([
    ['its byte order mark', '\uFEFF', (text: string) => Buffer.from(text, 'utf16le')],
    ['the other order', '\uFEFF', (text: string) => Buffer.from(text, 'utf16le').swap16()],
    ['no mark', '', (text: string) => Buffer.from(text, 'utf16le')],
    ['no mark, the other order', '', (text: string) => Buffer.from(text, 'utf16le').swap16()],
  ])('a file in UTF-16 with %s is one mistake, which names the encoding', (_, mark, encode) => {
    const { lines } = load(encode(mark + ONE_CAMERA));
    expect(lines).toEqual([
      'F: it is in UTF-16, which editors call Unicode; expected a file that is saved as UTF-8',
    ]);
  });

  test.each(['\n', '\r\n', '\r'])('lines may end with %j', (end) => {
    expect(load(`\uFEFF${ONE_CAMERA}`.replaceAll('\n', end)).lines).toEqual([]);
  });

  test('the process environment overrides the file, and an empty value counts as not set', () => {
    const { config, lines } = load(`${ONE_CAMERA}NODE_ID=file\nCAMERA_FRONT_HWACCEL=\n`, {
      NODE_ID: 'environment',
      CAMERA_FRONT_FPS: '',
    });
    expect(lines).toEqual([]);
    expect(config).toMatchObject({ nodeId: 'environment', cameras: [{ fps: 5, hwaccel: undefined }] });
  });

  test('names with a hyphen read variables with an underscore; topics keep the name in lower case', () => {
    const { config, lines } = load('CAMERAS=Back-Yard\nCAMERA_BACK_YARD_URL=test:\n');
    expect(lines).toEqual([]);
    expect(config.cameras[0]?.name).toBe('back-yard');
  });

  test('the configuration cannot be changed afterwards', () => {
    const { config } = load(ONE_CAMERA);
    expect(() => Object.assign(config.cameras[0] as object, { fps: 1 })).toThrow(TypeError);
  });
});

describe('file format', () => {
  test.each([
    ['NODE_ID=a # comment', 'a'],
    ['NODE_ID=a#b', 'a#b'],
    ['NODE_ID="quoted"', 'quoted'],
    ["NODE_ID='quoted' # comment", 'quoted'],
    ['export NODE_ID=a', 'a'],
    ['  NODE_ID = a  ', 'a'],
    ['\uFEFFNODE_ID=a', 'a'],
    ['NODE_ID=a\r', 'a'],
  ])('%j', (line, expected) => {
    const { config, lines } = load(`${line}\n${ONE_CAMERA}`);
    // '#' in a name is refused as a topic level, but it reached the check whole: that is what the format promises.
    if (expected.includes('#')) expect(lines[0]).toContain('received "a#b"');
    else expect([config.nodeId, lines]).toEqual([expected, []]);
  });

  test.each([
    ['NODE_ID', 'F:1: not a NAME=value line; expected NAME=value, or # for a comment'],
    ['NODE_ID="a', 'NODE_ID (F:1): the quote that opens its value is not closed; expected NODE_ID="value"'],
    [
      'NODE_ID=a\nNODE_ID=b',
      'NODE_ID (F:2): set a second time (first in F:1); expected one line per variable',
    ],
  ])('%j is a mistake', (line, message) => {
    expect(load(`${line}\n${ONE_CAMERA}`).lines).toEqual([message]);
  });

  test('a file that cannot be read is one clear mistake', () => {
    const { mistakes } = loadConfig(join(folder, 'missing.env'), {});
    expect(describeMistake(mistakes[0] as never)).toMatch(/missing\.env: cannot be read \(ENOENT\)/);
  });
});

describe('mistakes', () => {
  test('all are reported at once, each with variable, problem, expectation', () => {
    const { lines } = load(
      [
        'CAMERAS=front,yard',
        'CAMERA_FRONT_URL=rtps://camera/x',
        'CAMERA_FRONT_TRANSPORT=tpc',
        'CAMERA_FRONT_FPS=many',
        'CAMERA_YARD_THRESHOLD=1.5',
        'CAMERA_YARD_ENABLED=maybe',
        'MQTT_URL=http://broker',
        'PROVIDER=xnpack',
        'THREADS=0',
        'MQTT_CA=/no/such/file',
      ].join('\n'),
    );
    expect(lines).toEqual([
      'PROVIDER (F:8): received "xnpack"; expected one of auto, cpu, xnnpack, cuda, tensorrt, nnapi',
      'THREADS (F:9): received "0"; expected a whole number from 1 to 64',
      'MQTT_URL (F:7): received the scheme http://; expected mqtt://, mqtts://, ws:// or wss:// and a host',
      'MQTT_CA (F:10): there is no file "/no/such/file"; expected a file that exists',
      'CAMERA_FRONT_URL (F:2): received the scheme rtps://; expected rtsp(s):// or http(s):// and a host, v4l2:/dev/video0, a file that exists, or test:',
      'CAMERA_FRONT_TRANSPORT (F:3): received "tpc"; expected one of tcp, udp',
      'CAMERA_FRONT_FPS (F:4): received "many"; expected a number from 0.1 to 60',
      'CAMERA_YARD_THRESHOLD (F:5): received "1.5"; expected a number from 0.01 to 1',
      'CAMERA_YARD_ENABLED (F:6): received "maybe"; expected true or false',
      'CAMERA_YARD_URL: not set; expected the camera’s address, such as rtsp://192.168.1.20:554/stream',
    ]);
  });

  test.each([
    ['CAMERA_FRONT_FSP=3', 'CAMERA_FRONT_FPS'],
    ['CAMERA_FORNT_FPS=3', 'CAMERA_FRONT_FPS'],
    ['MQTT_PASWORD=x', 'MQTT_PASSWORD'],
    ['camera_front_fps=3', 'CAMERA_FRONT_FPS'],
    ['CAMERA_FRONT_URI=test:', 'CAMERA_FRONT_URL'],
    ['CAMERA_FORNT_FPS=3', 'CAMERA_FRONT_FPS'],
    ['CAMRA_FRONT_FPS=3', 'CAMERA_FRONT_FPS'],
    ['MQTT_USRNAME=u', 'MQTT_USERNAME'],
    ['LOGLEVEL=info', 'LOG_LEVEL'],
    ['MQTT_HOST=broker', 'MQTT_URL'],
    ['MQTT_SERVER=broker', 'MQTT_URL'],
    ['MQTT_BROKER=broker', 'MQTT_URL'],
    ['MQTT_PORT=1883', 'MQTT_URL'],
    ['MQTT_USER=u', 'MQTT_USERNAME'],
  ])('%s: the nearest known name is suggested', (line, suggestion) => {
    expect(load(ONE_CAMERA + line).lines[0]).toMatch(`did you mean ${suggestion}?`);
  });

  test.each(['CAMERA_FRONT_HW=vaapi', 'CAMERA_FRONT_DETECT_FPS=5', 'MQTT_PREFIX=x', 'WEB_PORT=8970'])(
    '%s: nothing is suggested that is alike in its beginning alone',
    (line) => {
      const [mistake] = load(ONE_CAMERA + line).lines;
      expect(mistake).toMatch('not a variable of ghostcam');
      expect(mistake).not.toMatch('did you mean');
    },
  );

  test('an unknown CAMERA_… of the environment is a mistake, other names there are not', () => {
    const { lines } = load(ONE_CAMERA, { CAMERA_FRONT_LABLES: 'person', HOME: '/root' });
    expect(lines).toEqual([
      'CAMERA_FRONT_LABLES (environment): not a variable of ghostcam; did you mean CAMERA_FRONT_LABELS?',
    ]);
  });

  test('a control character is found before a program is given it', () => {
    expect(load('CAMERAS=front\nCAMERA_FRONT_URL=rtsp://a:b\0@camera/\n').lines).toEqual([
      'CAMERA_FRONT_URL (F:2): it holds a line break or another control character; expected a single line of text',
    ]);
    expect(load(`${ONE_CAMERA}MODEL=a\0b\n`).lines[0]).toMatch(/^MODEL \(F:3\): it holds/);
  });

  test('a mistake in a default of all cameras is reported once', () => {
    const { lines } = load('CAMERAS=a,b\nCAMERA_URL=test:\nCAMERA_FPS=fast\n');
    expect(lines).toEqual(['CAMERA_FPS (F:3): received "fast"; expected a number from 0.1 to 60']);
  });

  test('cameras that would share variables are refused', () => {
    const { lines } = load('CAMERAS=back-yard,back_yard\nCAMERA_BACK_YARD_URL=test:\n');
    expect(lines[0]).toMatch('back-yard and back_yard would both read CAMERA_BACK_YARD_URL');
  });

  test.each(['front yard', 'a/b', 'a,,b', 'a,a', '+', ' '])('CAMERAS=%j is refused', (names) => {
    expect(load(`CAMERAS=${names}\n`).lines.join()).toMatch(/CAMERAS/);
  });

  test.each([
    ['CAMERAS=front,back yard', 'received "back yard"'],
    ['CAMERAS=front,back yard,a/b', 'received "back yard", "a/b"'],
    ['CAMERAS=front back_yard', 'received "front back_yard"'],
    ['CAMERAS=front;back_yard', 'received "front;back_yard"'],
    ['CAMERAS=front,,back_yard', 'single commas'],
    ['CAMERAS=front,front,back_yard', 'appears twice'],
    ['CAMERAS=front,back-yard,', 'single commas'],
    ['', 'not set; expected at least one camera name: CAMERAS=front,back_yard'],
  ])('%j hides no other mistake, and makes none of what is right', (names, problem) => {
    const { lines } = load(
      `${names}\nCAMERA_FRONT_URL=test:\nCAMERA_BACK_YARD_URL=rtps://x\nCAMERA_BACK_YARD_FPS=many\nCAMERA_FRONT_LABLES=car\n`,
    );
    const expected = [
      /^CAMERAS/,
      /^CAMERA_FRONT_LABLES.*did you mean CAMERA_FRONT_LABELS/,
      /^CAMERA_BACK_YARD_URL.*rtps/,
      /^CAMERA_BACK_YARD_FPS.*many/,
    ];
    for (const line of expected) expect(lines).toContainEqual(expect.stringMatching(line));
    expect(lines).toHaveLength(expected.length);
    expect(lines.join()).toContain(problem);
  });

  test.each(['NODE_ID', 'MQTT_PASSWORD', 'CAMERA_URL', 'CAMERA_FPS', 'MQTT_PASSWORD_FILE'])(
    'quotes that docker keeps are a mistake in %s, and those of the file are none',
    (name) => {
      const { mistakes } = loadConfig(undefined, { CAMERAS: 'a', CAMERA_URL: 'test:', [name]: '"5"' });
      expect(mistakes.map(describeMistake)).toContainEqual(
        expect.stringMatching(`^${name} \\(environment\\): it begins and ends with a quote; .*docker`),
      );
    },
  );

  test('half of a pair', () => {
    expect(load(`${ONE_CAMERA}MQTT_PASSWORD=x\n`).lines).toEqual([
      'MQTT_PASSWORD: set without MQTT_USERNAME; expected both or neither',
    ]);
  });

  test('a label that the model lacks is found once the model is known', () => {
    const { config, file } = load(
      'CAMERAS=a,b\nCAMERA_A_URL=test:\nCAMERA_B_URL=test:\nCAMERA_LABELS=persn,car\nCAMERA_B_FILTERS=cat: area 0.01..; *: area 0.02..\n',
    );
    const lines = unknownLabels(config, ['person', 'car']).map(describeMistake);
    expect(lines).toEqual([
      `CAMERA_LABELS (${file}:4): the model has no label "persn"; expected labels of person, car; did you mean person?`,
      `CAMERA_B_FILTERS (${file}:5): the model has no label "cat"; expected labels of person, car; did you mean car?`,
    ]);
  });
});

describe('secrets', () => {
  const SECRET = 'Hunter2#Hunter2';

  test('NAME_FILE gives a secret without the newline and the mark that editors put there', () => {
    const path = join(folder, 'password');
    for (const content of [`${SECRET}\n`, SECRET, `\uFEFF${SECRET}\r\n`]) {
      writeFileSync(path, content);
      const { config, lines } = load(`${ONE_CAMERA}MQTT_USERNAME=u\nMQTT_PASSWORD_FILE=${path}\n`);
      expect([config.mqtt.password, lines]).toEqual([SECRET, []]);
    }
  });

  test.each(['MQTT_PASSWORD', 'WEB_PASSWORD', 'CAMERA_FRONT_PASSWORD', 'CAMERA_PASSWORD'])(
    '%s: whether what follows a # is a comment or the rest of it is asked, not guessed',
    (name) => {
      const others = `${ONE_CAMERA}MQTT_USERNAME=u\nCAMERA_FRONT_USERNAME=u\n`;
      const { lines } = load(`${others}${name}=Hunter2 word #2\n`);
      expect(lines).toEqual([
        `${name} (F:5): it has a # after a space, which begins a comment; expected ${name}="value" where that belongs to it, else the comment on a line of its own`,
      ]);
      for (const value of ['Hunter2#word', '#Hunter2word', '"Hunter2 word #2"', "'Hunter2 word #2' # ours"])
        expect(load(`${others}${name}=${value}\n`).lines).toEqual([]);
    },
  );

  test.each([
    ['empty', ''],
    ['an end of line and no more', '\n'],
    ['one of Windows', '\r\n'],
  ])('a file that is %s holds no secret', (_, content) => {
    const path = join(folder, 'nothing');
    writeFileSync(path, content);
    for (const name of ['MQTT_PASSWORD', 'WEB_PASSWORD', 'CAMERA_FRONT_PASSWORD']) {
      const { lines } = load(`${ONE_CAMERA}MQTT_USERNAME=u\n${name}_FILE=${path}\n`);
      expect(lines.join('\n')).toMatch(new RegExp(`${name}_FILE .*cannot be read \\(it is empty\\)`));
    }
  });

  test('NAME and NAME_FILE together, or a file that is not there, are mistakes', () => {
    const both = load(`${ONE_CAMERA}MQTT_USERNAME=u\nMQTT_PASSWORD=x\nMQTT_PASSWORD_FILE=/y\n`);
    expect(both.lines).toEqual([
      'MQTT_PASSWORD_FILE (F:5): MQTT_PASSWORD is set as well; expected only one of the two',
    ]);
    const missing = load(`${ONE_CAMERA}MQTT_USERNAME=u\nMQTT_PASSWORD_FILE=/no/file\n`);
    expect(missing.lines).toEqual([
      'MQTT_PASSWORD_FILE (F:4): the file that it names cannot be read (ENOENT); expected the path of a file that this user may read and that holds the secret',
    ]);
  });

  test.each([
    ['the secret itself as NAME_FILE', `MQTT_USERNAME=u\nMQTT_PASSWORD_FILE=${SECRET}`],
    ['a camera without its scheme', `CAMERA_FRONT_URL=admin:${SECRET}@camera/stream`],
    [
      'a camera without its scheme, user and password as parameters',
      `CAMERA_FRONT_URL=camera/user=admin&password=${SECRET}`,
    ],
    ['a camera with one slash', `CAMERA_FRONT_URL=rtsp:/admin:${SECRET}@camera/stream`],
    ['a broker without its scheme', `MQTT_URL=admin:${SECRET}@broker`],
    ['a camera’s address in another variable', `CAMERA_FRONT_TRANSPORT=rtsp://admin:${SECRET}@camera/stream`],
    ['a camera’s address for its name', `CAMERAS=rtsp://admin:${SECRET}@camera/stream`],
    ['a camera’s address in a valid place', `MODEL=rtsp://admin:${SECRET}@camera/stream`],
    ['a key for the path of one', `MQTT_KEY=-----BEGIN PRIVATE KEY----- ${SECRET}`],
  ])('not even %s', (_, line) => {
    const { effective, mistakes, lines } = load(line);
    expect(lines.length).toBeGreaterThan(0);
    expect(`${describeEffective(effective)}\n${configError(mistakes).message}`).not.toMatch(/hunter2|admin/i);
  });

  test('neither the listing nor any mistake shows one', () => {
    const { effective, mistakes } = load(
      [
        'CAMERAS=front,yard,gate',
        `CAMERA_FRONT_URL=rtsp://admin:${SECRET}@camera/stream`,
        `CAMERA_YARD_URL=http://camera/video?user=admin&password=Hunter2`,
        'CAMERA_GATE_URL=rtsp://admin:Hunter2%23Hunter2@camera:554/stream',
        `MQTT_URL=mqtt://mqttuser:Hunter2@broker`,
        `MQTT_USERNAME=admin`,
        `MQTT_PASSWORD=${SECRET}`,
        `MQTT_PASSWRD=${SECRET}`,
        SECRET,
      ].join('\n'),
    );
    const text = `${describeEffective(effective)}\n${configError(mistakes).message}`;
    expect(text).not.toMatch(/hunter2/i);
    expect(text).not.toMatch(/mqttuser|admin/);
    expect(text).toContain('rtsp://***@camera:554/stream');
    expect(text).toContain('did you mean MQTT_PASSWORD?');
  });
});

test.each(['FPS', 'MOTION_AREA', 'STALL_TIMEOUT', 'FRAME_HEIGHT'])(
  '%s is written in decimal digits',
  (name) => {
    for (const text of ['" "', '0x10', '1_000', '1e', 'Infinity', '-', '.', '1e999', '٥']) {
      expect(load(`${ONE_CAMERA}CAMERA_${name}=${text}\n`).lines[0], text).toMatch(
        new RegExp(`^CAMERA_${name} `),
      );
    }
    expect(load(`${ONE_CAMERA}CAMERA_${name}=1e2\n`).lines.length).toBe(
      name === 'FPS' || name === 'MOTION_AREA' ? 1 : 0,
    );
  },
);

describe('no env file takes long', () => {
  const size = 200_000;
  const fill = (unit: string) => unit.repeat(size / unit.length);
  const many = (line: (index: number) => string, count: number) =>
    Array.from({ length: count }, (_, index) => line(index)).join('\n');
  test.each([
    ['names of cameras', `CAMERAS=${many((index) => `c${index}`, 20_000).replaceAll('\n', ',')}`],
    ['unknown names', many((index) => `V${index}=1`, 20_000)],
    ['unknown cameras', many((index) => `CAMERA_C${index}_URL=test:`, 9000)],
    ['a name', `${fill('A')}=1`],
    ['blanks in a filter', `CAMERA_FILTERS=a${fill(' ')}x`],
    ['dots in a filter', `CAMERA_FILTERS=a: area ${fill('.')}x`],
    ['labels', `CAMERA_LABELS=${many((index) => `l${index}`, 20_000).replaceAll('\n', ',')}`],
    ['zones', `CAMERA_ZONES=${many((index) => `z${index}: 0,0 0,1 1,1`, 8000).replaceAll('\n', ';')}`],
    ['semicolons', `CAMERA_ZONES=${fill('; ')}x`],
    ['corners', `CAMERA_MASKS=${fill('0.1,0.2 ')}`],
    ['digits', `CAMERA_FPS=${fill('1')}`],
    ['quotes', `NODE_ID="${fill('" #')}`],
    ['comments', `NODE_ID=a${fill(' #')}`],
    ['an address', `CAMERA_URL=rtsp://${fill('a@')}`],
    ['blanks before what is no end of a line', `NODE_ID=${fill(' ')}a\u2028b`],
    ['question marks', `NODE_ID=${fill('?')}`],
    ['ampersands', `CAMERA_FPS=${fill('&a')}`],
    ['no lines', fill('\n')],
    ['no assignments', fill('a\n')],
  ])('%s', (_, text) => {
    const began = performance.now();
    const { effective, mistakes } = load(`${ONE_CAMERA}${text}`);
    describeEffective(effective);
    configError(mistakes);
    expect(performance.now() - began).toBeLessThan(HANG_MS);
  });
});

test('what is refused is not also said to be missing', () => {
  const lines = (text: string) => load(`${text}\n`).lines;
  const open = /: the quote that opens its value is not closed/;
  expect(
    lines('CAMERAS="front,back\nCAMERA_FRONT_URL=test:\nCAMERA_BACK_URL="test:\nCAMERA_BACK_FPS=x'),
  ).toEqual([
    expect.stringMatching(open),
    expect.stringMatching(open),
    expect.stringMatching(/^CAMERA_BACK_FPS.*received "x"/),
  ]);
  expect(lines(`${ONE_CAMERA}MQTT_USERNAME="u\nMQTT_PASSWORD=p`)).toEqual([expect.stringMatching(open)]);
  const key = join(folder, 'key.pem');
  writeFileSync(key, '-----BEGIN PRIVATE KEY-----\n');
  expect(lines(`${ONE_CAMERA}MQTT_CERT=/no/file\nMQTT_KEY=${key}`)).toEqual([
    expect.stringMatching(/^MQTT_CERT.*there is no file/),
  ]);
  expect(lines('CAMERAS=a\nCAMERA_A_URL=rtsp://camera/\nCAMERA_A_USERNAME=a:b\nCAMERA_A_PASSWORD=p')).toEqual(
    [expect.stringMatching(/^CAMERA_A_USERNAME.*colon/)],
  );
});

describe('certificates and keys', () => {
  const files: Record<string, string | Buffer> = {
    'no PEM at all': 'garbage\n',
    empty: '',
    'binary, as of DER': Buffer.from([0x30, 0x82, 0, 1, 0xff, 0xfe]),
    'PEM of nothing': '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
    'larger than any': Buffer.alloc(2 ** 21, 'x'),
  };
  test.each(Object.entries(files))('a file that is %s is none', (kind, content) => {
    const path = join(folder, 'certificate');
    writeFileSync(path, content);
    for (const name of ['MQTT_CA', 'MQTT_CERT', 'CAMERA_TLS_CA', 'CAMERA_FRONT_TLS_CA', 'MQTT_KEY']) {
      const { lines } = load(`${ONE_CAMERA}${name}=${path}\n`);
      expect(lines.join('\n'), kind).toMatch(
        new RegExp(`${name} .*(?:no certificate|cannot be read|no private key).*expected a file in PEM`),
      );
    }
  });

  test('a key that the certificate cannot be used with', async () => {
    await makeCertificates(folder);
    const at = (name: string) => join(folder, name);
    const options = ['-in', at('client.key'), '-aes128', '-passout', 'pass:S3cretPw'];
    await execute('openssl', [
      'pkcs8',
      '-topk8',
      ...options.filter((word) => word !== '-aes128'),
      '-out',
      at('pkcs8.key'),
    ]);
    await execute('openssl', ['ec', ...options, '-out', at('traditional.key')]);
    const pem = (lines: string) => `-----BEGIN PRIVATE KEY-----\n${lines}\n-----END PRIVATE KEY-----\n`;
    writeFileSync(at('broken.key'), pem('AAAA'));
    writeFileSync(at('empty.key'), pem(''));
    for (const [key, problem] of [
      ['server.key', 'it is the key of another certificate'],
      ['pkcs8.key', 'it has a pass phrase'],
      ['traditional.key', 'it has a pass phrase'],
      ['broken.key', 'it cannot be read'],
      ['empty.key', 'it cannot be read'],
    ] as const) {
      const { lines } = load(`${ONE_CAMERA}MQTT_CERT=${at('client.crt')}\nMQTT_KEY=${at(key)}\n`);
      expect(lines, key).toEqual([
        `MQTT_KEY (F:4): ${problem}; expected the private key of the first certificate in MQTT_CERT, without a pass phrase`,
      ]);
    }
  });

  test('real ones are taken, several in a file too', async () => {
    await makeCertificates(folder);
    const at = (name: string) => join(folder, name);
    writeFileSync(
      at('both.crt'),
      `A comment\n${readFileSync(at('ca.crt'))}${readFileSync(at('server.crt'))}`,
    );
    const { config, lines } = load(
      `${ONE_CAMERA}MQTT_URL=mqtts://b\nMQTT_CA=${at('both.crt')}\nMQTT_CERT=${at('client.crt')}\nMQTT_KEY=${at('client.key')}\nCAMERA_TLS_CA=${at('ca.crt')}\n`,
    );
    expect(lines).toEqual([]);
    expect(config.mqtt.ca).toBe(at('both.crt'));
  });
});

test('an unknown variable of the environment is named, whatever letters it has', () => {
  const { mistakes } = loadConfig(undefined, {
    CAMERAS: 'a',
    CAMERA_A_URL: 'test:',
    'CAMERA_GARDEN.URL': 'test:',
  });
  expect(mistakes).toContainEqual(
    expect.objectContaining({
      variable: 'CAMERA_GARDEN.URL',
      expected: expect.stringContaining('listed in CAMERAS'),
    }),
  );
});

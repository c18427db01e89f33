/**
 * Every command that README and the users' pages print is run as it is printed, here or by another test that is named, or is known as one
 * that a test cannot run. Commands that begin with npm, npx, node or sh are developers': what they name is there.
 */
import { execFile } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { Board } from '../support/board.js';
import { Daemon, PROGRAM } from '../support/ghostcam.js';
import { constantModel } from '../support/onnx.js';
import { freeTcpPort } from '../support/ports.js';

const PAGES = [
  'README',
  ...[
    'boards',
    'cameras',
    'fleet',
    'frigate',
    'home-assistant',
    'models',
    'mqtt',
    'settings',
    'tracking',
    'web',
  ].map((name) => `docs/${name}`),
];
const PROGRAMS =
  'ghostcam|mosquitto_sub|mosquitto_pub|curl|npm|npx|node|sh|tar|tee|apt|systemctl|journalctl|hostnamectl|v4l2-ctl|ffplay|docker';
const COMMAND = new RegExp(`^(?:sudo )?(?:\\./)?(?:${PROGRAMS})(?= |$)`);
/** What stands for something else, as in a table of options. */
const PATTERN = /[[<…]/;
const SOON = { timeout: 60_000, interval: 100 };

/** What each prints, in part, when it is run here; mosquitto_sub ends with 27 when the time is over that -W gives it. */
const RUN: Record<string, RegExp> = {
  'ghostcam check': /front/,
  'sudo ghostcam check': /front/,
  'ghostcam doctor': / capacity: [\s\S]*, 0 failures/,
  'sudo ghostcam doctor': / capacity: [\s\S]*, 0 failures/,
  'ghostcam detect picture.jpg --camera front --out drawn.png': /person/,
  'sudo ghostcam detect photo.jpg --camera front --out drawn.png': /person/,
  'ghostcam import my.onnx': /my\.json/,
  'ghostcam import my.onnx --run': /fox +0\.8/,
  "mosquitto_sub -h BROKER -t 'ghostcam/+/front/person/snapshot' -C 1 > person.jpg": /^$/,
  'mosquitto_pub -h BROKER -t ghostcam/board/front/detect/set -m OFF': /^$/,
  'mosquitto_pub -h BROKER -r -n -t ghostcam/garage/back_yard/threshold/set': /^$/,
  "mosquitto_sub -h BROKER -t 'ghostcam/OLD_NODE/#' --retained-only --remove-retained -W 2 -F %t":
    /^ghostcam\/OLD_NODE\/state\n/,
  'curl -u :PASSWORD http://board.local:8970/api/cameras': /"name":"front"/,
  'curl -F image=@picture.jpg http://127.0.0.1:8970/v1/vision/detection': /"success":true.*person/,
};

/** Where the others are run as they are printed. */
const ELSEWHERE: Record<string, readonly string[]> = {
  'test/boards/release.sh': [
    'sudo apt install ./ghostcam_VERSION_arm64.deb mosquitto-clients',
    "sudo tee /etc/ghostcam/ghostcam.env <<'END'",
    'sudo systemctl start ghostcam',
    "mosquitto_sub -h 192.168.1.2 -u ghostcam -P secret -v -t 'ghostcam/+/+/events'",
    'sudo apt install ffmpeg',
    'tar -xzf ghostcam-VERSION-linux-arm64.tar.gz && cd ghostcam-VERSION-linux-arm64',
    "tee ghostcam.env <<'END'",
    './ghostcam',
    'sudo apt purge ghostcam',
  ],
  'test/boards/checkout.sh': ['npm ci && npm run demo'],
  'test/boards/check.mjs': [
    'sudo npm i -g --ignore-scripts ./ghostcam-VERSION-linux-arm64.tgz',
    'sudo sh deploy/install.sh ghostcam-VERSION-linux-arm64.tgz',
    'sudo sh deploy/install.sh --uninstall',
  ],
  'test/onvif/cameras.test.ts': [
    'ghostcam cameras',
    'ghostcam cameras 192.168.2.20',
    'sudo ghostcam cameras --write',
  ],
  'test/cli/forget.test.ts': [
    'ghostcam forget CAMERA',
    'sudo ghostcam forget CAMERA',
    'sudo ghostcam forget front_gc',
  ],
  'test/cli/commands.test.ts': ['ghostcam demo', './ghostcam demo', 'ghostcam bench', 'ghostcam run'],
};

/** Of a running systemd, of the machine itself, or of a program that Debian has in no package that the tests install. */
const NOT_RUN = [
  'sudo systemctl reload ghostcam',
  'sudo systemctl restart ghostcam',
  'sudo systemctl restart mosquitto',
  'sudo systemctl edit ghostcam',
  'systemctl status ghostcam',
  'journalctl -u ghostcam -f',
  'sudo hostnamectl hostname garage',
  'sudo apt install libonnxruntime1.21',
  'sudo apt install mosquitto',
  'sudo apt install nodejs npm',
  "sudo tee /etc/mosquitto/conf.d/lan.conf <<'END'",
  'v4l2-ctl --list-formats-ext -d /dev/video0',
  'curl -s http://127.0.0.1:8970/metrics | promtool check metrics',
  ...['up --detach', 'logs --follow ghostcam', 'exec ghostcam ghostcam doctor', 'kill -s HUP ghostcam'].map(
    (step) => `docker compose ${step}`,
  ),
  'docker compose run --rm broker mosquitto_passwd -c -b /dev/stdout ghostcam PASSWORD > broker-users',
  'apt purge',
];

const { version, scripts } = JSON.parse(readFileSync('package.json', 'utf8'));

/** In code blocks, less what explains them; and in the text, where there is more than a name. */
function printed(page: string): string[] {
  const text = readFileSync(`${page}.md`, 'utf8').replaceAll(version, 'VERSION');
  const lines = [...text.matchAll(/^ {4,}(?:\$ )?(.*)$/gm)].map(
    ([, line]) => (line as string).split(/ {2,}/)[0] as string,
  );
  const prose = text.replaceAll(/^ {4}.*$/gm, '').replaceAll(/\n(?!\n)/g, ' ');
  const spans = [...prose.matchAll(/`([^`]+)`/g)].map(([, span]) => span as string);
  return [...lines, ...spans.filter((span) => span.includes(' ') && !PATTERN.test(span))].filter((line) =>
    COMMAND.test(line),
  );
}

const ALL = [...new Set(PAGES.flatMap(printed))];
const isDevelopers = (line: string) => /^(sudo )?(npm|npx|node|sh) /.test(line);
const known = new Set([...Object.keys(RUN), ...Object.values(ELSEWHERE).flat(), ...NOT_RUN]);

test('each is run here or elsewhere, and what is listed is printed', () => {
  expect(ALL.filter((line) => !known.has(line) && !isDevelopers(line))).toEqual([]);
  expect([...known].filter((line) => !ALL.includes(line))).toEqual([]);
  for (const file of Object.keys(ELSEWHERE)) expect(existsSync(file), file).toBe(true);
});

test("what developers' commands name is there", () => {
  const own = ALL.filter((line) => isDevelopers(line) && !known.has(line));
  expect(own.length).toBeGreaterThan(10);
  for (const line of own) {
    for (const [, script] of line.matchAll(/npm run (?:--silent )?([\w:]+)/g))
      expect(scripts, line).toHaveProperty([script as string]);
    for (const [path] of line.matchAll(/\b(?:test|scripts|deploy|native|models)\/[\w/.-]+\.\w+/g))
      expect(existsSync(path), line).toBe(true);
  }
});

/** A YOLOv5 as its exporter writes it, which sees one object in every picture. */
function seesAlways(label: string): Buffer {
  const values = new Float32Array(252 * 6);
  values.set([32, 32, 16, 16, 1, 0.8], 0);
  const output = { name: 'output0', shape: [1, 252, 6], values };
  return constantModel([{ name: 'images', shape: [1, 3, 64, 64] }], [output], {
    metadata: { names: `{0: '${label}'}` },
  });
}

let board: Board;
let folder: string;
let path: string;
beforeAll(async () => {
  board = await Board.start();
  const port = await freeTcpPort();
  folder = mkdtempSync(join(tmpdir(), 'ghostcam-commands-'));
  board.defer(async () => rmSync(folder, { recursive: true }));
  const settings = {
    NODE_ID: 'board',
    MQTT_URL: board.broker.url,
    CAMERAS: 'front',
    CAMERA_FRONT_URL: resolve('assets/demo/footage.mp4'),
    WEB: `127.0.0.1:${port}`,
    WEB_PASSWORD: 'PASSWORD',
    WEB_DETECT: 'true',
  };
  writeFileSync(
    join(folder, 'ghostcam.env'),
    Object.entries(settings)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  );
  for (const name of ['photo.jpg', 'picture.jpg'])
    copyFileSync('assets/doctor/photo.jpg', join(folder, name));
  writeFileSync(join(folder, 'my.onnx'), seesAlways('fox'));
  // The broker's and the page's ports, which the commands leave at the usual ones.
  mkdirSync(join(folder, '.config'));
  for (const name of ['mosquitto_sub', 'mosquitto_pub'])
    writeFileSync(join(folder, '.config', name), `-p ${board.broker.port}\n`);
  const connections = ['127.0.0.1', 'board.local'].map(
    (host) => `connect-to = "${host}:8970:127.0.0.1:${port}"`,
  );
  // Of a machine that is no other, whatever its proxies are. The second picture's command has no password.
  writeFileSync(
    join(folder, '.curlrc'),
    [...connections, 'noproxy = "*"', 'user = ":PASSWORD"', 'silent', 'fail'].join('\n'),
  );
  path = join(folder, 'bin');
  mkdirSync(path);
  for (const [name, command] of [
    ['sudo', 'exec "$@"'],
    ['ghostcam', `exec "${process.execPath}" -- "${PROGRAM}" "$@"`],
  ] as const) {
    writeFileSync(join(path, name), `#!/bin/sh\n${command}\n`);
    chmodSync(join(path, name), 0o755);
  }
  const daemon = new Daemon({}, ['run', '--env-file', join(folder, 'ghostcam.env')]);
  board.defer(() => daemon.kill());
  const { newest, client } = await board.subscribe('#');
  await client.publishAsync('ghostcam/OLD_NODE/state', 'offline', { retain: true });
  await vi.waitFor(() => expect(newest.get('ghostcam/board/front/person/snapshot')).toBeDefined(), SOON);
}, 120_000);
afterAll(() => board.dispose());

// In the order of the list: the camera is paused at the end only.
test.each(Object.entries(RUN).sort(([a], [b]) => Number(a.includes('OFF')) - Number(b.includes('OFF'))))(
  '%s',
  async (command, output) => {
    const { PATH = '' } = process.env;
    const { stdout } = await new Promise<{ stdout: string }>((done, fail) =>
      execFile(
        'bash',
        ['-c', `set -eo pipefail; ${command.replaceAll('BROKER', '127.0.0.1')}`],
        { cwd: folder, env: { PATH: `${path}:${PATH}`, HOME: folder }, timeout: 240_000, maxBuffer: 2 ** 24 },
        (error, out, err) =>
          error === null || (error.code === 27 && command.includes(' -W '))
            ? done({ stdout: out })
            : fail(new Error(`${error.message}\n${out}\n${err}`)),
      ),
    );
    expect(stdout).toMatch(output);
  },
  300_000,
);

test('the picture that was fetched is one, and the one that was drawn', () => {
  expect([...readFileSync(join(folder, 'person.jpg')).subarray(0, 3)]).toEqual([0xff, 0xd8, 0xff]);
  expect(readFileSync(join(folder, 'drawn.png')).toString('latin1', 1, 4)).toBe('PNG');
});

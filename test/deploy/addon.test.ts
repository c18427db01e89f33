/** deploy/homeassistant/addon: its launcher with a Supervisor played by a server here, a real broker and the real daemon. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { parse } from 'yaml';
import { LIMITS } from '../../src/config/table.js';
import { PROGRAM } from '../support/ghostcam.js';
import { Mosquitto } from '../support/mosquitto.js';

const ADDON = 'deploy/homeassistant/addon';
const config = parse(readFileSync(`${ADDON}/config.yaml`, 'utf8'));

let folder: string;
let supervisor: Server;
let answer: unknown;
let request: IncomingMessage | undefined;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ghostcam-addon-'));
  supervisor = createServer((incoming, response) => {
    request = incoming;
    response.end(JSON.stringify(answer));
  }).listen(0, '127.0.0.1');
  await once(supervisor, 'listening');
});
afterEach(() => {
  request = undefined;
});
afterAll(() => {
  supervisor.close();
  rmSync(folder, { recursive: true });
});

/** The launcher with these options beside the add-on's default ones. */
function launch(
  options: object,
  environment: Record<string, string> = {},
): { child: ChildProcess; output: () => string } {
  const path = join(folder, 'options.json');
  writeFileSync(path, JSON.stringify({ ...config.options, ...options }));
  const { port } = supervisor.address() as AddressInfo;
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, [`${ADDON}/run.mjs`], {
    env: {
      ...{ PATH, HOME, SUPERVISOR_TOKEN: 'token', SUPERVISOR_API: `http://127.0.0.1:${port}` },
      ...{ ADDON_OPTIONS: path, GHOSTCAM: PROGRAM, ...environment },
    },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
  }
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return { child, output: () => output };
}

const CAMERA = { name: 'front', url: 'test:', title: 'Front door', fps: 2 };

test('the Supervisor’s broker and the options become the daemon’s settings; SIGTERM ends it', async () => {
  const users = { addons: 'a"b#c @d' };
  const broker = await Mosquitto.start({ users });
  onTestFinished(() => broker.dispose());
  const { addons: password } = users;
  answer = {
    result: 'ok',
    data: {
      host: '127.0.0.1',
      port: broker.port,
      ssl: false,
      protocol: '3.1.1',
      username: 'addons',
      password,
    },
  };
  const { child, output } = launch({ cameras: [CAMERA], settings: ['CAMERA_FRONT_THRESHOLD=0.6'] });
  const client = await connectAsync(broker.url, { username: 'addons', password });
  onTestFinished(() => client.endAsync(true));
  const newest = new Map<string, string>();
  client.on('message', (topic, payload) => newest.set(topic, payload.toString()));
  await client.subscribeAsync('ghostcam/homeassistant/#');
  const state = (name: string) => newest.get(`ghostcam/homeassistant/front/${name}`);
  await vi.waitFor(
    () => {
      expect(state('state'), output()).toContain('online');
      expect([state('threshold/state'), state('fps/state')]).toEqual(['0.6', '2']);
    },
    { timeout: 100_000 },
  );
  expect([request?.url, request?.headers.authorization]).toEqual(['/services/mqtt', 'Bearer token']);
  expect(output()).not.toContain(password);
  child.kill('SIGTERM');
  expect(await once(child, 'close')).toEqual([0, null]);
});

test('the daemon has the machine’s time zone and a folder that lasts, and no key of the Supervisor', async () => {
  answer = { result: 'ok', data: { host: '127.0.0.1', port: 1, ssl: false } };
  const printer = join(folder, 'print-environment');
  writeFileSync(printer, '#!/bin/sh\nexec env\n', { mode: 0o755 });
  const { child, output } = launch({ cameras: [CAMERA] }, { GHOSTCAM: printer, TZ: 'Europe/Berlin' });
  expect(await once(child, 'close')).toEqual([0, null]);
  const lines = output().split('\n');
  expect(lines).toEqual(
    expect.arrayContaining(['TZ=Europe/Berlin', `XDG_STATE_HOME=${folder}`, 'CAMERAS=front']),
  );
  expect(output()).not.toContain('SUPERVISOR');
});

test.each<[string, object, unknown, RegExp]>([
  ['no camera', {}, {}, /^there is no camera yet: add one on the Configuration tab\n$/],
  [
    'no broker',
    { cameras: [CAMERA] },
    { result: 'error', message: 'Service not enabled', data: {} },
    /^Home Assistant has no MQTT broker \(Service not enabled\): install the Mosquitto broker add-on.*\n$/,
  ],
  [
    'an answer of another form',
    { cameras: [CAMERA] },
    { result: 'ok' },
    /^Home Assistant has no MQTT broker: /,
  ],
])('%s: one line says so, exit code 1', async (_, options, reply, message) => {
  answer = reply;
  const { child, output } = launch(options);
  expect(await once(child, 'close')).toEqual([1, null]);
  expect(output()).toMatch(message);
});

test('a mistake in a setting is named by the daemon, whose exit code is the add-on’s', async () => {
  answer = { result: 'ok', data: { host: '127.0.0.1', port: 1, ssl: false } };
  const { child, output } = launch({ cameras: [CAMERA], settings: ['CAMERA_FRONT_FPS=fast'] });
  expect(await once(child, 'close')).toEqual([78, null]);
  expect(output()).toMatch(/CAMERA_FRONT_FPS/);
});

test('config.yaml allows the frame rates that the program allows', () => {
  const { min, max } = LIMITS.fps;
  expect(config.schema.cameras[0].fps).toBe(`float(${min},${max})?`);
});

test('config.yaml is of this version, asks for the broker, and every option has its translations', () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  expect(config).toMatchObject({
    version,
    arch: ['aarch64', 'amd64'],
    services: ['mqtt:need'],
    ingress: true,
  });
  const options = Object.keys(config.schema).sort();
  expect(options).toEqual(expect.arrayContaining(Object.keys(config.options)));
  for (const language of ['en', 'de']) {
    const { configuration } = parse(readFileSync(`${ADDON}/translations/${language}.yaml`, 'utf8'));
    expect(Object.keys(configuration).sort()).toEqual(options);
    for (const text of Object.values(configuration)) {
      expect(text).toEqual({ name: expect.any(String), description: expect.any(String) });
    }
  }
});

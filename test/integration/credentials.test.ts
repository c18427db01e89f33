/** Credentials, wherever they were given, against all that the program says: log, topics, check, doctor, process list. */
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { clipOfTestPicture } from '../support/footage.js';
import { Daemon, ghostcam } from '../support/ghostcam.js';
import { HttpCamera } from '../support/http-camera.js';
import { Mosquitto } from '../support/mosquitto.js';
import { RtspServer } from '../support/rtsp-server.js';

const patience = { timeout: 40_000, interval: 50 };
/** With what quoting, JSON and URLs each change. */
const rtspPassword = `r"ts\\p/Pa55?#&='`;
const wrongPassword = `wr0ng"W0rd`;
const brokerPassword = `br"ok\\er Pa55`;
const httpToken = 't0ken-abc';
const httpPassword = 'http-Pa55';

let folder: string;
let broker: Mosquitto;
let rtsp: RtspServer;
let http: HttpCamera;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ghostcam-credentials-'));
  broker = await Mosquitto.start({ users: { bob: brokerPassword, viewer: 'viewer' } });
  rtsp = await RtspServer.start({ clip: await clipOfTestPicture(320, 240), password: rtspPassword });
  const jpeg = await sharp({ create: { width: 64, height: 48, channels: 3, background: 'red' } })
    .jpeg()
    .toBuffer();
  http = await HttpCamera.start(jpeg, folder);
}, 180_000);

afterAll(async () => {
  await rtsp?.stop();
  await http?.[Symbol.asyncDispose]();
  await broker?.dispose();
  await rm(folder, { recursive: true, force: true });
});

/** Every form in which one of them could be written. */
function forms(): string[] {
  const secrets = [rtspPassword, wrongPassword, brokerPassword, httpToken, httpPassword];
  return secrets.flatMap((secret) => [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    Buffer.from(secret).toString('base64').replace(/=+$/, ''),
  ]);
}

function expectClean(text: string, where: string): void {
  for (const form of forms()) expect(text.includes(form), `${where} shows ${form}`).toBe(false);
}

async function configuration(): Promise<Record<string, string>> {
  const urlFile = join(folder, 'url');
  const passwordFile = join(folder, 'password');
  await writeFile(urlFile, `${rtsp.url()}\n`);
  await writeFile(passwordFile, brokerPassword);
  const rtspPasswordFile = join(folder, 'rtsp-password');
  await writeFile(rtspPasswordFile, `${rtspPassword}\n`);
  const nowhere = http.url(`/hls/nothing.m3u8?user=admin&password=${httpPassword}`);
  return {
    CAMERAS: 'good,beside,wrong,mjpeg,hls,https',
    CAMERA_GOOD_URL_FILE: urlFile,
    // User and password beside the address, as they are.
    CAMERA_BESIDE_URL: rtsp.url().replace(/\/\/.*@/, '//'),
    CAMERA_BESIDE_USERNAME: 'viewer',
    CAMERA_BESIDE_PASSWORD_FILE: rtspPasswordFile,
    CAMERA_WRONG_URL: rtsp.url({ password: wrongPassword }),
    CAMERA_MJPEG_URL: http.url(`/mjpeg?token=${httpToken}`),
    CAMERA_HLS_URL: nowhere.replace('http://', `http://admin:${httpPassword}@`),
    // A TLS handshake with a server that speaks none.
    CAMERA_HTTPS_URL: nowhere.replace('http://', 'https://'),
    CAMERA_MOTION: 'false',
    NODE_ID: 'board',
    MQTT_URL: broker.url,
    MQTT_USERNAME: 'bob',
    MQTT_PASSWORD_FILE: passwordFile,
    LOG_LEVEL: 'debug',
    // As they are set while somebody looks for the fault of another program.
    DEBUG: '*',
    NODE_DEBUG: 'child_process',
    FFREPORT: `file=${join(folder, 'report.log')}`,
    AV_LOG_FORCE_COLOR: '1',
  };
}

/** What /proc says of a process. */
function processFile(pid: number | string, name: 'cmdline' | 'environ' | 'comm'): Promise<string> {
  return readFile(`/proc/${pid}/${name}`, 'latin1');
}

async function childrenOf(pid: number): Promise<string[]> {
  return (await readFile(`/proc/${pid}/task/${pid}/children`, 'latin1')).trim().split(' ').filter(Boolean);
}

test('the daemon, with cameras that work and cameras that fail', async () => {
  const viewer = await connectAsync(broker.url, { username: 'viewer', password: 'viewer' });
  const messages: string[] = [];
  const states = new Map<string, string>();
  viewer.on('message', (topic, payload) => {
    messages.push(`${topic} ${payload.toString('latin1')}`);
    if (/\/\w+\/state$/.test(topic)) states.set(topic.split('/').at(-2) as string, payload.toString());
  });
  await viewer.subscribeAsync('#');
  const daemon = new Daemon(await configuration());
  try {
    await vi.waitFor(() => {
      for (const camera of ['good', 'beside', 'mjpeg']) expect(states.get(camera)).toContain('"online"');
      for (const camera of ['wrong', 'hls', 'https'])
        expect(states.get(camera)).not.toMatch(/connecting|online/);
      expect(messages.join('\n')).toMatch(/good\/detections/);
    }, patience);
    expectClean(await processFile(daemon.pid, 'cmdline'), 'the command line');
    expectClean(await processFile(daemon.pid, 'comm'), 'the process name');
    const arguments_: string[] = [];
    for (const child of await childrenOf(daemon.pid)) {
      arguments_.push(await processFile(child, 'cmdline').catch(() => ''));
      expectClean(await processFile(child, 'environ').catch(() => ''), 'the environment of ffmpeg');
    }
    // The one place that docs/README name; it also shows that this test would see a credential.
    expect(arguments_.join('\n')).toContain(encodeURIComponent(rtspPassword));

    // A broker that no longer knows the password.
    await broker.stop();
    await vi.waitFor(() => expect(daemon.output).toMatch(/no connection to the broker/), patience);
  } finally {
    await daemon.stop('SIGTERM');
    await viewer.endAsync(true);
    // It may run still, where something failed before it was stopped.
    await broker.kill();
    await broker.start();
  }
  expectClean(daemon.output, 'the log');
  expectClean(messages.join('\n'), 'a message');
  expect(existsSync(join(folder, 'report.log'))).toBe(false);
}, 120_000);

test('check and doctor, and what they say of mistakes', async () => {
  const environment = await configuration();
  const checked = await ghostcam(['check'], environment);
  expect(checked.code).toBe(0);
  const mistaken = await ghostcam(['check'], {
    ...environment,
    CAMERA_WRONG_TRANSPORT: rtsp.url({ password: wrongPassword }),
    CAMERA_MJPEG_URL: `127.0.0.1/mjpeg?token=${httpToken}`,
    MQTT_PASSWORD: brokerPassword,
    MQTT_USERNAME_FILE: brokerPassword,
  });
  expect(mistaken.code).toBe(78);
  const examined = await ghostcam(['doctor', '--json'], environment);
  expect(JSON.parse(examined.stdout).findings).toContainEqual(
    expect.objectContaining({ check: 'camera wrong', status: 'failure' }),
  );
  const forgotten = await ghostcam(['forget', 'gone'], environment);
  expect(forgotten.code).toBe(0);
  for (const { stdout, stderr } of [checked, mistaken, examined, forgotten])
    expectClean(stdout + stderr, 'the output');
}, 120_000);

test('the demo, whose source is an argument', async () => {
  const demo = new Daemon({}, ['demo', '--source', rtsp.url(), '--seconds', '60']);
  try {
    await vi.waitFor(async () => expect(await childrenOf(demo.pid)).not.toEqual([]), patience);
    expectClean(await processFile(demo.pid, 'cmdline'), 'the command line');
  } finally {
    await demo.stop('SIGTERM');
  }
  expectClean(demo.output, 'the log');
}, 120_000);

/** `ghostcam doctor` as its users run it, on this machine and with what can go wrong on others. */
import { copyFile, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Finding } from '../../src/doctor/finding.js';
import { execute } from '../support/execute.js';
import { ghostcam } from '../support/ghostcam.js';
import { Mosquitto } from '../support/mosquitto.js';
import { freeTcpPort } from '../support/ports.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const footage = join(root, 'assets/demo/footage.mp4');

async function doctor(environment: Record<string, string>) {
  const { code, stdout, stderr } = await ghostcam(['doctor', '--json'], environment);
  expect(stderr).toBe('');
  const { findings } = JSON.parse(stdout) as { findings: Finding[] };
  const find = (check: string, status?: Finding['status']) =>
    findings.filter(
      (finding) => finding.check.startsWith(check) && (status ?? finding.status) === finding.status,
    );
  return { code, stdout, findings, find };
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ghostcam-doctor-'));
  return () => rm(folder, { recursive: true });
});

async function broker(options: Parameters<typeof Mosquitto.start>[0] = {}): Promise<Mosquitto> {
  const mosquitto = await Mosquitto.start(options);
  onTestFinished(() => mosquitto.dispose());
  return mosquitto;
}

test('finds nothing to mend where broker and camera are there', async () => {
  const { url } = await broker();
  const { code, findings } = await doctor({ MQTT_URL: url, CAMERAS: 'clip', CAMERA_CLIP_URL: footage });
  expect(findings.filter(({ status }) => status === 'failure')).toEqual([]);
  expect(code).toBe(0);
  const said = Object.fromEntries(findings.map(({ check, message }) => [check, message]));
  expect(said.broker).toMatch(/what is published arrives/);
  expect(said['camera clip']).toMatch(/^640 x 360.*; decoding takes [\d.]+ % of a core$/);
  expect(said['decoder HEVC']).toBe('decodes');
  expect(said.capacity).toMatch(
    /^\S+ cameras? at 5 frames a second \(an inference takes [\d.]+ ms, [\d.]+ of CPU, .*; the configured one asks for 5 when/,
  );
  // The bundled library offers CUDA on every board.
  const cuda = findings.find(({ check }) => check.startsWith('model on cuda'));
  if (cuda !== undefined && cuda.status !== 'ok') {
    expect(cuda).toMatchObject({ status: 'absent', message: expect.stringMatching(/^not on this board: /) });
  }
  expect(
    findings.some(
      ({ check, message }) => check.startsWith('model on cpu') && /finds the person/.test(message),
    ),
  ).toBe(true);
});

test('of a cluster every server is tried, and while one can be used nothing fails', async () => {
  const { url } = await broker();
  const nobody = `mqtt://127.0.0.1:${await freeTcpPort()}`;
  const asked = { CAMERAS: 'clip', CAMERA_CLIP_URL: footage };
  const { code, find } = await doctor({ ...asked, MQTT_URL: `${nobody},${url}` });
  expect(find('broker')).toMatchObject([
    { check: `broker ${nobody}`, status: 'warning', message: expect.stringMatching(/nothing listens/) },
    { check: `broker ${url}`, status: 'ok' },
  ]);
  expect(code).toBe(0);
  const alone = await doctor({ ...asked, MQTT_URL: `${nobody},${nobody}` });
  expect(alone.find('broker').map(({ status }) => status)).toEqual(['failure', 'failure']);
});

test('names what is wrong with broker and camera, without a credential', async () => {
  const { url } = await broker({ users: { board: 'right' } });
  const { code, stdout, find } = await doctor({
    MQTT_URL: url,
    MQTT_USERNAME: 'board',
    MQTT_PASSWORD: 'wrong-secret',
    CAMERAS: 'door',
    CAMERA_DOOR_URL: `rtsp://admin:camera-secret@127.0.0.1:${await freeTcpPort()}/stream`,
  });
  expect(code).toBe(1);
  expect(find('broker', 'failure')[0]?.message).toMatch(/refused the user name or password|does not allow/);
  expect(find('camera door', 'failure')[0]?.message).toMatch(/connection refused/);
  expect(stdout).not.toMatch(/wrong-secret|camera-secret/);
});

test('a broker that accepts the connection but refuses to publish is a finding', async () => {
  const { url } = await broker({ users: { board: 'right' }, acl: ['user board', 'topic read ghostcam/#'] });
  const { find } = await doctor({
    MQTT_URL: url,
    MQTT_USERNAME: 'board',
    MQTT_PASSWORD: 'right',
    NODE_ID: 'n1',
    CAMERAS: 'clip',
    CAMERA_CLIP_URL: footage,
  });
  const [finding] = find('broker', 'failure');
  expect(finding?.message).toMatch(/does not let this user publish ghostcam\/n1\/doctor/);
  expect(finding?.remedy).toMatch(/access list/);
});

test.each([
  ['5', /does not let this user read ghostcam\/n1\/doctor/],
  ['3.1.1', /does not let this user publish or read ghostcam\/n1\/doctor/],
])(
  'MQTT %s: a broker that grants a subscription and delivers nothing is a finding',
  async (version, problem) => {
    const { url } = await broker({
      users: { board: 'right' },
      acl: ['user board', 'topic write ghostcam/#'],
    });
    const { find } = await doctor({
      MQTT_URL: url,
      MQTT_USERNAME: 'board',
      MQTT_PASSWORD: 'right',
      MQTT_VERSION: version,
      NODE_ID: 'n1',
      CAMERAS: 'clip',
      CAMERA_CLIP_URL: footage,
    });
    const [finding] = find('broker', 'failure');
    expect(finding?.message).toMatch(problem);
    expect(finding?.remedy).toMatch(/access list/);
  },
);

test('a missing ffmpeg has a remedy', async () => {
  // Node alone on the PATH.
  const { code, find } = await doctor({
    PATH: dirname(process.execPath) === '/usr/bin' ? '/nowhere' : dirname(process.execPath),
  });
  const [finding] = find('ffmpeg', 'failure');
  expect(finding?.message).toMatch(/ffmpeg.*not found/);
  expect(finding?.remedy).toMatch(/apt install ffmpeg/);
  expect(code).toBe(1);
});

test('a runtime for another processor is recognised', async () => {
  const other = process.arch === 'x64' ? 'arm64' : 'x64';
  const bin = join(root, 'node_modules/onnxruntime-node/bin');
  const [napi] = await readdir(bin);
  const library = join(folder, 'libonnxruntime.so');
  const [name] = (await readdir(join(bin, napi as string, 'linux', other))).filter((file) =>
    file.includes('.so.1'),
  );
  await copyFile(join(bin, napi as string, 'linux', other, name as string), library);
  const { code, find } = await doctor({ ONNXRUNTIME_LIB: library });
  const [finding] = find('ONNX Runtime', 'failure');
  expect(finding?.message).toContain(library);
  expect(finding?.remedy).toMatch(/ONNXRUNTIME_LIB.*for this processor/);
  expect(code).toBe(1);
});

test('a runtime whose instructions this processor lacks ends the probe, not the doctor', async () => {
  const source = join(folder, 'illegal.cc');
  await writeFile(source, 'extern "C" const void* OrtGetApiBase() { __builtin_trap(); }\n');
  const library = join(folder, 'libillegal.so');
  await execute('g++', ['-shared', '-fPIC', '-o', library, source]);
  const { code, find } = await doctor({ ONNXRUNTIME_LIB: library });
  const [finding] = find('ONNX Runtime', 'failure');
  expect(finding?.message).toBe(`${library} uses instructions that this processor does not have`);
  expect(finding?.remedy).toMatch(/ONNXRUNTIME_LIB/);
  expect(code).toBe(1);
});

test('says what the board can do before there is a camera', async () => {
  const { find } = await doctor({});
  expect(find('capacity', 'ok')[0]?.message).toMatch(
    /; decoding [\d.]+ % of a core for each camera; there are/,
  );
});

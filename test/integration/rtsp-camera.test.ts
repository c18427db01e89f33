/** A camera of ours against a real RTSP server that is switched off, hangs, falls silent and comes back. */
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { Camera } from '../../src/capture/camera.js';
import { type Ffmpeg, findFfmpeg } from '../../src/capture/ffmpeg.js';
import type { CameraState } from '../../src/capture/state.js';
import { type CameraSettingsGiven, defaultCameraConfig } from '../../src/config/types.js';
import { clipOfTestPicture } from '../support/footage.js';
import { memoryLog } from '../support/log.js';
import { RtspServer } from '../support/rtsp-server.js';

const user = 'viewer';
const password = 'p@ss/w:rd%41?';
/** Generous: the machine may be busy. Nothing waits this long when all is well. */
const patience = { timeout: 100_000, interval: 25 };

let ffmpeg: Ffmpeg;
let server: RtspServer;
let opened: { camera: Camera; states: CameraState[]; lines: string[] }[] = [];

beforeAll(async () => {
  ffmpeg = await findFfmpeg();
  server = await RtspServer.start({ clip: await clipOfTestPicture(1280, 720), user, password });
});

afterEach(async () => {
  server.resume();
  await Promise.all(opened.map(({ camera }) => camera.stop()));
  // Whatever happened in the test, nobody read it.
  for (const { lines, states, camera } of opened) {
    const shown = [...lines, JSON.stringify(states), JSON.stringify(camera.stats())].join('\n');
    for (const secret of [password, encodeURIComponent(password), 'w:rd', 'wrong word', 'wrong%20word']) {
      expect(shown).not.toContain(secret);
    }
  }
  opened = [];
});

afterAll(() => server?.stop());

function open(config: CameraSettingsGiven = {}) {
  const base = { name: 'front', snapshot: false, regions: false, stallTimeout: 20 };
  const { log, lines } = memoryLog();
  const camera = new Camera(defaultCameraConfig({ ...base, url: server.url(), ...config }), {
    ffmpeg,
    inputSize: { width: 320, height: 320 },
    log,
  });
  const states: CameraState[] = [];
  camera.on('state', (state) => states.push(state));
  opened.push({ camera, states, lines });
  camera.start();
  return { camera, states };
}

function becomes(camera: Camera, status: CameraState['status'], reason?: RegExp): Promise<void> {
  return vi.waitFor(() => {
    expect(camera.state.status).toBe(status);
    if (reason !== undefined) expect(camera.state.reason).toMatch(reason);
  }, patience);
}

async function framesCome(camera: Camera): Promise<void> {
  const before = camera.stats().frames;
  await vi.waitFor(() => expect(camera.stats().frames).toBeGreaterThan(before + 2), patience);
}

test.each(['tcp', 'udp'] as const)('frames arrive over %s, at the size of the source', async (transport) => {
  const { camera, states } = open({ transport });
  await framesCome(camera);
  const frame = camera.take();
  expect(frame).toMatchObject({ width: 320, height: 180, sourceWidth: 1280, sourceHeight: 720 });
  expect(frame?.format).toBe('yuv420p');
  expect(Date.now() - (frame?.capturedAt ?? 0)).toBeLessThan(60_000);
  expect(states.map(({ status, reason }) => ({ status, reason }))).toEqual([
    { status: 'offline', reason: 'connecting' },
    { status: 'online', reason: undefined },
  ]);
});

test('a server that is killed and comes back', async () => {
  const { camera } = open();
  await becomes(camera, 'online');
  await server.kill();
  await becomes(camera, 'offline', /connection refused/i);
  await server.start();
  await becomes(camera, 'online');
  await framesCome(camera);
  expect(camera.stats().restarts.ended).toBeGreaterThan(0);
});

test('a server that freezes and wakes up', async () => {
  const { camera } = open({ stallTimeout: 3 });
  await becomes(camera, 'online');
  server.freeze();
  await becomes(camera, 'stalled', /^no frame for 3 s$/);
  expect(camera.stats().restarts.stalled).toBeGreaterThan(0);
  await becomes(camera, 'offline', /did not answer within 3 s/);
  server.resume();
  await becomes(camera, 'online');
  await framesCome(camera);
});

test('a server that is alive but sends no picture', async () => {
  const { camera } = open({ stallTimeout: 3 });
  await becomes(camera, 'online');
  server.silence();
  await becomes(camera, 'stalled', /^no frame for 3 s$/);
  server.resume();
  await becomes(camera, 'online');
  await framesCome(camera);
});

test('a wrong password', async () => {
  const { camera } = open({ url: server.url({ password: 'wrong word' }) });
  await becomes(camera, 'offline', /refused user name or password \(401 Unauthorized\)/);
});

test('a path that the server does not have', async () => {
  const { camera } = open({ url: server.url({ path: '/nothing' }) });
  await becomes(camera, 'offline', /no such stream \(404 Not Found\): check the path in CAMERA_FRONT_URL/);
});

test('stopped, it leaves no ffmpeg; started again, it goes on', async () => {
  const { camera } = open();
  await becomes(camera, 'online');
  await camera.stop();
  expect(camera.state.status).toBe('disabled');
  expect(camera.take()).toBeUndefined();
  const { frames } = camera.stats();
  camera.start();
  camera.start();
  await framesCome(camera);
  expect(camera.take()?.sequence).toBeGreaterThan(frames);
});

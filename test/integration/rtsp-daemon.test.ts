/** The whole way: an RTSP camera with a password, the daemon, a broker with users, rights and TLS, a subscriber. */
import { readFile } from 'node:fs/promises';
import { connectAsync } from 'mqtt';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { clipOfStill, pedestrians, pedestriansAt } from '../support/footage.js';
import { Daemon } from '../support/ghostcam.js';
import { Mosquitto } from '../support/mosquitto.js';
import { RtspServer } from '../support/rtsp-server.js';

const cameraPassword = 'c@mera/s3cret?';
const brokerPassword = 'br0ker-s3cret';
/** Generous: the machine may be busy. Nothing waits this long when all is well. */
const patience = { timeout: 100_000, interval: 50 };

type Box = [number, number, number, number];
interface Detections {
  width: number;
  height: number;
  detections: { label: string; score: number; box: Box }[];
}

let broker: Mosquitto;
let camera: RtspServer;
let cleanUp: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  broker = await Mosquitto.start({
    users: { daemon: brokerPassword, viewer: 'viewer' },
    acl: ['user daemon', 'topic write ghostcam/#', 'user viewer', 'topic read ghostcam/#'],
    tls: true,
  });
  camera = await RtspServer.start({ clip: await pedestrians(), password: cameraPassword });
}, 180_000);

afterAll(async () => {
  await camera?.stop();
  await broker?.dispose();
});

afterEach(async () => {
  camera.resume();
  for (const step of cleanUp.reverse()) await step();
  cleanUp = [];
});

/** A subscriber that remembers the newest payload of each topic, and counts messages. */
async function subscribe() {
  const ca = await readFile(broker.certificates.ca);
  const client = await connectAsync(broker.url, {
    username: 'viewer',
    password: 'viewer',
    ca,
    reconnectPeriod: 200,
  });
  cleanUp.push(() => client.endAsync(true));
  const newest = new Map<string, string>();
  const everything: string[] = [];
  client.on('message', (topic, payload) => {
    newest.set(topic, payload.toString());
    everything.push(`${topic} ${payload}`);
  });
  await client.subscribeAsync('ghostcam/#');
  const json = (topic: string) => JSON.parse(newest.get(`ghostcam/board/front/${topic}`) ?? '{}');
  return {
    newest,
    everything,
    state: () => json('state'),
    detections: () => json('detections') as Detections,
  };
}

async function start(more: Record<string, string> = {}) {
  const viewer = await subscribe();
  const daemon = new Daemon({
    CAMERAS: 'front',
    CAMERA_FRONT_URL: camera.url(),
    CAMERA_STALL_TIMEOUT: '4',
    NODE_ID: 'board',
    MQTT_URL: broker.url,
    MQTT_USERNAME: 'daemon',
    MQTT_PASSWORD: brokerPassword,
    MQTT_CA: broker.certificates.ca,
    LOG_LEVEL: 'debug',
    ...more,
  });
  cleanUp.push(async () => {
    await daemon.stop('SIGTERM');
    const shown = [daemon.output, ...viewer.everything].join('\n');
    for (const secret of [
      cameraPassword,
      encodeURIComponent(cameraPassword),
      brokerPassword,
      'wrong-s3cret',
    ]) {
      expect(shown).not.toContain(secret);
    }
  });
  const becomes = (state: object) => vi.waitFor(() => expect(viewer.state()).toMatchObject(state), patience);
  const detectionsCome = async () => {
    viewer.newest.delete('ghostcam/board/front/detections');
    await vi.waitFor(() => expect(viewer.detections().detections).toBeDefined(), patience);
  };
  return { ...viewer, daemon, becomes, detectionsCome };
}

/** Intersection over union. */
function overlap(a: Box, b: Box): number {
  const width = Math.max(0, Math.min(a[2], b[2]) - Math.max(a[0], b[0]));
  const height = Math.max(0, Math.min(a[3], b[3]) - Math.max(a[1], b[1]));
  const area = ([x1, y1, x2, y2]: Box) => (x2 - x1) * (y2 - y1);
  return (width * height) / (area(a) + area(b) - width * height);
}

test.each(['tcp', 'udp'])('persons are found where they are, over %s', async (transport) => {
  const clip = await clipOfStill(await pedestriansAt(10), { width: 768, height: 576 });
  const still = await RtspServer.start({ clip, password: cameraPassword });
  cleanUp.push(() => still.stop());
  const { detections } = await start({ CAMERA_FRONT_URL: still.url(), CAMERA_FRONT_TRANSPORT: transport });
  await vi.waitFor(() => expect(detections().detections).toBeDefined(), patience);
  const { width, height, detections: found } = detections();
  expect([width, height]).toEqual([768, 576]);
  // Measured by eye in the picture.
  for (const [label, box] of [
    ['person', [588, 152, 619, 237]],
    ['person', [378, 182, 412, 262]],
    ['car', [652, 44, 722, 99]],
  ] as [string, Box][]) {
    const overlaps = found.filter((of) => of.label === label).map((of) => overlap(of.box, box));
    expect(Math.max(...overlaps), `${label} at ${box}`).toBeGreaterThan(0.6);
  }
});

test('a camera that is killed, comes back, hangs, wakes up and falls silent', async () => {
  const { becomes, detectionsCome } = await start();
  await detectionsCome();
  await becomes({ state: 'online' });

  await camera.kill();
  await becomes({ state: 'offline', reason: expect.stringMatching(/^connection refused/) });
  await camera.start();
  await becomes({ state: 'online' });
  await detectionsCome();

  camera.freeze();
  await becomes({ state: 'stalled', reason: 'no frame for 4 s' });
  camera.resume();
  await becomes({ state: 'online' });
  await detectionsCome();

  camera.silence();
  await becomes({ state: 'stalled', reason: 'no frame for 4 s' });
  camera.resume();
  await becomes({ state: 'online' });
  await detectionsCome();
}, 180_000);

test('a wrong password for the camera', async () => {
  const { becomes } = await start({ CAMERA_FRONT_URL: camera.url({ password: 'wrong-s3cret' }) });
  await becomes({ state: 'offline', reason: 'the camera refused user name or password (401 Unauthorized)' });
});

test('a broker that is killed and comes back without its memory', async () => {
  const { newest, becomes, detectionsCome } = await start();
  await detectionsCome();
  await broker.kill();
  newest.clear();
  await broker.start();
  await becomes({ state: 'online' });
  await vi.waitFor(() => expect(newest.get('ghostcam/board/state')).toBe('online'), patience);
  await detectionsCome();
}, 60_000);

test('a daemon that is killed leaves no ffmpeg behind', async () => {
  const { daemon, detectionsCome } = await start();
  await detectionsCome();
  const children = await readFile(`/proc/${daemon.pid}/task/${daemon.pid}/children`, 'utf8');
  const ffmpegs = children.trim().split(' ').map(Number);
  expect(ffmpegs).toHaveLength(1);
  await daemon.kill();
  for (const pid of ffmpegs)
    await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow('ESRCH'), patience);
});

/** The daemon as a process: what its topics say from start to stop, and how it ends. */
import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Board } from '../support/board.js';
import { program } from '../support/program.js';

let board: Board;
beforeEach(async () => {
  board = await Board.start();
});
afterEach(() => board.dispose());

const start = (more: Record<string, string> = {}) =>
  board.daemon({ CAMERAS: 'front,off', CAMERA_URL: 'test:', CAMERA_OFF_ENABLED: 'false', ...more });

const SOON = { timeout: 100_000, interval: 50 };

test.each(['SIGUSR1', 'SIGUSR2'] as const)(
  '%s neither ends it nor opens a port for debuggers',
  async (signal) => {
    const { newest: topics, client } = await board.subscribe();
    const daemon = start();
    await vi.waitFor(() => expect(topics.get('ghostcam/board/state')).toBe('online'), SOON);
    process.kill(daemon.pid, signal);
    // Node's debugger has a thread of its own, and says so before these are answered.
    for (const fps of ['3', '4', '2']) {
      await client.publishAsync('ghostcam/board/front/fps/set', fps);
      await vi.waitFor(() => expect(topics.get('ghostcam/board/front/fps/state')).toBe(fps), SOON);
    }
    expect(daemon.output).not.toMatch(/Debugger/);
    expect(await daemon.stop('SIGTERM')).toEqual({ code: 0, signal: null });
  },
);

test('states from start to stop; SIGTERM ends it with code 0 and leaves no ffmpeg', async () => {
  const { newest: topics } = await board.subscribe();
  const daemon = start();
  await vi.waitFor(() => expect(topics.get('ghostcam/board/front/detections')).toBeDefined(), SOON);
  expect(topics.get('ghostcam/board/state')).toBe('online');
  expect(JSON.parse(topics.get('ghostcam/board/front/state') ?? '')).toMatchObject({ state: 'online' });
  expect(JSON.parse(topics.get('ghostcam/board/off/state') ?? '')).toMatchObject({ state: 'disabled' });
  expect(JSON.parse(topics.get('ghostcam/board/info') ?? '')).toMatchObject({
    runtime: { provider: expect.any(String), version: expect.stringMatching(/^1\./) },
    model: {
      name: expect.stringMatching(/^yolov8n-ghostnetv2-320(-int8-[us]8s8)?$/),
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      inputs: [{ width: 320, height: 192, inferenceMs: expect.any(Number) }],
    },
    cameras: ['front', 'off'],
  });
  const { capturedAt, ages, width, height } = JSON.parse(topics.get('ghostcam/board/front/detections') ?? '');
  expect([width, height]).toEqual([1280, 720]);
  expect(Math.abs(Date.now() - Date.parse(capturedAt))).toBeLessThan(20_000);
  expect(ages.queueMs).toBeLessThanOrEqual(ages.inferenceMs);

  const children = execFileSync('pgrep', ['-P', String(daemon.pid)], { encoding: 'utf8' })
    .trim()
    .split('\n');
  expect(await daemon.stop('SIGTERM')).toEqual({ code: 0, signal: null });
  await vi.waitFor(() => expect(topics.get('ghostcam/board/state')).toBe('offline'), SOON);
  expect(JSON.parse(topics.get('ghostcam/board/front/state') ?? '')).toMatchObject({
    state: 'offline',
    reason: 'ghostcam was stopped',
  });
  for (const pid of children) expect(() => process.kill(Number(pid), 0)).toThrow();
});

test.each([
  ['SIGTERM', /node board, cameras/],
  ['SIGINT', /node board, cameras/],
  ['SIGTERM', /runs on ONNX Runtime/],
] as const)('%s while it starts, at %s, ends it with code 0', async (signal, line) => {
  const daemon = start();
  await vi.waitFor(() => expect(daemon.output).toMatch(line), { ...SOON, interval: 2 });
  expect(await daemon.stop(signal)).toEqual({ code: 0, signal: null });
  expect(daemon.output).toMatch(/stopped\n$/);
});

test('without ffmpeg it leaves the broker, where another may run under its name, alone', async () => {
  await using slow = await program('sleep 2; exit 1');
  const daemon = start({ FFMPEG_PATH: slow.path });
  expect((await daemon.ended).code).toBe(69);
  expect(board.broker.log).not.toContain('New client connected');
});

test('the state of a camera expires, for those who read it alone', async () => {
  const expiries = new Map<string, number | undefined>();
  await board.subscribe(
    'ghostcam/#',
    (topic, _, { properties }) => expiries.set(topic, properties?.messageExpiryInterval),
    { protocolVersion: 5 },
  );
  start();
  await vi.waitFor(() => expect(expiries.has('ghostcam/board/front/state')).toBe(true), SOON);
  expect(expiries.get('ghostcam/board/front/state')).toBeGreaterThan(0);
  // The broker's will speaks for the node.
  expect(expiries.get('ghostcam/board/state')).toBeUndefined();
});

test('killed, the last will says offline', async () => {
  const { newest: topics } = await board.subscribe();
  const daemon = start();
  await vi.waitFor(() => expect(topics.get('ghostcam/board/state')).toBe('online'), SOON);
  await daemon.kill();
  await vi.waitFor(() => expect(topics.get('ghostcam/board/state')).toBe('offline'), SOON);
});

test('it starts without a broker, finds it later, and stops in time when it is gone again', async () => {
  await board.broker.stop();
  const daemon = start();
  await vi.waitFor(() => expect(daemon.output).toMatch(/nothing listens there/), SOON);
  await board.broker.start();
  const { newest: topics } = await board.subscribe();
  await vi.waitFor(() => expect(topics.get('ghostcam/board/front/detections')).toBeDefined(), SOON);
  board.broker.freeze();
  expect(await daemon.stop('SIGINT')).toEqual({ code: 0, signal: null });
});

test('health has the rates, drops and stage times of each camera', async () => {
  const { newest: topics } = await board.subscribe();
  start({ CAMERA_FPS: '10' });
  await vi.waitFor(() => expect(topics.get('ghostcam/board/health')).toBeDefined(), SOON);
  const health = JSON.parse(topics.get('ghostcam/board/health') ?? '');
  expect(health.cameras.front).toMatchObject({
    state: 'online',
    dropped: { replaced: expect.any(Number), stale: 0, failed: 0 },
    stages: { inferMs: { p50: expect.any(Number), p95: expect.any(Number) } },
  });
  expect(health.cameras.front.fpsInferred).toBeGreaterThan(0.5);
  expect(health.cameras.off).toMatchObject({ state: 'disabled', fpsIn: 0, fpsInferred: 0 });
});

/** Pedestrians over RTSP, the daemon, a broker that dies: what a subscriber hears of them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { Board } from '../support/board.js';
import { pedestrians } from '../support/footage.js';
import type { Daemon } from '../support/ghostcam.js';
import { FOOTAGE, visits } from '../support/pedestrians.js';
import {
  begun,
  brokenLives,
  type EventListener,
  listenForEvents,
  loggedEvents,
} from '../support/published-events.js';
import { RtspServer } from '../support/rtsp-server.js';

const patience = { timeout: 60_000, interval: 100 };
/** How long the broker is away, at least. */
const OUTAGE_MS = 1000 * Number(process.env.GHOSTCAM_OUTAGE_S ?? 4);

let camera: RtspServer;
let board: Board;
let listener: EventListener;

beforeAll(async () => {
  camera = await RtspServer.start({ clip: await pedestrians() });
}, 180_000);
afterAll(() => camera?.stop());

beforeEach(async () => {
  board = await Board.start();
  listener = await listenForEvents(board.broker.url);
  board.defer(async () => listener[Symbol.asyncDispose]());
});
afterEach(() => board.dispose());

const start = () => board.daemon({ CAMERAS: 'front', CAMERA_FRONT_URL: camera.url(), LOG_LEVEL: 'debug' });

const made = (daemon: Daemon) => loggedEvents(daemon.output);

test('half a minute of pedestrians, twice: whole lives, cars once, no id again', async () => {
  const ids: string[] = [];
  for (const seconds of [20, 10]) {
    listener.events.length = 0;
    const began = Date.now();
    const daemon = start();
    await vi.waitFor(() => expect(begun(listener.events, 'car')).toBe(2), patience);
    await sleep(seconds * 1000);
    await daemon.stop('SIGTERM');
    const { events } = listener;
    expect(brokenLives(events)).toEqual([]);
    expect(begun(events, 'car')).toBe(2);
    // The clip is somewhere in its round: no more than 1.3 for each who comes in the busiest stretch of this length.
    const frames = Math.ceil(((Date.now() - began) / 1000) * FOOTAGE.fps);
    expect(begun(events, 'person')).toBeGreaterThan(0);
    expect(begun(events, 'person')).toBeLessThanOrEqual(1.3 * mostVisits(frames));
    ids.push(...events.filter(({ type }) => type === 'new').map(({ id }) => id));
  }
  expect(new Set(ids).size).toBe(ids.length);
}, 180_000);

/** The most people of any stretch of so many frames of the clip. */
function mostVisits(length: number): number {
  const everybody = visits();
  const from = Array.from({ length: FOOTAGE.frames }, (_, frame) => frame);
  // A stretch may go over the end into the next round, where everybody counts again.
  const rounds = [0, FOOTAGE.frames].flatMap((shift) =>
    everybody.map(({ first, last }) => ({ first: first + shift, last: last + shift })),
  );
  const present = (start: number) =>
    rounds.filter(({ first, last }) => first < start + length && last >= start).length;
  return Math.max(...from.map(present));
}

test('the broker is killed during activity: every event is published once, late ones say so, states are the newest', async () => {
  const daemon = start();
  const { events } = listener;
  await vi.waitFor(() => expect(begun(events, 'person')).toBeGreaterThan(1), patience);
  await board.broker.kill();
  const before = made(daemon).length;
  const died = Date.now();
  await vi.waitFor(() => {
    const types = made(daemon)
      .slice(before)
      .map(({ type }) => type);
    expect(types).toContain('new');
    expect(types).toContain('end');
    expect(Date.now() - died).toBeGreaterThan(OUTAGE_MS);
  }, patience);
  const during = made(daemon).slice(before);
  // What waits for more than a second is late.
  await sleep(1200);
  await board.broker.start();
  await vi.waitFor(() => expect(events.length).toBeGreaterThanOrEqual(before + during.length), patience);

  // From now on nothing new: the newest states are known.
  const { client: user } = await board.subscribe('nothing');
  await user.publishAsync('ghostcam/board/front/enabled/set', 'OFF', { qos: 1 });
  await vi.waitFor(() => expect(brokenLives(made(daemon))).toEqual([]), patience);
  const all = made(daemon);
  await vi.waitFor(() => expect(events.length).toBeGreaterThanOrEqual(all.length), patience);
  expect(events.map(({ type, id, label }) => ({ type, id, label }))).toEqual(all);
  expect(brokenLives(events)).toEqual([]);

  const late = events.filter((event) => event.late).map(({ type, id }) => `${type} ${id}`);
  for (const { type, id } of during) expect(late).toContain(`${type} ${id}`);
  expect(events[0]?.late).toBeUndefined();
  expect(events.at(-1)?.late).toBeUndefined();

  const { newest: states } = await board.subscribe('ghostcam/board/#');
  await vi.waitFor(() => {
    expect(states.get('ghostcam/board/state')).toBe('online');
    expect(JSON.parse(states.get('ghostcam/board/front/state') ?? '{}')).toMatchObject({ state: 'disabled' });
    expect(states.get('ghostcam/board/front/person/count')).toBe('0');
    expect(states.get('ghostcam/board/front/car/count')).toBe('0');
    expect(states.get('ghostcam/board/front/enabled/state')).toBe('OFF');
    expect(states.get('ghostcam/board/front/motion')).toBe('OFF');
  }, patience);
}, 240_000);

/** SIGHUP: the env file is read anew, what changed takes effect, and nothing else is disturbed. */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import sharp from 'sharp';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { DetectionsPayload, EventPayload, HealthPayload, InfoPayload } from '../../src/mqtt/payloads.js';
import { Board } from '../support/board.js';
import { Child } from '../support/child.js';
import { EnvFile } from '../support/env-file.js';
import { clipOfStill, pedestrians } from '../support/footage.js';
import { Daemon, PROGRAM } from '../support/ghostcam.js';
import { brokenLives } from '../support/published-events.js';
import { seededRandom } from '../support/random.js';
import { RtspServer } from '../support/rtsp-server.js';
import { mistakesIn } from '../support/schemas.js';

const SOON = { timeout: 60_000, interval: 50 };
/** How many edits; the seed is logged with what fails. */
const EDITS = Number(process.env.GHOSTCAM_TEST_EDITS ?? 25);
const SEED = Number(process.env.GHOSTCAM_TEST_SEED ?? 18);

let board: Board;
beforeEach(async () => {
  board = await Board.start();
});
afterEach(() => board.dispose());

/** A daemon with an env file, and what its user sees of it. */
async function start(settings: Record<string, string>) {
  const base = { NODE_ID: 'board', MQTT_URL: board.broker.url, PROVIDER: 'cpu' };
  const file = new EnvFile({ ...base, ...settings });
  board.defer(async () => file[Symbol.dispose]());
  const messages: { topic: string; payload: Buffer }[] = [];
  const { newest, client } = await board.subscribe('#', (topic, payload) =>
    messages.push({ topic, payload }),
  );
  const daemon = new Daemon({}, ['run', '--env-file', file.path]);
  board.defer(() => daemon.kill());
  return {
    daemon,
    client,
    newest,
    /** Everything that was published on a topic, oldest first. */
    of: (topic: string) =>
      messages.filter((one) => one.topic === topic).map(({ payload }) => payload.toString()),
    write: (next: Record<string, string>, more: string[] = []) => file.write({ ...base, ...next }, more),
    remove: () => rmSync(file.path),
    reload: () => file.reload(daemon),
    info: (): InfoPayload => JSON.parse(newest.get('ghostcam/board/info') ?? '{}'),
    state: (camera: string) => JSON.parse(newest.get(`ghostcam/board/${camera}/state`) ?? '{}').state,
  };
}

/** Process ids of the daemon's children whose command line has this text. */
function children(daemon: Daemon, text: string): string[] {
  const list = execFileSync('sh', ['-c', `ps -o pid=,args= --ppid ${daemon.pid} || true`], {
    encoding: 'utf8',
  });
  return list
    .split('\n')
    .filter((line) => line.includes(text))
    .map((line) => line.trim().split(' ')[0] as string);
}

test('what is live leaves ffmpeg alone, what is not restarts its camera alone, and cameras come and go', async () => {
  const settings = { CAMERAS: 'front,back', CAMERA_URL: 'test:', CAMERA_FPS: '2', CAMERA_MOTION: 'false' };
  const { daemon, client, newest, of, write, reload, info, state } = await start(settings);
  await vi.waitFor(() => expect([state('front'), state('back')]).toEqual(['online', 'online']), SOON);
  const discovery = (camera: string) => `homeassistant/device/ghostcam_board_${camera}/config`;
  await vi.waitFor(() => expect(newest.get(discovery('front'))).toBeDefined(), SOON);
  const ffmpeg = () => children(daemon, 'ffmpeg').sort();
  const before = ffmpeg();
  expect(before).toHaveLength(2);
  expect(info().settings).toEqual({ readAt: info().startedAt, needsRestart: [] });

  const live = {
    ...settings,
    ...{
      CAMERA_FRONT_THRESHOLD: '0.6',
      CAMERA_FRONT_ZONES: 'door: 0,0 1,0 1,1',
      CAMERA_FRONT_TITLE: 'Front door',
    },
    ...{
      CAMERA_FRONT_MASKS: 'person: 0,0 1,0 1,1',
      CAMERA_FRONT_LABELS: 'person,cat',
      CAMERA_FRONT_MOTION: 'true',
    },
    ...{
      CAMERA_FRONT_PRIVACY: '0,0 0.5,0 0.5,1',
      CAMERA_FRONT_FILTERS: 'person: area 0.1..',
      LOG_LEVEL: 'debug',
    },
  };
  write(live);
  expect(await reload()).toMatch(
    /INFO.* settings reloaded: camera front updated \(THRESHOLD, LABELS, FILTERS, ZONES, MASKS, PRIVACY, MOTION, TITLE\); LOG_LEVEL updated/,
  );
  await vi.waitFor(() => expect(newest.get(discovery('front'))).toMatch('"name":"Front door"'), SOON);
  await vi.waitFor(() => expect(newest.get('ghostcam/board/front/threshold/state')).toBe('0.6'), SOON);
  await vi.waitFor(() => expect(newest.get('ghostcam/board/front/dog/count')).toBe(''), SOON);
  expect(newest.get('ghostcam/board/front/cat/count')).toBe('0');
  await vi.waitFor(() => expect(newest.get('ghostcam/board/front/motion')).toMatch(/O(N|FF)/), SOON);
  expect(JSON.parse(newest.get(discovery('front')) ?? '{}').cmps).not.toHaveProperty('dog_count');
  expect(ffmpeg()).toEqual(before);

  // By command and retained: it stands above the env file, as at a start.
  await client.publishAsync('ghostcam/board/back/threshold/set', '0.9', { retain: true, qos: 1 });
  await vi.waitFor(() => expect(newest.get('ghostcam/board/back/threshold/state')).toBe('0.9'), SOON);
  write({
    ...live,
    CAMERA_FRONT_FPS: '3',
    CAMERA_BACK_THRESHOLD: '0.4',
    MODEL: 'yolov8n-ghostnetv2-448',
    THREADS: '2',
  });
  const log = await reload();
  expect(log).toMatch('camera front restarted (FPS); camera back updated (THRESHOLD)');
  await vi.waitFor(
    () => expect(daemon.output).toMatch(/WARN.*in effect after a restart of ghostcam: MODEL, THREADS/),
    SOON,
  );
  await vi.waitFor(() => expect(info().settings.needsRestart).toEqual(['MODEL', 'THREADS']), SOON);
  await vi.waitFor(() => expect(ffmpeg().filter((pid) => before.includes(pid))).toHaveLength(1), SOON);
  await vi.waitFor(() => expect(ffmpeg()).toHaveLength(2), SOON);
  await vi.waitFor(() => expect(of('ghostcam/board/back/threshold/state').at(-1)).toBe('0.9'), SOON);
  expect(newest.get('ghostcam/board/front/fps/state')).toBe('3');

  write({ ...settings, CAMERAS: 'front,yard', CAMERA_YARD_FPS: '1' });
  expect(await reload()).toMatch(/camera yard added; camera back removed/);
  await vi.waitFor(() => expect([state('front'), state('yard')]).toEqual(['online', 'online']), SOON);
  expect(JSON.parse(newest.get('ghostcam/board/back/state') ?? '')).toMatchObject({
    state: 'offline',
    removedAt: expect.any(String),
  });
  // Its entities are kept for a grace.
  expect(newest.get(discovery('back'))).toMatch(/^{/);
  await vi.waitFor(() => expect(newest.get(discovery('yard'))).toMatch(/^{/), SOON);
  expect(info()).toMatchObject({ cameras: ['front', 'yard'], settings: { needsRestart: [] } });
  expect(ffmpeg()).toHaveLength(2);
  await client.publishAsync('ghostcam/board/back/enabled/set', 'ON', { qos: 1 });
  await vi.waitFor(() => expect(daemon.output).toMatch(/command refused: there is no such camera/), SOON);

  write(settings);
  await reload();
  await vi.waitFor(() => expect([state('front'), state('back')]).toEqual(['online', 'online']), SOON);
  expect(await daemon.stop('SIGTERM')).toEqual({ code: 0, signal: null });
});

test('a mistake changes nothing: all of them are in the log and in info, once; a file that is gone is one', async () => {
  const settings = { CAMERAS: 'front', CAMERA_URL: 'test:', CAMERA_FPS: '2' };
  const { daemon, write, remove, reload, info, state } = await start(settings);
  await vi.waitFor(() => expect(state('front')).toBe('online'), SOON);
  const before = children(daemon, 'ffmpeg');
  const wrong = {
    ...settings,
    CAMERA_FRONT_FPS: '999',
    CAMERA_FRONT_LABELS: 'persn',
    CAMERA_FRONT_TITLE: 'T',
  };
  write(wrong, ['THREDS=2']);
  const log = await reload();
  const mistakes = [/THREDS.*did you mean THREADS/, /CAMERA_FRONT_FPS.*received "999"/, /no label "persn"/];
  for (const mistake of mistakes) expect(log.match(new RegExp(mistake, 'g'))).toHaveLength(1);
  expect(log).toMatch(/ERROR.*settings not reloaded, those of before hold: 3 mistakes/);
  await vi.waitFor(() => expect(info().settings.refused).toBeDefined(), SOON);
  expect(info().settings.refused?.mistakes).toEqual(
    mistakes.map((mistake) => expect.stringMatching(mistake)),
  );
  expect(mistakesIn('info', JSON.stringify(info()))).toBeUndefined();
  expect(children(daemon, 'ffmpeg')).toEqual(before);
  remove();
  expect(await reload()).toMatch(/not reloaded.*\n.*ghostcam.env: cannot be read \(ENOENT\)/);
  expect(children(daemon, 'ffmpeg')).toEqual(before);
  write(settings);
  expect(await reload()).toMatch(/settings reloaded: nothing has changed/);
  await vi.waitFor(() => expect(info().settings).not.toHaveProperty('refused'), SOON);
});

test('without an env file there is nothing to read, and a hangup before the start is over is no end', async () => {
  const daemon = board.daemon({ CAMERAS: 'front', CAMERA_URL: 'test:', LOG_LEVEL: 'debug' });
  await vi.waitFor(() => expect(daemon.output).toMatch(/INFO: ghostcam/), { ...SOON, interval: 1 });
  process.kill(daemon.pid, 'SIGHUP');
  await vi.waitFor(() => expect(daemon.output).toMatch(/WARN.*no env file to read anew/), SOON);
  await vi.waitFor(() => expect(daemon.output).toMatch(/camera front is online/), SOON);
  expect(await daemon.stop('SIGTERM')).toEqual({ code: 0, signal: null });
});

test('a terminal that is closed ends the program in order', async () => {
  const { newest } = await board.subscribe();
  const script = `
import os, pty, sys, time
pid, terminal = pty.fork()
if pid == 0:
    os.execvpe(sys.argv[1], sys.argv[1:], os.environ)
text = b""
while b"is online" not in text:
    text += os.read(terminal, 4096)
os.close(terminal)
print("status", os.waitpid(pid, 0)[1], flush=True)
`;
  const environment = { NODE_ID: 'board', MQTT_URL: board.broker.url, CAMERAS: 'front', CAMERA_URL: 'test:' };
  const assignments = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  const command = ['env', ...assignments, process.execPath, '--', PROGRAM, 'run'];
  const terminal = new Child('python3', ['-c', script, ...command]);
  board.defer(() => terminal.stop('SIGKILL'));
  await terminal.outputMatch(/status 0\n/);
  await vi.waitFor(() => expect(newest.get('ghostcam/board/state')).toBe('offline'), SOON);
  expect(newest.get('ghostcam/board/front/state')).toMatch(/ghostcam was stopped/);
});

test('a private area is black in every picture from the moment that it is read, and earlier ones go', async () => {
  const clip = await clipOfStill('test/fixtures/photos/camera.png', { width: 1080, height: 1080 });
  const settings = {
    CAMERAS: 'front',
    CAMERA_URL: clip,
    CAMERA_LABELS: 'person',
    CAMERA_SNAPSHOT_DRAW: 'none',
  };
  const { newest, write, reload, of } = await start(settings);
  const topic = 'ghostcam/board/front/person/snapshot';
  const pictures: Buffer[] = [];
  const late = await board.subscribe(topic, (_, payload) => pictures.push(payload));
  await vi.waitFor(() => expect(pictures).toHaveLength(1), SOON);
  // The right half of the picture of a man with a camera: he stands at its left.
  write({ ...settings, CAMERA_FRONT_PRIVACY: '0.6,0 1,0 1,1 0.6,1' });
  await reload();
  await vi.waitFor(() => expect(newest.get(topic)).toBe(''), SOON);
  const known = of(topic).length;
  write({ ...settings, CAMERA_FRONT_PRIVACY: '0.6,0 1,0 1,1 0.6,1', CAMERA_FRONT_FPS: '6' });
  await reload();
  await vi.waitFor(() => expect(of(topic).length).toBeGreaterThan(known), SOON);
  const { data, info } = await sharp(pictures.at(-1)).greyscale().raw().toBuffer({ resolveWithObject: true });
  /** The brightest pixel between two shares of the width. */
  const brightest = (from: number, to: number) =>
    data.reduce((most, value, index) => {
      const x = ((index % info.width) + 0.5) / info.width;
      return x >= from && x < to ? Math.max(most, value) : most;
    }, 0);
  // JPEG rings beside the edge; further in, black is black.
  expect(brightest(0.62, 1)).toBeLessThanOrEqual(2);
  expect(brightest(0.6, 1)).toBeLessThanOrEqual(24);
  expect(brightest(0, 0.58)).toBeGreaterThan(100);
  await late.client.endAsync(true);
}, 120_000);

/** Values that are valid, of settings that are taken at once and of those that restart a camera; and lines that are not valid. */
const VALUES: Record<string, readonly string[]> = {
  THRESHOLD: ['0.3', '0.45', '0.6'],
  LABELS: ['person', 'person,car', 'person,car,dog'],
  FILTERS: ['none', 'person: area 0.001..0.9', '*: aspect 0.1..9'],
  ZONES: ['none', 'a: 0,0 0.5,0 0.5,1 0,1', 'a: 0,0 0.5,0 0.5,1 0,1; b 1s: 0.5,0 1,0 1,1 0.5,1'],
  MASKS: ['none', '0,0 1,0 1,0.2 0,0.2', 'person: 0.5,0 1,0 1,0.5; motion: 0,0.5 0.5,1 0,1'],
  PRIVACY: ['none', '0,0 0.3,0 0.3,0.4 0,0.4', '100,100 300,100 200,300'],
  MOTION: ['true', 'false'],
  MOTION_AREA: ['0.0005', '0.01'],
  IDLE_INTERVAL: ['1', '10'],
  SNAPSHOT_DRAW: ['none', 'box,zones,masks,time'],
  TITLE: ['A camera', 'Another camera'],
  ENABLED: ['true', 'true', 'false'],
  DETECT: ['true', 'true', 'false'],
  FPS: ['2', '3', '4'],
  TRANSPORT: ['tcp', 'udp'],
  SNAPSHOT: ['true', 'false'],
  FRAME_HEIGHT: ['360', '720'],
  REGIONS: ['true', 'false'],
  STALL_TIMEOUT: ['8', '10'],
};
const NODE_VALUES: Record<string, readonly string[]> = {
  LOG_LEVEL: ['info', 'debug'],
  MAX_FRAME_AGE_MS: ['1500', '2000'],
  MODEL: ['yolov8n-ghostnetv2-320', 'yolov8n-ghostnetv2-448'],
  THREADS: ['1', '2'],
};
const MISTAKES: readonly [line: string, told: RegExp][] = [
  ['CAMERA_FPS=0', /CAMERA_FPS .*received "0"/],
  ['CAMERA_STEADY_FSP=3', /CAMERA_STEADY_FSP .*did you mean CAMERA_STEADY_FPS/],
  ['CAMERA_STEADY_LABELS=persn', /the model has no label "persn"/],
  ['CAMERA_STEADY_ZONES=door: 0,0 1,0', /zone door has 2/],
  ['CAMERA_STEADY_PRIVACY=everything', /private area 1 has "everything"/],
  ['a line that is none', /not a NAME=value line/],
  ['CAMERA_TLS_CA="/etc', /CAMERA_TLS_CA .*quote that opens its value is not closed/],
  ['PROVIDER=gpu', /PROVIDER .*second time/],
];

test('random edits of the env file: it never stops, and an unchanged camera loses nothing', async () => {
  const clip = await pedestrians();
  const [steady, other] = await Promise.all([
    RtspServer.start({ clip, user: 'steady' }),
    RtspServer.start({ clip }),
  ]);
  // ffmpeg is given the address of a relay, with the camera's user name.
  const ofSteady = () => children(daemon, '//steady:');
  for (const server of [steady, other]) board.defer(() => server.stop());
  const random = seededRandom(SEED);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const base = {
    ...{ CAMERA_STEADY_URL: steady.url(), CAMERA_STEADY_MOTION: 'false', CAMERA_STEADY_FPS: '2' },
    // None of the cameras reads its settings as a default of all, which would change this one as well.
    ...{ CAMERA_FRONT_URL: other.url(), CAMERA_BACK_URL: other.url() },
  };
  const names = new Set(['steady', 'front', 'back']);
  const settings = new Map<string, string>();
  const current = () => {
    const ofCameras = [...settings].filter(([name]) => {
      const camera = /^CAMERA_(FRONT|BACK)_/.exec(name)?.[1]?.toLowerCase();
      return camera === undefined || names.has(camera);
    });
    const urls = Object.entries(base).filter(([name]) =>
      names.has((name.split('_')[1] as string).toLowerCase()),
    );
    return { CAMERAS: [...names].join(','), ...Object.fromEntries([...urls, ...ofCameras]) };
  };
  const { daemon, of, write, reload, info, state, newest } = await start(current());
  const events: EventPayload[] = [];
  await board.subscribe('ghostcam/+/+/events', (_, payload) => events.push(JSON.parse(payload.toString())));
  await vi.waitFor(
    () => expect(['steady', 'front', 'back'].map(state)).toEqual(Array(3).fill('online')),
    SOON,
  );
  const [mine, ...more] = ofSteady();
  expect([mine, more]).toEqual([expect.any(String), []]);

  for (let edit = 0; edit < EDITS; edit++) {
    const where = `seed ${SEED}, edit ${edit}`;
    for (let change = 0; change <= 3 * random(); change++) {
      const kind = random();
      const camera = pick(['front', 'back']);
      if (kind < 0.15) {
        if (!names.delete(camera)) names.add(camera);
      } else if (kind < 0.25) {
        const name = pick(Object.keys(NODE_VALUES));
        settings.set(name, pick(NODE_VALUES[name] ?? []));
      } else {
        const name = pick(Object.keys(VALUES));
        settings.set(`CAMERA_${camera.toUpperCase()}_${name}`, pick(VALUES[name] ?? []));
      }
    }
    const wrong = random() < 0.3 ? [...new Set([pick(MISTAKES), pick(MISTAKES)])] : [];
    write(
      current(),
      wrong.map(([line]) => line),
    );
    const log = await reload();
    for (const [line, told] of wrong)
      expect(log.match(new RegExp(told, 'g')), `${where}: ${line}`).toHaveLength(1);
    expect(log.includes('settings reloaded'), `${where}: ${log}`).toBe(wrong.length === 0);
    await vi.waitFor(() => {
      expect(info().settings.refused?.mistakes.length ?? 0, where).toBe(wrong.length);
      if (wrong.length === 0) expect(info().cameras.sort(), where).toEqual([...names].sort());
    }, SOON);
    expect(ofSteady(), where).toEqual([mine]);
    expect(daemon.output, where).not.toMatch(/bug in ghostcam/);
    if (random() < 0.3) await new Promise((resolve) => setTimeout(resolve, 2000 * random()));
  }

  for (const camera of ['front', 'back']) names.add(camera);
  for (const camera of ['FRONT', 'BACK']) {
    settings.set(`CAMERA_${camera}_ENABLED`, 'true');
    settings.set(`CAMERA_${camera}_DETECT`, 'true');
  }
  write(current());
  await reload();
  await vi.waitFor(
    () => expect(['steady', 'front', 'back'].map(state)).toEqual(Array(3).fill('online')),
    SOON,
  );
  const frames = of('ghostcam/board/front/detections').length;
  await vi.waitFor(() => expect(of('ghostcam/board/front/detections').length).toBeGreaterThan(frames), SOON);

  // Of the camera that nobody has changed: one life, one state, one announcement, and every frame accounted for.
  const states = of('ghostcam/board/steady/state').map((text) => JSON.parse(text).state);
  expect(states.filter((text) => text === 'online')).toHaveLength(1);
  expect(of('homeassistant/device/ghostcam_board_steady/config')).toHaveLength(1);
  const sequences = of('ghostcam/board/steady/detections').map(
    (text) => (JSON.parse(text) as DetectionsPayload).sequence,
  );
  expect(sequences).toEqual([...new Set(sequences)].sort((a, b) => a - b));
  const missing = (sequences.at(-1) as number) - (sequences[0] as number) + 1 - sequences.length;
  const reports = of('ghostcam/board/health').length;
  await vi.waitFor(() => expect(of('ghostcam/board/health').length).toBeGreaterThan(reports), SOON);
  const { dropped, restarts } = (JSON.parse(newest.get('ghostcam/board/health') ?? '{}') as HealthPayload)
    .cameras.steady as HealthPayload['cameras'][string];
  expect(missing).toBeLessThanOrEqual(dropped.replaced + dropped.stale);
  expect([restarts, dropped.failed]).toEqual([{ ended: 0, stalled: 0, resized: 0 }, 0]);

  expect(await daemon.stop('SIGTERM')).toEqual({ code: 0, signal: null });
  await vi.waitFor(() => expect(brokenLives(events)).toEqual([]), SOON);
  expect(children(daemon, 'ffmpeg')).toEqual([]);
}, 600_000);

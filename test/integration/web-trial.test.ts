/** Areas that are tried on a camera: at once, said in info, and until the settings are read anew. */
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { EventPayload, InfoPayload } from '../../src/mqtt/payloads.js';
import type { EventsAnswer } from '../../src/web/api.js';
import { mistakesInAnswer } from '../support/api.js';
import { Board } from '../support/board.js';
import { EnvFile } from '../support/env-file.js';
import { pedestrians } from '../support/footage.js';
import { Daemon } from '../support/ghostcam.js';
import { basic, Page, SOON } from '../support/page.js';
import { freeTcpPort } from '../support/ports.js';
import { mistakesIn } from '../support/schemas.js';

const PASSWORD = 'a long password';
const AUTHORIZED = basic(PASSWORD);
const TRIAL = '/api/cameras/front/trial';
const LINES = 'CAMERA_FRONT_ZONES=lawn: 0,0 1,0 1,1 0,1\nCAMERA_FRONT_MASKS=cow: 0,0 0.1,0 0.1,0.1';

let board: Board;
beforeEach(async () => {
  board = await Board.start();
});
afterEach(() => board.dispose());

async function start() {
  const port = await freeTcpPort();
  const settings = {
    ...{ NODE_ID: 'board', MQTT_URL: board.broker.url, PROVIDER: 'cpu' },
    ...{ WEB: `127.0.0.1:${port}`, WEB_PASSWORD: PASSWORD },
    ...{ CAMERAS: 'front,back', CAMERA_FRONT_URL: await pedestrians(), CAMERA_BACK_URL: 'test:' },
    CAMERA_FRONT_ZONES: 'path: 0,0.4 1,0.4 1,1 0,1',
  };
  const file = new EnvFile(settings);
  board.defer(async () => file[Symbol.dispose]());
  const events: EventPayload[] = [];
  const { newest } = await board.subscribe('#', (topic, payload) => {
    if (topic === 'ghostcam/board/front/events') events.push(JSON.parse(payload.toString()));
  });
  const daemon = new Daemon({}, ['run', '--env-file', file.path]);
  board.defer(() => daemon.kill());
  const page = await Page.of(port, daemon);
  return {
    ...{ page, daemon, file, settings, newest, events },
    info: (): InfoPayload => JSON.parse(newest.get('ghostcam/board/info') ?? '{}'),
    front: async () => (await page.cameras(AUTHORIZED)).cameras.find(({ name }) => name === 'front'),
    attempt: (lines: string, headers: Record<string, string> = AUTHORIZED) =>
      page.post(TRIAL, { lines }, headers),
  };
}

test('lines hold at once, info and the API say so, the file is as it was, and a reload goes back to it', async () => {
  const { page, daemon, file, newest, events, info, front, attempt } = await start();
  const written = readFileSync(file.path, 'utf8');
  expect((await attempt(LINES)).status).toBe(204);
  const variables = ['CAMERA_FRONT_ZONES', 'CAMERA_FRONT_MASKS'];
  await vi.waitFor(() => expect(info().settings.trial?.variables).toEqual(variables), SOON);
  expect(mistakesIn('info', JSON.stringify(info()))).toBeUndefined();
  expect(await front()).toMatchObject({
    zones: [{ name: 'lawn' }],
    masks: [{ only: ['cow'] }],
    trial: variables,
  });
  const after = events.length;
  await vi.waitFor(() => {
    expect(events.slice(after).some(({ enteredZones }) => enteredZones.includes('lawn'))).toBe(true);
    expect(newest.get('ghostcam/board/front/zones/lawn/person/count')).toMatch(/^\d+$/);
    expect(newest.get('homeassistant/device/ghostcam_board_front/config')).toContain('lawn');
  }, SOON);
  const line = /INFO: tried on camera front until the settings are read anew: CAMERA_FRONT_ZONES, /;
  await vi.waitFor(() => expect(daemon.output).toMatch(line), SOON);
  expect(readFileSync(file.path, 'utf8')).toBe(written);
  expect(await file.reload(daemon)).toMatch(/settings reloaded: camera front updated \(ZONES, MASKS\)/);
  await vi.waitFor(() => expect(info().settings).not.toHaveProperty('trial'), SOON);
  expect(await front()).toMatchObject({ zones: [{ name: 'path' }], masks: [], trial: [] });
  expect((await page.get('/api/cameras', AUTHORIZED)).status).toBe(200);
});

test('it is ended by hand, one camera at a time; a file that is refused leaves it', async () => {
  const { page, daemon, file, settings, info, front, attempt } = await start();
  await attempt(LINES);
  await page.post('/api/cameras/back/trial', { lines: 'CAMERA_BACK_PRIVACY=0,0 1,0 1,1' }, AUTHORIZED);
  file.write({ ...settings, CAMERA_FRONT_FPS: '999' });
  expect(await file.reload(daemon)).toMatch(/not reloaded/);
  await vi.waitFor(() => {
    const { trial, refused } = info().settings;
    expect(refused?.mistakes).toHaveLength(1);
    expect(trial?.variables).toEqual(['CAMERA_FRONT_ZONES', 'CAMERA_FRONT_MASKS', 'CAMERA_BACK_PRIVACY']);
  }, SOON);
  expect((await page.delete(TRIAL, AUTHORIZED)).status).toBe(204);
  await vi.waitFor(() => expect(info().settings.trial?.variables).toEqual(['CAMERA_BACK_PRIVACY']), SOON);
  expect(await front()).toMatchObject({ zones: [{ name: 'path' }], masks: [], trial: [] });
  // What is tried is what differs: lines that say what the file says are none.
  await page.post('/api/cameras/back/trial', { lines: 'CAMERA_BACK_PRIVACY=none' }, AUTHORIZED);
  await vi.waitFor(() => expect(info().settings).not.toHaveProperty('trial'), SOON);
});

test('a mistake is one clear message, and nothing has changed; who may not change settings may not try any', async () => {
  const { page, info, front, attempt } = await start();
  const before = await front();
  const wrong = await attempt('CAMERA_FRONT_ZONES=lawn: 0,0 1,0 1,1\nCAMERA_FRONT_MASKS=persn: 0,0 1,0 1,1');
  expect(wrong.status).toBe(422);
  const answer = JSON.parse(wrong.body.toString());
  expect(mistakesInAnswer('ErrorAnswer', answer)).toBeUndefined();
  expect(answer.error).toMatch(
    /^CAMERA_FRONT_MASKS \(the lines:2\): the model has no label "persn".*did you mean person\?$/,
  );
  expect((await attempt('MQTT_URL=mqtt://elsewhere')).status).toBe(422);
  expect((await attempt('x'.repeat(1 << 17))).status).toBe(413);
  expect((await page.post(TRIAL, { line: '' }, AUTHORIZED)).status).toBe(422);
  expect((await page.post('/api/cameras/gone/trial', { lines: LINES }, AUTHORIZED)).status).toBe(404);
  expect((await page.delete('/api/cameras/gone/trial', AUTHORIZED)).status).toBe(404);
  expect((await attempt(LINES, {})).status).toBe(401);
  expect((await page.delete(TRIAL)).status).toBe(401);
  const foreign = { ...AUTHORIZED, origin: 'http://elsewhere.example' };
  expect((await attempt(LINES, foreign)).status).toBe(403);
  expect((await page.delete(TRIAL, foreign)).status).toBe(403);
  const same = ({ zones, masks, trial }: NonNullable<typeof before>) => ({ zones, masks, trial });
  expect(same((await front()) as NonNullable<typeof before>)).toEqual(
    same(before as NonNullable<typeof before>),
  );
  expect(info().settings).not.toHaveProperty('trial');
});

test('trials and reloads at the same time: what was asked for last holds', async () => {
  const { page, daemon, file, settings, front, attempt } = await start();
  for (let round = 0; round < 5; round++) {
    file.write({ ...settings, CAMERAS: round % 2 === 0 ? 'front' : 'front,back' });
    const reloaded = file.reload(daemon);
    const answers = await Promise.all(
      ['a', 'b', 'c'].map((name) => attempt(`CAMERA_FRONT_ZONES=${name}: 0,0 1,0 1,1`)),
    );
    expect(answers.map(({ status }) => status)).toEqual([204, 204, 204]);
    await reloaded;
    await attempt('CAMERA_FRONT_ZONES=last: 0,0 1,0 1,1');
    expect(await front()).toMatchObject({ zones: [{ name: 'last' }], trial: ['CAMERA_FRONT_ZONES'] });
  }
  await page.delete(TRIAL, AUTHORIZED);
  expect(await front()).toMatchObject({ zones: [{ name: 'path' }], trial: [] });
  expect(daemon.output).not.toMatch(/bug in ghostcam/);
});

test('when other areas are private, pictures of before are gone from the page too', async () => {
  const { page, attempt } = await start();
  const pictured = async () => {
    const { body } = await page.get('/api/events', AUTHORIZED);
    return (JSON.parse(body.toString()) as EventsAnswer).events.filter(({ picture }) => picture);
  };
  const [event] = await vi.waitFor(async () => {
    const found = await pictured();
    expect(found.length).toBeGreaterThan(0);
    return found;
  }, SOON);
  const picture = `/api/events/${event?.id}/snapshot.jpg`;
  const old = (await page.get(picture, AUTHORIZED)).body;
  await attempt('CAMERA_FRONT_PRIVACY=0,0 0.5,0 0.5,1 0,1');
  const now = await page.get(picture, AUTHORIZED);
  // The object may have been seen again meanwhile.
  if (now.status === 200) expect(now.body.equals(old)).toBe(false);
  else expect(now.status).toBe(404);
});

/** The API of the page: the real daemon, real footage, and what its answers are held to. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { EventsAnswer } from '../../src/web/api.js';
import { mistakesInAnswer } from '../support/api.js';
import { Board } from '../support/board.js';
import { type Answer, Page, SOON } from '../support/page.js';

let board: Board;
let page: Page;
let topics: Map<string, string>;

beforeAll(async () => {
  board = await Board.start();
  topics = (await board.subscribe()).newest;
  page = await Page.start(board, {
    CAMERAS: 'front,off',
    CAMERA_FRONT_URL: resolve('assets/demo/footage.mp4'),
    CAMERA_FRONT_TITLE: 'Front door',
    CAMERA_FRONT_ZONES: 'room: 0,0 1,0 1,1 0,1',
    CAMERA_OFF_URL: 'test:',
    CAMERA_OFF_ENABLED: 'false',
    WEB_DETECT: 'true',
  });
  await vi.waitFor(
    async () => expect((await events()).events.some(({ picture }) => picture)).toBe(true),
    SOON,
  );
});
afterAll(() => board.dispose());

const parse = ({ body }: Answer) => JSON.parse(body.toString());
const events = async (query = ''): Promise<EventsAnswer> => parse(await page.get(`/api/events${query}`));
const size = async ({ body }: Answer) => {
  const { format, width, height } = await sharp(body).metadata();
  return { format, width, height };
};

test('cameras as they are', async () => {
  const answer = await page.cameras();
  expect(mistakesInAnswer('CamerasAnswer', answer)).toBeUndefined();
  expect(answer).toMatchObject({
    node: 'board',
    cameras: [
      {
        name: 'front',
        title: 'Front door',
        state: { state: 'online' },
        settings: { enabled: true, detect: true, threshold: 0.3, fps: 5 },
        size: { width: 640, height: 360 },
        zones: [{ name: 'room' }],
      },
      { name: 'off', title: 'Off', state: { state: 'disabled' }, settings: { enabled: false } },
    ],
  });
});

test('events as they were published, with their pictures', async () => {
  const answer = await events('?camera=front&limit=1');
  expect(mistakesInAnswer('EventsAnswer', answer)).toBeUndefined();
  const [event] = answer.events;
  expect(event).toMatchObject({ camera: 'front', enteredZones: ['room'] });
  const published = JSON.parse(topics.get('ghostcam/board/front/events') ?? '{}');
  expect((await events()).events.map(({ id }) => id)).toContain(published.id);
  const pictured = (await events()).events.find(({ picture }) => picture);
  const picture = await page.get(`/api/events/${pictured?.id}/snapshot.jpg`);
  expect(picture.headers['content-type']).toBe('image/jpeg');
  expect(await size(picture)).toEqual({ format: 'jpeg', width: 640, height: 360 });
});

test('events are found by time, label and zone', async () => {
  const { events: all } = await events();
  const newest = all[0]?.at as string;
  expect((await events(`?since=${newest}`)).events.length).toBeGreaterThan(0);
  expect((await events(`?since=${Date.now() + 60_000}`)).events).toEqual([]);
  expect((await events('?label=cow')).events).toEqual([]);
  expect((await events('?zone=room')).events.length).toBeGreaterThan(0);
  expect((await events('?zone=street')).events).toEqual([]);
});

test.each(['?since=yesterday', '?limit=0', '?limit=many'])(
  'a query that makes no sense is refused: %s',
  async (query) => {
    const answer = await page.get(`/api/events${query}`);
    expect(answer.status).toBe(400);
    expect(mistakesInAnswer('ErrorAnswer', parse(answer))).toBeUndefined();
  },
);

test('the latest picture, with and without boxes', async () => {
  const [plain, drawn] = await Promise.all([
    page.get('/api/cameras/front/latest.jpg'),
    page.get('/api/cameras/front/latest.jpg?boxes=1'),
  ]);
  expect(await size(plain)).toEqual({ format: 'jpeg', width: 640, height: 360 });
  expect(await size(drawn)).toEqual({ format: 'jpeg', width: 640, height: 360 });
  const colourful = async ({ body }: Answer) => (await sharp(body).stats()).channels.map(({ mean }) => mean);
  expect(await colourful(plain)).not.toEqual(await colourful(drawn));
});

test('a camera that is off, or not there, has no picture', async () => {
  const off = await page.get('/api/cameras/off/latest.jpg');
  expect([off.status, parse(off).error]).toEqual([503, 'no picture came: the camera is disabled']);
  const none = await page.get('/api/cameras/back/latest.jpg');
  expect([none.status, parse(none).remedy]).toEqual([404, 'one of front, off']);
});

test('settings are changed as by a command of MQTT', async () => {
  expect((await page.post('/api/cameras/front/settings', { threshold: 0.4, detect: false })).status).toBe(
    204,
  );
  await vi.waitFor(() => {
    expect(topics.get('ghostcam/board/front/threshold/state')).toBe('0.4');
    expect(topics.get('ghostcam/board/front/detect/state')).toBe('OFF');
  }, SOON);
  expect((await page.cameras()).cameras[0]?.settings).toMatchObject({ threshold: 0.4, detect: false });
  await page.post('/api/cameras/front/settings', { threshold: 0.3, detect: true });
  await vi.waitFor(() => expect(topics.get('ghostcam/board/front/detect/state')).toBe('ON'), SOON);
});

test.each([
  [422, { threshold: 2 }],
  [422, { threshold: '0.4' }],
  [422, { brightness: 1 }],
  [400, '{'],
])('a setting that makes no sense changes nothing: %i %j', async (status, body) => {
  const answer = await page.post('/api/cameras/front/settings', body);
  expect(answer.status).toBe(status);
  expect(mistakesInAnswer('ErrorAnswer', parse(answer))).toBeUndefined();
  expect((await page.cameras()).cameras[0]?.settings.threshold).toBe(0.3);
});

test('metrics that promtool finds nothing wrong with, and that count', async () => {
  const numberIn = (text: string, line: string) =>
    Number(
      text
        .split('\n')
        .find((each) => each.startsWith(`${line} `))
        ?.split(' ')
        .at(-1),
    );
  const { metrics, headers } = await vi.waitFor(async () => {
    const { body, headers } = await page.get('/metrics');
    const metrics = body.toString();
    expect(numberIn(metrics, 'ghostcam_camera_frames_total{camera="front"}')).toBeGreaterThan(5);
    expect(numberIn(metrics, 'ghostcam_frame_age_seconds_count{camera="front"}')).toBeGreaterThan(1);
    expect(metrics).toMatch(/^ghostcam_events_total\{camera="front",label="\w+"\} [1-9]/m);
    return { metrics, headers };
  }, SOON);
  const value = (line: string) => numberIn(metrics, line);
  expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
  const { stderr, status } = spawnSync('promtool', ['check', 'metrics'], {
    input: metrics,
    encoding: 'utf8',
  });
  expect([stderr, status]).toEqual(['', 0]);
  expect(value('ghostcam_camera_frames_inferred_total{camera="front"}')).toBeGreaterThan(1);
  expect(
    value('ghostcam_inference_stage_duration_seconds_count{camera="front",stage="infer"}'),
  ).toBeGreaterThan(1);
  expect(value('ghostcam_camera_online{camera="front"}')).toBe(1);
  expect(value('ghostcam_camera_online{camera="off"}')).toBe(0);
  expect(value('ghostcam_mqtt_connected')).toBe(1);
  // What never happened is 0, so that the first event is an increase.
  expect(value('ghostcam_events_total{camera="front",label="truck"}')).toBe(0);
  expect(metrics).toMatch(/^ghostcam_build_info\{version="[^"]+",runtime="1\.[^"]+",provider="cpu"/m);
});

async function detect(
  fields: Record<string, string | Blob>,
): Promise<{ status: number; answer: Record<string, unknown> }> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  const response = await fetch(`${page.url}v1/vision/detection`, { method: 'POST', body: form });
  return { status: response.status, answer: (await response.json()) as Record<string, unknown> };
}

test('objects in a picture that another program sends', async () => {
  const image = new Blob([readFileSync('assets/doctor/photo.jpg')]);
  const { status, answer } = await detect({ image, min_confidence: '0.6' });
  expect(status).toBe(200);
  expect(mistakesInAnswer('DetectionAnswer', answer)).toBeUndefined();
  expect(answer).toMatchObject({ success: true, count: 1, predictions: [{ label: 'person' }] });
});

test('four of them at a time, and a refusal of the others', async () => {
  const image = new Blob([readFileSync('assets/doctor/photo.jpg')]);
  const all = await Promise.all(Array.from({ length: 12 }, () => detect({ image })));
  const statuses = all.map(({ status }) => status);
  expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(1);
  expect([...new Set(statuses)].every((status) => status === 200 || status === 503)).toBe(true);
  for (const { status, answer } of all) {
    expect(mistakesInAnswer(status === 200 ? 'DetectionAnswer' : 'DetectionError', answer)).toBeUndefined();
  }
});

test.each([
  ['no picture', { min_confidence: '0.5' }],
  ['no number', { image: new Blob([readFileSync('assets/doctor/photo.jpg')]), min_confidence: 'high' }],
  ['no image', { image: new Blob(['noise']) }],
])('a form with %s is refused', async (_, fields) => {
  const { status, answer } = await detect(fields);
  expect(status).toBe(400);
  expect(mistakesInAnswer('DetectionError', answer)).toBeUndefined();
});

test('health fails while no frame is inferred', async () => {
  expect(parse(await page.get('/healthz'))).toEqual({ status: 'ok' });
  // The film that a camera is has no end, so its ffmpeg is taken away.
  const { stdout } = spawnSync('pgrep', ['-P', String(page.daemon.pid), 'ffmpeg'], { encoding: 'utf8' });
  process.kill(Number(stdout.trim()), 'SIGSTOP');
  await vi.waitFor(async () => {
    const answer = await page.get('/healthz');
    expect([answer.status, parse(answer)]).toEqual([503, { status: 'failing' }]);
  }, SOON);
  await page.post('/api/cameras/front/settings', { enabled: false });
  await vi.waitFor(async () => expect((await page.get('/healthz')).status).toBe(200), SOON);
});

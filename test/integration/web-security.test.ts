/** What strangers, other pages and programs gone wrong can do to the page: nothing. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import WebSocket from 'ws';
import { Board } from '../support/board.js';
import { ghostcam } from '../support/ghostcam.js';
import { type Answer, basic, Page, SOON } from '../support/page.js';

const PASSWORD = 'correct horse "battery" 1';
const CAMERA_PASSWORD = 'p@ss/word#1';
const BROKER_PASSWORD = 'broker-secret';

let board: Board;
let page: Page;

const environment = {
  CAMERAS: 'front,away',
  CAMERA_FRONT_URL: 'test:',
  CAMERA_AWAY_URL: 'rtsp://127.0.0.1:1/stream?token=abcdef123456',
  CAMERA_AWAY_USERNAME: 'viewer',
  CAMERA_AWAY_PASSWORD: CAMERA_PASSWORD,
  MQTT_USERNAME: 'ghostcam',
  MQTT_PASSWORD: BROKER_PASSWORD,
  WEB_PASSWORD: PASSWORD,
  WEB_HOSTS: 'cameras.example.org',
};

beforeAll(async () => {
  board = await Board.start({ users: { ghostcam: BROKER_PASSWORD } });
  page = await Page.start(board, environment);
});
afterAll(() => board.dispose());

const parse = ({ body }: Answer) => JSON.parse(body.toString());

async function login(): Promise<string> {
  const { status, headers } = await page.post('/login', { password: PASSWORD });
  expect(status).toBe(204);
  const [cookie = ''] = headers['set-cookie'] ?? [];
  expect(cookie).toMatch(/^ghostcam_session=[\w-]{43}; Max-Age=\d+; HttpOnly; SameSite=Strict$/);
  return cookie.split(';')[0] as string;
}

test('beyond loopback without a password is a mistake that check names; a short one is another', async () => {
  const { CAMERAS, CAMERA_FRONT_URL } = { CAMERAS: 'front', CAMERA_FRONT_URL: 'test:' };
  const open = await ghostcam(['check'], { CAMERAS, CAMERA_FRONT_URL, WEB: '0.0.0.0:8970' });
  expect(open.code).toBe(78);
  expect(open.stderr).toContain('WEB: 0.0.0.0 can be reached by other machines, and WEB_PASSWORD is not set');
  const short = await ghostcam(['check'], {
    CAMERAS,
    CAMERA_FRONT_URL,
    WEB: '0.0.0.0:8970',
    WEB_PASSWORD: '1234567',
  });
  expect(short.stderr).toContain('WEB_PASSWORD: shorter than 8 characters');
  expect(short.stderr + short.stdout).not.toContain('1234567');
});

test('without the password nothing that a camera sees', async () => {
  for (const path of [
    '/api/cameras',
    '/api/events',
    '/api/cameras/front/latest.jpg',
    '/api/events/x/snapshot.jpg',
    '/metrics',
  ]) {
    expect((await page.get(path)).status, path).toBe(401);
  }
  expect((await page.post('/api/cameras/front/settings', { detect: false })).status).toBe(401);
  expect((await page.get('/')).status).toBe(200);
});

test('a session from login to logout', async () => {
  const cookie = await login();
  expect((await page.get('/api/cameras', { cookie })).status).toBe(200);
  expect((await page.post('/logout', '', { cookie })).status).toBe(204);
  expect((await page.get('/api/cameras', { cookie })).status).toBe(401);
});

test('Basic for scripts, with any user name', async () => {
  expect((await page.get('/metrics', basic(PASSWORD))).status).toBe(200);
  const asked = await page.get('/metrics');
  expect(asked.headers['www-authenticate']).toMatch(/^Basic /);
  // The page shows its own form instead of the browser's.
  expect((await page.get('/metrics', { 'sec-fetch-mode': 'cors' })).headers['www-authenticate']).toBe(
    'Cookie',
  );
});

test.each([
  'evil.example',
  'evil.example:8970',
  'front.evil.example',
  `${'x'.repeat(300)}.example`,
  '<script>',
])('a Host that is none of ours is refused: %s', async (host) => {
  const { status, body } = await page.ask({ path: '/api/cameras', headers: { host, ...basic(PASSWORD) } });
  expect([400, 403]).toContain(status);
  expect(body.toString()).not.toContain('<script>');
});

test.each([
  'localhost',
  'raspberrypi',
  'raspberrypi.local:8970',
  '[::1]:8970',
  '192.168.1.5',
  'cameras.example.org',
])('a Host that nobody else can have is answered: %s', async (host) => {
  expect((await page.ask({ path: '/healthz', headers: { host } })).status).toBe(200);
});

test.each([
  ['https://evil.example', 403],
  ['null', 403],
  ['http://127.0.0.1:1', 403],
  ['https://cameras.example.org', 204],
])('a change that comes from %s is answered by %i', async (origin, status) => {
  const answer = await page.post('/api/cameras/front/settings', { fps: 5 }, { origin, ...basic(PASSWORD) });
  expect(answer.status).toBe(status);
});

test('a change that a browser calls foreign, or that is no JSON by its type, is refused', async () => {
  const foreign = await page.post(
    '/api/cameras/front/settings',
    {},
    { 'sec-fetch-site': 'cross-site', ...basic(PASSWORD) },
  );
  expect(foreign.status).toBe(403);
  const form = await page.post('/api/cameras/front/settings', '{}', {
    'content-type': 'text/plain',
    ...basic(PASSWORD),
  });
  expect(form.status).toBe(415);
});

async function closeCode(headers: Record<string, string>, path = 'live'): Promise<string> {
  const socket = new WebSocket(page.url.replace('http', 'ws') + path, { headers });
  const result = new Promise<string>((resolve) => {
    socket.on('open', () => resolve('open'));
    socket.on('error', ({ message }) => resolve(message));
  });
  try {
    return await result;
  } finally {
    socket.terminate();
  }
}

test('the WebSocket asks for the same', async () => {
  expect(await closeCode({})).toContain('401');
  expect(await closeCode({ ...basic(PASSWORD), origin: 'https://evil.example' })).toContain('403');
  expect(await closeCode({ ...basic(PASSWORD), host: 'evil.example' })).toContain('403');
  expect(await closeCode(basic(PASSWORD), 'other')).toContain('404');
  expect(await closeCode(basic(PASSWORD))).toBe('open');
});

test('a WebSocket ends with its session, and with nonsense', async () => {
  const cookie = await login();
  const socket = new WebSocket(`${page.url.replace('http', 'ws')}live`, { headers: { cookie } });
  await once(socket, 'open');
  const [[code]] = await Promise.all([once(socket, 'close'), page.post('/logout', '', { cookie })]);
  expect(code).toBe(1008);
  const other = new WebSocket(`${page.url.replace('http', 'ws')}live`, { headers: basic(PASSWORD) });
  await once(other, 'open');
  other.send('{"watch": {"front": 1000}}');
  expect((await once(other, 'close'))[0]).toBe(1008);
  const large = new WebSocket(`${page.url.replace('http', 'ws')}live`, { headers: basic(PASSWORD) });
  await once(large, 'open');
  large.send('x'.repeat(1 << 20));
  expect((await once(large, 'close'))[0]).toBe(1009);
});

test.each([
  '/../package.json',
  '/..%2fpackage.json',
  '/%2e%2e/%2e%2e/etc/passwd',
  '/page/../app.js',
  '//etc/passwd',
  '/main.js%00.html',
  '/main.ts',
  '/api/events/..%2f..%2fpackage.json/snapshot.jpg',
  '/api/cameras/..%2f..%2fetc%2fpasswd/latest.jpg',
])('no path from the disk: %s', async (path) => {
  const { status, body } = await page.ask({ path, headers: basic(PASSWORD) });
  expect(status).toBeGreaterThanOrEqual(400);
  expect(body.toString()).not.toMatch(/root:|"dependencies"/);
});

test('headers that keep scripts, frames and other hosts out', async () => {
  const { headers } = await page.get('/');
  expect(headers['content-security-policy']).toContain("script-src 'self';");
  expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
  expect(headers['content-security-policy']).not.toContain('unsafe');
  expect(headers['x-content-type-options']).toBe('nosniff');
  expect(headers['x-frame-options']).toBe('DENY');
  expect((await page.get('/api/cameras', basic(PASSWORD))).headers['cache-control']).toBe('no-store');
});

test('a huge header and a huge body are refused unread', async () => {
  // A server that does not read on may close before all is sent.
  const refusal = (answer: Promise<{ status: number }>) =>
    answer.then(
      ({ status }) => status,
      (error: NodeJS.ErrnoException) => error.code,
    );
  const header = { 'x-large': 'x'.repeat(100_000) };
  expect(['EPIPE', 'ECONNRESET', 431]).toContain(await refusal(page.get('/', header)));
  const body = `{"password": "${'x'.repeat(1 << 20)}"}`;
  expect(['EPIPE', 'ECONNRESET', 413]).toContain(await refusal(page.post('/login', body)));
});

async function open(): Promise<Socket> {
  const socket = connect(page.port, '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

test.each([
  ['that says nothing', ''],
  ['of half a header', 'GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: '],
  [
    'of half a body',
    'POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{',
  ],
])(
  'a connection %s is ended',
  async (_, text) => {
    const socket = await open();
    socket.write(text);
    socket.resume();
    await once(socket, 'close');
  },
  40_000,
);

test('1,000 connections: the daemon works on, and the page answers when they are gone', async () => {
  const { client, newest } = await board.subscribe('ghostcam/board/front/detections', () => {}, {
    username: 'ghostcam',
    password: BROKER_PASSWORD,
  });
  const sockets = await Promise.all(Array.from({ length: 1000 }, open));
  newest.clear();
  await vi.waitFor(() => expect(newest.size).toBe(1), SOON);
  for (const socket of sockets) socket.destroy();
  await vi.waitFor(async () => expect((await page.get('/healthz')).status).toBe(200), SOON);
  await client.endAsync(true);
});

test('no answer and no line of the log holds a secret', async () => {
  const auth = basic(PASSWORD);
  await vi.waitFor(async () => {
    const { cameras } = parse(await page.get('/api/cameras', auth));
    expect(cameras[1].state.reason).toBeDefined();
  }, SOON);
  const answers = await Promise.all(
    [
      '/',
      '/main.js',
      '/api/cameras',
      '/api/events',
      '/metrics',
      '/api/cameras/away/latest.jpg',
      '/healthz',
    ].map((path) => page.get(path, auth)),
  );
  const said = [
    page.daemon.output,
    ...answers.map(({ headers, body }) => JSON.stringify(headers) + body),
  ].join('\n');
  for (const secret of [PASSWORD, 'battery', CAMERA_PASSWORD, 'p@ss', 'abcdef123456', BROKER_PASSWORD]) {
    expect(said).not.toContain(secret);
  }
});

test('after a restart a session of before is none', async () => {
  const cookie = await login();
  await page.daemon.stop('SIGTERM');
  page = await Page.start(board, environment);
  expect((await page.get('/api/cameras', { cookie })).status).toBe(401);
});

test('guessing is slowed down, and a session goes on meanwhile', async () => {
  const cookie = await login();
  const statuses: number[] = [];
  for (let count = 0; count < 7; count++)
    statuses.push((await page.post('/login', { password: `guess ${count}` })).status);
  expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429]);
  const limited = await page.post('/login', { password: PASSWORD });
  expect([limited.status, Number(limited.headers['retry-after']) > 0]).toEqual([429, true]);
  expect((await page.get('/metrics', basic('guess'))).status).toBe(429);
  expect((await page.get('/api/cameras', { cookie })).status).toBe(200);
});

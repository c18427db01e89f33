/** What strangers, other pages and programs gone wrong can do to the page: nothing. */
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
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
  LOG_LEVEL: 'debug',
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
  'EVIL.EXAMPLE',
  'evil.example.',
  'front.evil.example',
  'localhost.evil.example',
  '127.0.0.1.evil.example',
  'cameras.example.org.evil.example',
  'xcameras.example.org',
  '.local',
  'localhost:8970:8970',
  'localhost@evil.example',
  'evil.example#localhost',
  'evil.example/localhost',
  '[::1].evil.example',
  '[evil.example]',
  `${'x'.repeat(300)}.example`,
  '<script>',
])('a Host that is none of ours is refused: %s', async (host) => {
  const { status, body } = await page.ask({ path: '/api/cameras', headers: { host, ...basic(PASSWORD) } });
  expect([400, 403]).toContain(status);
  expect(body.toString()).not.toContain('<script>');
});

test.each([
  'localhost',
  'LOCALHOST',
  'raspberrypi',
  'raspberrypi.local:8970',
  'RaspberryPi.Local',
  'board.home.arpa',
  '[::1]:8970',
  '[FE80::1]',
  '[::ffff:c0a8:105]:80',
  '192.168.1.5',
  '10.0.0.1:65535',
  'cameras.example.org',
  'Cameras.Example.ORG:443',
  'cameras.example.org.',
])('a Host that nobody else can have is answered: %s', async (host) => {
  expect((await page.ask({ path: '/healthz', headers: { host } })).status).toBe(200);
});

test.each([
  ['no Host', 'GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n'],
  ['no Host, as old clients', 'GET /healthz HTTP/1.0\r\n\r\n'],
  ['an empty Host', 'GET /healthz HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n'],
  [
    'two of them',
    'GET /healthz HTTP/1.1\r\nHost: evil.example\r\nHost: localhost\r\nConnection: close\r\n\r\n',
  ],
])('a request with %s is refused', async (_, request) => {
  expect(await rawAnswer(request)).toMatch(/^HTTP\/1\.1 40[03] /);
});

/** What is answered to bytes as they are. */
async function rawAnswer(request: string): Promise<string> {
  const socket = await open();
  let answer = '';
  socket.on('data', (data) => {
    answer += data.toString();
  });
  socket.write(request);
  await closed(socket);
  return answer;
}

/** @param from Of the request; HOST is the host and port that it is sent to. */
const settingsFrom = (from: Record<string, string>) => {
  const at = (text: string) =>
    text.replace('HOST', `127.0.0.1:${page.port}`).replace('PORT', String(page.port));
  const headers = Object.fromEntries(Object.entries(from).map(([name, value]) => [name, at(value)]));
  return page.post('/api/cameras/front/settings', { fps: 5 }, { ...headers, ...basic(PASSWORD) });
};

test.each([
  [{ origin: 'https://evil.example' }, 403],
  [{ origin: 'null' }, 403],
  [{ origin: 'file://' }, 403],
  [{ origin: 'http://127.0.0.1' }, 403],
  [{ origin: 'http://127.0.0.1:1' }, 403],
  [{ origin: 'http://localhost:PORT' }, 403],
  [{ origin: 'http://[::1]:PORT' }, 403],
  [{ origin: 'http://HOST.evil.example' }, 403],
  [{ origin: 'https://cameras.example.org.evil.example' }, 403],
  [{ origin: 'https://sub.cameras.example.org' }, 403],
  [{ 'sec-fetch-site': 'cross-site' }, 403],
  [{ 'sec-fetch-site': 'same-site' }, 403],
  [{ 'sec-fetch-site': 'same-origin' }, 204],
  [{}, 204],
  [{ origin: 'http://HOST' }, 204],
  [{ origin: 'HTTP://HOST' }, 204],
  [{ origin: 'http://[::1]:PORT', host: '[::1]:PORT' }, 204],
  [{ origin: 'http://localhost:PORT', host: 'LocalHost:PORT' }, 204],
  [{ origin: 'http://board.local', host: 'board.local:80' }, 204],
  [{ origin: 'https://board.local', host: 'board.local' }, 204],
  [{ origin: 'https://cameras.example.org' }, 204],
] as [Record<string, string>, number][])(
  'a change that comes from %j is answered by %i',
  async (from, status) => {
    expect((await settingsFrom(from)).status).toBe(status);
  },
);

test.each([
  ['POST', '/login'],
  ['POST', '/logout'],
  ['POST', '/api/cameras/front/trial'],
  ['DELETE', '/api/cameras/front/trial'],
  ['PUT', '/api/cameras'],
  ['PATCH', '/api/cameras/front/settings'],
])('%s %s by another page is refused', async (method, path) => {
  const headers = { origin: 'https://evil.example', 'content-type': 'application/json', ...basic(PASSWORD) };
  expect((await page.ask({ method, path, headers }, method === 'DELETE' ? undefined : '{}')).status).toBe(
    403,
  );
});

test('a change that is no JSON by its type is refused, so no form can make it', async () => {
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', '']) {
    const headers = { 'content-type': type, ...basic(PASSWORD) };
    expect((await page.post('/api/cameras/front/settings', '{}', headers)).status, type).toBe(415);
  }
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
  '/..%252f..%252fpackage.json',
  '/.%2e/.%2e/package.json',
  '/%2e%2e%5c..%5cpackage.json',
  '/..\\..\\package.json',
  '/%c0%ae%c0%ae/package.json',
  '/..;/package.json',
  '/main.js/../../../package.json',
  'http://localhost/../../../../etc/passwd',
  '/%',
  '/%zz/package.json',
  '/__proto__',
  '/constructor',
  '/api/cameras/__proto__/latest.jpg',
  '/api/cameras/%/latest.jpg',
  '/api/events/..%2f..%2fpackage.json/snapshot.jpg',
  '/api/cameras/..%2f..%2fetc%2fpasswd/latest.jpg',
])('no path from the disk: %s', async (path) => {
  const { status, body } = await page.ask({ path, headers: basic(PASSWORD) });
  expect([400, 403, 404]).toContain(status);
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
  const many = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`x-${index}`, 'x'.repeat(50)]));
  const headers = ['EPIPE', 'ECONNRESET', 431];
  expect(headers).toContain(await refusal(page.get('/', { 'x-large': 'x'.repeat(100_000) })));
  expect(headers).toContain(await refusal(page.get('/', many)));
  expect(headers).toContain(await refusal(page.get(`/${'x'.repeat(100_000)}`)));
  const body = `{"password": "${'x'.repeat(1 << 20)}"}`;
  const bodies = ['EPIPE', 'ECONNRESET', 413];
  expect(bodies).toContain(await refusal(page.post('/login', body)));
  for (const path of ['settings', 'trial'].map((name) => `/api/cameras/front/${name}`)) {
    expect(bodies, path).toContain(await refusal(page.post(path, body, basic(PASSWORD))));
  }
  // Without a length nobody knows before it is read.
  expect(bodies).toContain(await refusal(page.post('/login', body, { 'transfer-encoding': 'chunked' })));
  expect(bodies).toContain(await refusal(page.post('/login', '{', { 'content-length': String(2 ** 40) })));
});

test('values as deep as a body allows make no mess', async () => {
  const deep = `${'['.repeat(30_000)}${']'.repeat(30_000)}`;
  expect((await page.post('/login', deep)).status).toBe(422);
  expect((await page.post('/login', `{"password": ${deep}}`)).status).toBe(422);
  expect((await page.post('/login', '{"password": "x", "__proto__": {"admin": true}}')).status).toBe(422);
});

/** Also after an error, which is what a write to an ended connection gives. */
const closed = (socket: Socket) => new Promise((resolve) => socket.on('close', resolve));

async function open(): Promise<Socket> {
  const socket = connect(page.port, '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

const LOGIN_HEADERS = 'POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';
const GET = 'GET /main.js HTTP/1.1\r\nHost: localhost\r\n\r\n';

/** Each is given up within its bound, whatever it does; they run side by side. */
describe.concurrent('a connection', () => {
  test.each([
    ['that says nothing', '', ''],
    ['of half a request line', 'GET /', ''],
    ['of half a header', 'GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ', ''],
    ['whose header never ends, letter by letter', 'GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ', 'x'],
    ['of endless headers', 'GET / HTTP/1.1\r\nHost: localhost\r\n', 'X-Slow: x\r\n'],
    ['of half a body', `${LOGIN_HEADERS}Content-Length: 100\r\n\r\n{`, ''],
    ['whose body never ends, letter by letter', `${LOGIN_HEADERS}Content-Length: 1000\r\n\r\n{`, ' '],
    [
      'whose body never ends, chunk by chunk',
      `${LOGIN_HEADERS}Transfer-Encoding: chunked\r\n\r\n`,
      '1\r\n \r\n',
    ],
    ['that is kept without a further request', GET, ''],
    ['of half a WebSocket', 'GET /live HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n', ''],
  ])(
    '%s is ended',
    async (_, text, more) => {
      const socket = await open();
      socket.write(text);
      socket.resume();
      const timer = setInterval(() => more !== '' && socket.write(more), 300);
      try {
        await closed(socket);
      } finally {
        clearInterval(timer);
      }
    },
    60_000,
  );

  test('that asks and asks and reads no answer is ended', async () => {
    const socket = await open();
    socket.pause();
    socket.write(GET.repeat(2000));
    const timer = setInterval(() => socket.write('G'), 1000);
    try {
      // Nothing is read, so the end is seen by what cannot be written any more.
      await once(socket, 'error');
    } finally {
      clearInterval(timer);
      socket.destroy();
    }
  }, 120_000);
});

test('1,000 connections: the daemon works on, and the page answers while they are held, when those that say nothing are ended', async () => {
  const { client, newest } = await board.subscribe('ghostcam/board/front/detections', () => {}, {
    username: 'ghostcam',
    password: BROKER_PASSWORD,
  });
  const sockets = await Promise.all(Array.from({ length: 1000 }, open));
  for (const socket of sockets) socket.resume();
  newest.clear();
  await vi.waitFor(() => expect(newest.size).toBe(1), SOON);
  await vi.waitFor(async () => expect((await page.get('/healthz')).status).toBe(200), SOON);
  for (const socket of sockets) socket.destroy();
  await client.endAsync(true);
});

test('no answer, no message and no line of the log holds a secret', async () => {
  const auth = basic(PASSWORD);
  await vi.waitFor(async () => {
    const { cameras } = parse(await page.get('/api/cameras', auth));
    expect(cameras[1].state.reason).toBeDefined();
  }, SOON);
  const { events } = parse(await page.get('/api/events', auth));
  const files = readdirSync('dist/web/page').map((name) => `/${name}`);
  const secret = `CAMERA_AWAY_URL=rtsp://viewer:${CAMERA_PASSWORD}@127.0.0.1/?token=abcdef123456`;
  const answers = await Promise.all([
    ...[
      ...['/', '/healthz', '/metrics', '/nothing', '/api/nothing', ...files],
      ...[
        '/api/cameras',
        '/api/cameras/away/latest.jpg',
        '/api/cameras/front/latest.jpg',
        '/api/cameras/none/latest.jpg',
      ],
      ...['/api/events', '/api/events?limit=x', `/api/events/${events[0]?.id}/snapshot.jpg`],
    ].map((path) => page.get(path, auth)),
    page.post('/login', { password: `${PASSWORD}x` }),
    page.post('/login', { password: PASSWORD }),
    page.post('/login', `{"password": "${PASSWORD}`),
    page.post('/login', { password: PASSWORD, more: PASSWORD }),
    page.post('/api/cameras/away/settings', { fps: PASSWORD }, auth),
    page.post('/api/cameras/away/trial', { lines: secret }, auth),
    page.post('/api/cameras/away/trial', { lines: `MQTT_PASSWORD=${BROKER_PASSWORD}` }, auth),
    page.ask({ method: 'DELETE', path: '/api/cameras/away/trial', headers: auth }),
  ]);
  const live = new WebSocket(`${page.url.replace('http', 'ws')}live`, { headers: auth });
  const messages: string[] = [];
  live.on('message', (data) => messages.push(data.toString()));
  await once(live, 'open');
  live.send('{"watch": {"front": 5, "away": 5}}');
  await vi.waitFor(() => expect(messages.length).toBeGreaterThan(5), SOON);
  live.terminate();
  const said = [
    page.daemon.output,
    ...messages,
    ...answers.map(({ headers, body }) => JSON.stringify(headers) + body),
  ].join('\n');
  for (const secret of [PASSWORD, 'battery', CAMERA_PASSWORD, 'p@ss', 'abcdef123456', BROKER_PASSWORD]) {
    expect(said).not.toContain(secret);
  }
});

/** What is sent as it is, on a connection of its own, which is then closed by whoever does it first. @returns All that was answered. */
async function raw(text: string, { closes = false } = {}): Promise<string> {
  const socket = connect(page.port, '127.0.0.1').setEncoding('latin1');
  socket.on('error', () => {});
  let answer = '';
  socket.on('data', (part) => {
    answer += part;
  });
  socket.write(text);
  if (closes) setTimeout(() => socket.destroy(), 100);
  await once(socket, 'close');
  return answer;
}

const head = (...lines: string[]) => [...lines, 'Host: 127.0.0.1', '', ''].join('\r\n');
const AUTHORIZATION = `Authorization: ${basic(PASSWORD).authorization}`;

test.each([
  ['hangs up in the middle of a body', '5\r\nhello\r\n'],
  ['sends none', 'zz\r\n'],
])('who %s is no bug, and no line in the log', async (_, body) => {
  const [type, chunked] = ['Content-Type: application/json', 'Transfer-Encoding: chunked'];
  for (const path of ['/login', '/api/cameras/front/settings'])
    await raw(head(`POST ${path} HTTP/1.1`, AUTHORIZATION, type, chunked) + body, { closes: true });
  expect((await page.get('/api/cameras', basic(PASSWORD))).status).toBe(200);
  expect(page.daemon.output).not.toMatch(/could not be answered/);
});

test('requests for a picture that come at once do not all wait for one', async () => {
  const requests = Array.from({ length: 400 }, (_, index) =>
    head(
      'GET /api/cameras/front/latest.jpg HTTP/1.1',
      AUTHORIZATION,
      ...(index < 399 ? [] : ['Connection: close']),
    ),
  );
  const answers = await raw(requests.join(''));
  const count = (status: string) => answers.split(`HTTP/1.1 ${status} `).length - 1;
  expect(count('200')).toBeGreaterThan(0);
  expect(count('200')).toBeLessThan(200);
  expect(count('200') + count('503')).toBe(400);
  expect(answers).toContain('too many requests wait for a picture');
});

test('the page that is one too many may send what it likes', async () => {
  const open = Array.from(
    { length: 50 },
    () => new WebSocket(`${page.url.replace('http', 'ws')}live`, { headers: basic(PASSWORD) }),
  );
  await Promise.all(open.map((socket) => once(socket, 'open')));
  const upgrade = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'];
  const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';
  // A frame without a mask, which no client may send (RFC 6455, 5.1).
  const answer = await raw(`${head('GET /live HTTP/1.1', AUTHORIZATION, ...upgrade, key)}\x81\x01a`);
  expect(answer).toMatch(/^HTTP\/1\.1 101 /);
  expect(answer).toContain('too many pages are open');
  for (const socket of open) socket.terminate();
  expect((await page.get('/healthz')).status).toBe(200);
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

/// <reference lib="dom" />
/** The page behind a real nginx as docs/web.md has it, below a path, as Home Assistant's ingress, and in frames; with a real Chromium. */
import { once } from 'node:events';
import { resolve } from 'node:path';
import type { Browser, Frame, Page as Tab } from 'puppeteer-core';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import WebSocket from 'ws';
import { Board } from '../support/board.js';
import { startBrowser } from '../support/browser.js';
import { startNginx } from '../support/nginx.js';
import { basic, Page, SOON } from '../support/page.js';
import { freeTcpPort } from '../support/ports.js';

const PASSWORD = 'a long password';
const CAMERA = {
  CAMERAS: 'front',
  CAMERA_FRONT_URL: resolve('assets/demo/footage.mp4'),
  WEB_PASSWORD: PASSWORD,
};
const PUBLIC = 'cameras.example.org';
const INGRESS = '/api/hassio_ingress/aBcDeF0123456789/';
/** What Home Assistant and its Supervisor add on the way. */
const INGRESS_HEADERS = {
  'X-Ingress-Path': INGRESS.slice(0, -1),
  'X-Hass-Source': 'core.ingress',
  'X-Remote-User-Id': '0123456789abcdef',
  'X-Remote-User-Name': 'anna',
  'X-Forwarded-For': '192.168.1.20, 172.30.32.1',
  'X-Forwarded-Host': 'homeassistant.local:8123',
};

let board: Board;
let browser: Browser;

beforeAll(async () => {
  board = await Board.start();
  browser = await startBrowser(`--host-resolver-rules=MAP *.example.org 127.0.0.1`);
  board.defer(() => browser.close());
});
afterAll(() => board?.dispose());

const tabs: Tab[] = [];
afterEach(async () => {
  for (const tab of tabs.splice(0)) await tab.close();
  await browser.deleteCookie(...(await browser.cookies()));
});

async function open(url: string): Promise<Tab> {
  const tab = await browser.newPage();
  tabs.push(tab);
  await tab.goto(url);
  return tab;
}

async function logIn(tab: Tab, frame: Frame = tab.mainFrame()): Promise<void> {
  await (await frame.waitForSelector('input[type=password]'))?.type(PASSWORD);
  await tab.keyboard.press('Enter');
}

const frameOf = (tab: Tab, part: string): Promise<Frame> =>
  vi.waitFor(() => {
    const found = tab.frames().find((one) => one !== tab.mainFrame() && one.url().includes(part));
    if (found === undefined) throw new Error('the frame shows no page');
    return found;
  }, SOON);

/** Tries what is in the editor, and waits until it holds. */
async function tryLines(frame: Frame): Promise<void> {
  await frame.evaluate(() => {
    location.hash = '#/camera/front/edit';
  });
  await (await frame.waitForSelector('aria/Try until restart'))?.click();
  await frame.waitForFunction(() =>
    [...document.querySelectorAll('[role=status]')].some(({ textContent }) =>
      /hold now/.test(textContent ?? ''),
    ),
  );
}

test('with TLS, a public name and a path: login, a cookie that goes over TLS alone, live picture, trial, logout', async () => {
  const page = await Page.start(board, { ...CAMERA, NODE_ID: 'public', WEB_HOSTS: PUBLIC });
  const nginx = await startNginx(page.port, '/cameras/', { tls: true });
  board.defer(() => nginx.stop());
  const tab = await open(`${nginx.url.replace('localhost', PUBLIC)}/cameras/`);
  await logIn(tab);
  await tab.waitForSelector('.card .box');
  const [cookie] = await browser.cookies();
  expect(cookie).toMatchObject({
    ...{ name: 'ghostcam_session', path: '/cameras', secure: true, httpOnly: true, sameSite: 'Strict' },
    domain: PUBLIC,
  });
  await tryLines(tab.mainFrame());
  await tab.click('#logout');
  await tab.waitForSelector('input[type=password]');
  // A name that is not ours is answered by nobody, whoever passes it on.
  const other = await open(`${nginx.url.replace('localhost', 'other.example.org')}/cameras/`);
  expect(await other.$eval('body', ({ textContent }) => textContent)).toContain(
    'does not answer to this name',
  );
});

test('as Home Assistant’s ingress, in a frame of the same origin: login, live picture, trial', async () => {
  const page = await Page.start(board, { ...CAMERA, NODE_ID: 'ingress', WEB_FRAME_ANCESTORS: 'self' });
  const nginx = await startNginx(page.port, INGRESS, { headers: INGRESS_HEADERS });
  board.defer(() => nginx.stop());
  const tab = await open(`${nginx.url}/frame.html`);
  const frame = await frameOf(tab, INGRESS);
  await logIn(tab, frame);
  await frame.waitForSelector('.card .box');
  const [cookie] = await browser.cookies();
  expect(cookie).toMatchObject({ path: INGRESS.slice(0, -1), sameSite: 'Strict', secure: false });
  await tryLines(frame);
  // Ingress hands WebSockets on with the browser's Origin and Host.
  const live = `${nginx.url.replace('http', 'ws')}${INGRESS}live`;
  const socket = new WebSocket(live, { headers: basic(PASSWORD), origin: nginx.url });
  const [first] = (await once(socket, 'message')) as [Buffer];
  expect(JSON.parse(first.toString())).toMatchObject({ type: 'cameras', node: 'ingress' });
  socket.terminate();
  const foreign = new WebSocket(live, { headers: basic(PASSWORD), origin: 'http://evil.example' });
  expect(((await once(foreign, 'error')) as [Error])[0].message).toContain('403');
});

test('in a frame of another port of the same host that is named, as a dashboard has it; elsewhere in none', async () => {
  const [dashboard, stranger] = [await freeTcpPort(), await freeTcpPort()];
  const page = await Page.start(board, {
    ...CAMERA,
    NODE_ID: 'framed',
    WEB_FRAME_ANCESTORS: `http://127.0.0.1:${dashboard}`,
  });
  for (const port of [dashboard, stranger]) {
    const nginx = await startNginx(page.port, '/unused/', { port, frame: page.url });
    board.defer(() => nginx.stop());
  }
  const tab = await open(`http://127.0.0.1:${dashboard}/frame.html`);
  const frame = await frameOf(tab, page.url);
  await logIn(tab, frame);
  await frame.waitForSelector('.card .box');
  const refused = await browser.newPage();
  tabs.push(refused);
  const problems: string[] = [];
  refused.on('console', (message) => problems.push(message.text()));
  await refused.goto(`http://127.0.0.1:${stranger}/frame.html`);
  await vi.waitFor(() => expect(problems.join('\n')).toMatch(/frame-ancestors/), SOON);
});

/// <reference lib="dom" />
/** What is switched, typed and chosen on the page does what it says: a real Chromium, the daemon, real footage. */
import { once } from 'node:events';
import type { Browser, CDPSession, Page as Tab } from 'puppeteer-core';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import WebSocket from 'ws';
import { masks, zones } from '../../src/config/areas.js';
import type { DetectionsPayload } from '../../src/mqtt/payloads.js';
import { Board } from '../support/board.js';
import { startBrowser } from '../support/browser.js';
import { pedestrians } from '../support/footage.js';
import { Page, SOON } from '../support/page.js';

const PASSWORD = 'a long password';
const ZONES = 'path: 0,0.4 1,0.4 1,1 0,1; lawn: 0,0.5 0.5,0.5 0.5,1 0,1';
const MASKS = 'cow: 0,0 0.2,0 0.2,0.1';

let board: Board;
let page: Page;
let guarded: Page;
let browser: Browser;
const states = new Map<string, string>();
const detections = new Map<number, DetectionsPayload>();

beforeAll(async () => {
  board = await Board.start();
  await board.subscribe('ghostcam/board/front/#', (topic, payload) => {
    if (topic.endsWith('/state')) states.set(topic.slice('ghostcam/board/front/'.length), payload.toString());
    if (!topic.endsWith('/detections')) return;
    const message: DetectionsPayload = JSON.parse(payload.toString());
    detections.set(message.sequence, message);
  });
  page = await Page.start(board, {
    CAMERAS: 'front',
    CAMERA_FRONT_URL: await pedestrians(),
    CAMERA_FRONT_ZONES: ZONES,
    CAMERA_FRONT_MASKS: MASKS,
  });
  guarded = await Page.start(board, {
    NODE_ID: 'guarded',
    CAMERAS: 'front',
    CAMERA_FRONT_URL: 'test:',
    CAMERA_FRONT_FPS: '1',
    WEB_PASSWORD: PASSWORD,
  });
  browser = await startBrowser();
  board.defer(() => browser.close());
}, 240_000);
afterAll(() => board?.dispose());

const tabs: Tab[] = [];
afterEach(async () => {
  for (const tab of tabs.splice(0)) {
    // The next test begins with the layers of a browser that was never here.
    await tab.evaluate(() => localStorage.clear());
    await tab.close();
  }
});

async function open(path: string, base = page.url): Promise<Tab> {
  const tab = await browser.newPage();
  tabs.push(tab);
  await tab.setViewport({ width: 1280, height: 900 });
  await tab.goto(`${base}${path}`);
  return tab;
}

const click = async (tab: Tab, name: string) => (await tab.waitForSelector(`aria/${name}`))?.click();

/** What the page says to the server from now on. */
async function said(tab: Tab): Promise<{ client: CDPSession; messages: unknown[] }> {
  const client = await tab.createCDPSession();
  await client.send('Network.enable');
  const messages: unknown[] = [];
  client.on('Network.webSocketFrameSent', ({ response }) => messages.push(JSON.parse(response.payloadData)));
  return { client, messages };
}

test('two pictures a second of one camera, others by choice; none of a page that is hidden, nor of a view without pictures', async () => {
  const tab = await open('#/events');
  const { messages } = await said(tab);
  const watched = (watch: Record<string, number>) =>
    vi.waitFor(() => {
      const asked = messages.filter((message) => 'watch' in (message as object));
      expect((asked.at(-1) as { watch: object }).watch).toEqual(watch);
    }, SOON);
  await tab.goto(`${page.url}#/camera/front`);
  await watched({ front: 2 });
  for (const fps of [5, 1]) {
    await tab.select('.panel > .field select', String(fps));
    await watched({ front: fps });
  }
  // Chromium without a screen hides no tab: what the page does is what it would do.
  const hide = (hidden: boolean) =>
    tab.evaluate((now) => {
      Object.defineProperty(document, 'hidden', { configurable: true, get: () => now });
      document.dispatchEvent(new Event('visibilitychange'));
    }, hidden);
  await hide(true);
  await watched({});
  await hide(false);
  await watched({ front: 1 });
  await tab.goto(`${page.url}#/events`);
  await watched({});
  await tab.goto(page.url);
  await watched({ front: 0.5 });
});

test('ids, zones and masks are those of the messages and the settings, and are there only while they are switched on', async () => {
  const tab = await open('#/camera/front');
  await tab.waitForSelector('.box');
  const polygons = (kind: string) =>
    tab.$$eval(`polygon.${kind}`, (all) => all.map((polygon) => polygon.getAttribute('points')));
  const points = ({ corners }: { corners: readonly { x: number; y: number }[] }) =>
    corners.map(({ x, y }) => `${x * 768},${y * 576}`).join(' ');
  expect(await polygons('zone')).toEqual(zones(ZONES).map(({ polygon }) => points(polygon)));
  expect(await polygons('mask')).toEqual([]);
  await click(tab, 'Masks');
  await click(tab, 'Zones');
  expect(await polygons('mask')).toEqual(masks(MASKS).map(points));
  expect(await polygons('zone')).toEqual([]);
  await click(tab, 'Ids');
  await click(tab, 'Masks');
  const shown = () =>
    tab.$eval('[data-detections]', (group) => ({
      sequence: Number(group.getAttribute('data-detections')),
      captions: [...group.querySelectorAll('text')].map(({ textContent }) => textContent),
    }));
  const { sequence, captions } = await vi.waitFor(async () => {
    const now = await shown();
    expect(detections.get(now.sequence)?.detections.some(({ trackId }) => trackId !== undefined)).toBe(true);
    return now;
  }, SOON);
  for (const { label, score, trackId = '' } of detections.get(sequence)?.detections ?? []) {
    expect(captions).toContain(`${label} ${Math.round(score * 100)} % ${trackId}`.trim());
  }
  await click(tab, 'Boxes');
  expect(await tab.$('.box')).toBeNull();
});

test('threshold, frames a second and the camera itself are those of the commands', async () => {
  const tab = await open('#/camera/front');
  await tab.waitForSelector('.box');
  const type = async (name: string, value: string) => {
    const input = await tab.waitForSelector(`aria/${name}[role="spinbutton"]`);
    await input?.click({ count: 3 });
    await input?.type(value);
    await tab.keyboard.press('Enter');
  };
  await type('Threshold', '0.45');
  await vi.waitFor(() => expect(states.get('threshold/state')).toBe('0.45'), SOON);
  await type('Frames a second', '4');
  await vi.waitFor(() => expect(states.get('fps/state')).toBe('4'), SOON);
  // What makes no sense is said, and changes nothing.
  await type('Threshold', '7');
  const problem = (text: string) =>
    tab.waitForFunction(
      (wanted) => document.querySelector('.panel .problem')?.textContent === wanted,
      {},
      text,
    );
  await problem('Threshold: expected <=1');
  expect(states.get('threshold/state')).toBe('0.45');
  await type('Threshold', '0.3');
  await vi.waitFor(() => expect(states.get('threshold/state')).toBe('0.3'), SOON);
  await problem('');
  await type('Frames a second', '5');
  await click(tab, 'Camera on');
  await vi.waitFor(() => expect(states.get('enabled/state')).toBe('OFF'), SOON);
  await tab.waitForFunction(() => document.querySelector('.state')?.textContent === 'Switched off');
  expect(await tab.$eval('.notice', ({ textContent }) => textContent)).toBe('No picture');
  await click(tab, 'Camera on');
  await vi.waitFor(() => expect(states.get('enabled/state')).toBe('ON'), SOON);
  await tab.waitForFunction(() => document.querySelector('.state')?.textContent === 'Online');
});

test('name, seconds and labels of a zone are in its line, a name that cannot be is refused, and lines are copied', async () => {
  const tab = await open('#/camera/front/edit');
  await browser
    .defaultBrowserContext()
    .overridePermissions(page.url.slice(0, -1), ['clipboard-read', 'clipboard-write']);
  await click(tab, 'Add a zone');
  const lines = () => tab.$eval('textarea', ({ value }) => value);
  const item = '.areas li:last-child';
  const type = async (selector: string, text: string) => {
    const input = await tab.waitForSelector(`${item} ${selector}`);
    await input?.click({ count: 3 });
    await input?.type(text);
    await tab.keyboard.press('Tab');
  };
  await type('input:not([type=number])', 'door');
  await type('input[type=number]', '2.5');
  await tab.select(`${item} select`, 'person', 'car');
  const line = async () =>
    zones(((await lines()).split('\n')[0] ?? '').replace('CAMERA_FRONT_ZONES=', ''))[2];
  expect(await line()).toMatchObject({ name: 'door', dwell: 2.5, labels: ['person', 'car'] });
  for (const [name, problem] of [
    ['the door', /letters, digits/],
    ['path', /There is a zone path already/],
  ] as const) {
    await type('input:not([type=number])', name);
    expect(await tab.$eval(`${item} .problem`, ({ textContent }) => textContent)).toMatch(problem);
    expect((await line())?.name).toBe('door');
  }
  await click(tab, 'Copy');
  await vi.waitFor(
    async () => expect(await tab.evaluate(() => navigator.clipboard.readText())).toBe(await lines()),
    SOON,
  );
  await click(tab, 'Delete Zone door');
  expect((await lines()).split('\n')[0]).toBe(`CAMERA_FRONT_ZONES=${ZONES}`);
});

test('events by camera, label, zone and day', async () => {
  await vi.waitFor(async () => {
    const { events } = JSON.parse((await page.get('/api/events')).body.toString());
    expect(events.length).toBeGreaterThan(4);
    expect(events.some(({ label }: { label: string }) => label === 'car')).toBe(true);
    expect(events.some(({ enteredZones }: { enteredZones: string[] }) => enteredZones.includes('lawn'))).toBe(
      true,
    );
  }, SOON);
  const tab = await open('#/events');
  await tab.waitForSelector('.events li');
  const listed = () =>
    tab.$$eval('.events li', (items) =>
      items.map(({ textContent }) => textContent ?? '').filter((text) => text),
    );
  const all = await listed();
  const [camera, label, zone] = await tab.$$('fieldset select');
  await label?.select('car');
  const cars = await listed();
  expect(cars.length).toBeLessThan(all.length);
  expect(cars.every((text) => text.startsWith('Car at Front'))).toBe(true);
  await label?.select('');
  await zone?.select('lawn');
  const onLawn = await listed();
  expect(onLawn.length).toBeGreaterThan(0);
  expect(onLawn.every((text) => text.includes('lawn'))).toBe(true);
  await camera?.select('front');
  expect((await listed()).length).toBeGreaterThanOrEqual(onLawn.length);
  await zone?.select('');
  const day = (offset: number) =>
    tab.$eval(
      'input[type=date]',
      (input, days) => {
        const at = new Date(Date.now() + days * 86_400_000);
        input.value = [at.getFullYear(), at.getMonth() + 1, at.getDate()]
          .map((number) => String(number).padStart(2, '0'))
          .join('-');
        input.dispatchEvent(new Event('change'));
      },
      offset,
    );
  await day(-1);
  expect(await listed()).toEqual([]);
  expect(await tab.$eval('main [role=status]', ({ textContent }) => textContent)).toMatch(
    /^0 of \d+ events$/,
  );
  await day(0);
  expect((await listed()).length).toBeGreaterThanOrEqual(all.length);
  // Zones that take the place of others can be chosen at once.
  const names = () =>
    tab.$$eval('fieldset label:nth-of-type(3) option', (all) => all.map(({ value }) => value));
  expect(await names()).toEqual(['', 'path', 'lawn']);
  await page.post('/api/cameras/front/trial', {
    lines: 'CAMERA_FRONT_ZONES=path: 0,0 1,0 1,1; yard: 0,0 1,0 1,1',
  });
  await vi.waitFor(async () => expect(await names()).toEqual(['', 'path', 'yard']), SOON);
  await page.delete('/api/cameras/front/trial');
});

test('a session that is ended elsewhere, or by a restart, leads to the login', async () => {
  const tab = await open('', guarded.url);
  const logIn = async () => {
    await (await tab.waitForSelector('input[type=password]'))?.type(PASSWORD);
    await tab.keyboard.press('Enter');
    await tab.waitForSelector('.card');
  };
  await logIn();
  const [session] = await browser.cookies();
  await guarded.post('/logout', '', { cookie: `${session?.name}=${session?.value}` });
  await tab.waitForSelector('input[type=password]');
  expect(await tab.$('.card')).toBeNull();
  await logIn();
  await guarded.daemon.stop('SIGTERM');
  await tab.waitForFunction(() =>
    document.getElementById('connection')?.textContent?.startsWith('No connection'),
  );
  const again = board.daemon({
    NODE_ID: 'guarded',
    CAMERAS: 'front',
    CAMERA_FRONT_URL: 'test:',
    WEB: `127.0.0.1:${guarded.port}`,
    WEB_PASSWORD: PASSWORD,
  });
  await Page.of(guarded.port, again);
  await logIn();
});

test('fifty pages are open, and the next is told to come later', async () => {
  const sockets: WebSocket[] = [];
  for (let count = 0; count < 50; count++) {
    const socket = new WebSocket(`${page.url.replace('http', 'ws')}live`);
    sockets.push(socket);
    await once(socket, 'message');
  }
  const next = new WebSocket(`${page.url.replace('http', 'ws')}live`);
  const [code] = await once(next, 'close');
  expect(code).toBe(1013);
  for (const socket of sockets) socket.terminate();
});

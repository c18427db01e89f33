/**
 * The pictures of docs/web.md and README: a real Chromium before the daemon with real footage. With OUT=folder every view is written
 * there, in light and dark, as PNG.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page as Tab } from 'puppeteer-core';
import sharp from 'sharp';
import { test } from 'vitest';
import { Board } from '../../support/board.js';
import { startBrowser } from '../../support/browser.js';
import { pedestrians } from '../../support/footage.js';
import { Page } from '../../support/page.js';

const DOCS = 'docs/images';
const OUT = process.env.OUT ?? DOCS;
const PASSWORD = 'a long password';
const DESK = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };

interface Shot {
  name: string;
  path?: string;
  size?: { width: number; height: number };
  dark?: boolean;
  /** Layers that are switched on, by their names. */
  layers?: readonly string[];
  /** What is done before the picture. */
  act?: (tab: Tab) => Promise<void>;
}

const SHOTS: readonly Shot[] = [
  { name: 'page-cameras', act: pictured },
  { name: 'page-cameras-dark', dark: true, act: pictured },
  {
    name: 'page-camera',
    path: '#/camera/front',
    layers: ['Moving cells', 'Inferred regions'],
    act: elsewhere,
  },
  { name: 'page-camera-dark', path: '#/camera/front', dark: true, layers: ['Ids', 'Masks'] },
  { name: 'page-editor', path: '#/camera/front/edit', act: draw },
  { name: 'page-editor-phone', path: '#/camera/front/edit', size: PHONE, act: draw },
  { name: 'page-events', path: '#/events', act: pictured },
  { name: 'page-events-dark', path: '#/events', dark: true, act: pictured },
  {
    name: 'page-event',
    path: '#/events',
    act: async (tab) => {
      await pictured(tab);
      await tab.click('.events li:nth-child(4) button');
      await tab.waitForSelector('dialog[open]');
    },
  },
  { name: 'page-phone', size: PHONE, act: pictured },
  { name: 'page-camera-phone', path: '#/camera/front', size: PHONE },
];

/** Until the pictures of events are there. */
async function pictured(tab: Tab): Promise<void> {
  await tab.waitForFunction(() => document.querySelectorAll('.events img').length >= 8);
  await tab.waitForFunction(() =>
    [...document.querySelectorAll<HTMLImageElement>('.events img:not(.none)')]
      .slice(0, 8)
      .every(({ naturalWidth }) => naturalWidth > 0),
  );
}

/** Until a region is shown, and somebody who is expected outside of it. */
async function elsewhere(tab: Tab): Promise<void> {
  await tab.waitForFunction(
    () => document.querySelector('.expected') !== null && document.querySelector('.cell') !== null,
    { polling: 20 },
  );
}

async function draw(tab: Tab): Promise<void> {
  await (await tab.waitForSelector('aria/Add a largest size'))?.click();
  await (await tab.waitForSelector('aria/Add a smallest size'))?.click();
  await (await tab.$('.areas li button'))?.click();
}

async function take(tab: Tab, name: string): Promise<void> {
  const png = await tab.screenshot();
  if (OUT !== DOCS) writeFileSync(`${OUT}/${name}.png`, png);
  else if (existsSync(`${DOCS}/${name}.jpg`))
    writeFileSync(`${DOCS}/${name}.jpg`, await sharp(png).jpeg({ quality: 60, mozjpeg: true }).toBuffer());
}

test('pictures of each view', async () => {
  mkdirSync(OUT, { recursive: true });
  const board = await Board.start();
  try {
    const page = await Page.start(board, {
      CAMERAS: 'front',
      CAMERA_FRONT_URL: await pedestrians(),
      CAMERA_FRONT_ZONES: 'path (person) 2s: 0.02,0.45 0.6,0.25 0.85,0.3 0.3,0.98',
      CAMERA_FRONT_MASKS: '0.6,0 1,0 1,0.12 0.6,0.1',
    });
    const guarded = await Page.start(board, {
      NODE_ID: 'guarded',
      CAMERAS: 'front',
      CAMERA_FRONT_URL: 'test:',
      WEB_PASSWORD: PASSWORD,
    });
    const browser = await startBrowser();
    board.defer(() => browser.close());
    const open = async ({ size = DESK, dark = false }: Shot): Promise<Tab> => {
      const tab = await browser.newPage();
      await tab.setViewport(size);
      await tab.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }]);
      return tab;
    };
    await sleep(20_000);
    for (const shot of SHOTS) {
      const tab = await open(shot);
      await tab.goto(page.url);
      await tab.evaluate(() => localStorage.clear());
      await tab.goto(`${page.url}${shot.path ?? ''}`);
      await tab.waitForSelector(shot.path?.startsWith('#/events') ? '.events li' : '.box');
      for (const layer of shot.layers ?? []) await (await tab.$(`aria/${layer}`))?.click();
      await shot.act?.(tab);
      await take(tab, shot.name);
      await tab.close();
    }
    for (const dark of [false, true]) {
      const tab = await open({ name: '', dark });
      await tab.goto(guarded.url);
      await tab.waitForSelector('input[type=password]');
      await tab.type('input[type=password]', 'wrong password');
      await tab.keyboard.press('Enter');
      await tab.waitForFunction(() => document.querySelector('.problem')?.textContent !== '');
      await take(tab, dark ? 'page-login-dark' : 'page-login');
      await tab.close();
    }
  } finally {
    await board.dispose();
  }
});

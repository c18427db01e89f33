/** What Home Assistant's own page shows of a camera; its picture is written to .cache/home-assistant.jpg, as docs/images has it. */
import { mkdir } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startBrowser } from '../support/browser.js';
import { EnvFile } from '../support/env-file.js';
import { pedestrians } from '../support/footage.js';
import { Daemon } from '../support/ghostcam.js';
import { Mosquitto } from '../support/mosquitto.js';
import { Hass } from './hass.js';

const PICTURE = '.cache/home-assistant.jpg';
const SOON = { timeout: 60_000, interval: 500 };
const cleanUp: (() => unknown)[] = [];
let hass: Hass;

beforeAll(async () => {
  const root = process.env.HOMEASSISTANT_ROOT;
  if (root === undefined) throw new Error('run this through test/homeassistant/run.sh');
  const broker = await Mosquitto.start();
  cleanUp.push(() => broker.dispose());
  hass = await Hass.start(root, 'frontend:\nhistory:\nlogbook:\n');
  cleanUp.push(() => hass.dispose());
  await hass.finishOnboarding();
  await hass.addMqtt(broker.port);
  const file = new EnvFile({
    CAMERAS: 'yard',
    CAMERA_YARD_URL: await pedestrians(),
    CAMERA_YARD_LABELS: 'person,car',
    CAMERA_YARD_ZONES: 'path (person): 0,0.4 1,0.4 1,1 0,1',
    NODE_ID: 'board',
    MQTT_URL: broker.url,
  });
  cleanUp.push(() => file[Symbol.dispose]());
  const daemon = new Daemon({}, ['run', '--env-file', file.path]);
  cleanUp.push(() => daemon.kill());
});
afterAll(async () => {
  for (const step of cleanUp.reverse()) await step();
});

test('the device’s page has its entities and their states', async () => {
  await vi.waitFor(async () => {
    expect((await hass.state('image.yard_person'))?.state).toMatch(/^\d{4}-/);
    expect((await hass.state('binary_sensor.yard_path_person_occupancy'))?.state).toBe('on');
  }, SOON);
  const device = await hass.render("{{ device_id('sensor.yard_status') }}");
  const browser = await startBrowser();
  cleanUp.push(() => browser.close());
  const tab = await browser.newPage();
  await tab.setViewport({ width: 1000, height: 860 });
  await tab.goto(`${hass.url}/manifest.json`);
  await tab.evaluate((tokens) => {
    localStorage.setItem('hassTokens', tokens);
    localStorage.setItem('dockedSidebar', '"always_hidden"');
  }, hass.browserTokens());
  await tab.goto(`${hass.url}/config/devices/device/${device}`);
  const text = () =>
    tab.evaluate(() => {
      const of = (node: Node): string =>
        [...node.childNodes]
          .concat(node instanceof Element && node.shadowRoot ? [...node.shadowRoot.childNodes] : [])
          .map((child) => (child instanceof Text ? child.data : of(child)))
          .join(' ');
      return of(document.body);
    });
  await vi.waitFor(async () => {
    const shown = await text();
    for (const name of ['Path person occupancy', 'Car count', 'Frame rate']) expect(shown).toContain(name);
  }, SOON);
  // It asks whether it was meant to be served at another port.
  await tab.locator('::-p-aria(Confirm[role="button"])').click();
  await vi.waitFor(async () => expect(await text()).not.toContain('Confirm new HTTP server'), SOON);
  await mkdir('.cache', { recursive: true });
  await tab.screenshot({ path: PICTURE, type: 'jpeg', quality: 80 });
});

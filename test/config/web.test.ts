/** The page's settings: what they take, and what must hold between them. */
import { expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load.js';
import { secretsOf } from '../../src/config/secrets.js';

const load = (environment: Record<string, string>) =>
  loadConfig(undefined, { CAMERAS: 'front', CAMERA_FRONT_URL: 'test:', ...environment });

test('off unless set', () => {
  expect(load({}).config.web).toBe('off');
  expect(load({ WEB: 'OFF' }).config.web).toBe('off');
});

test.each([
  ['127.0.0.1:8970', { host: '127.0.0.1', port: 8970 }],
  ['localhost:80', { host: 'localhost', port: 80 }],
  ['[::1]:8970', { host: '::1', port: 8970 }],
])('%s', (text, address) => {
  const { config, mistakes } = load({ WEB: text });
  expect([config.web, mistakes]).toEqual([address, []]);
});

test.each([
  '8970',
  '127.0.0.1',
  '127.0.0.1:0',
  '127.0.0.1:65536',
  'cameras.example.org:80',
  '::1:8970',
  'true',
])('%s is no address', (text) => {
  expect(load({ WEB: text }).mistakes).toMatchObject([{ variable: 'WEB' }]);
});

test.each(['0.0.0.0:8970', '192.168.1.5:8970', '[::]:8970'])('%s needs a password', (WEB) => {
  expect(load({ WEB }).mistakes).toMatchObject([
    { variable: 'WEB', problem: expect.stringContaining('WEB_PASSWORD is not set') },
  ]);
  expect(load({ WEB, WEB_PASSWORD: 'long enough' }).mistakes).toEqual([]);
  expect(load({ WEB, WEB_PASSWORD: 'short' }).mistakes).toMatchObject([{ variable: 'WEB_PASSWORD' }]);
});

test('the password is a secret', () => {
  expect(secretsOf(load({ WEB_PASSWORD: 'long enough' }).config)).toContain('long enough');
});

test.each([
  ['WEB_HOSTS', 'https://cameras.example.org'],
  ['WEB_HOSTS', 'cameras.example.org:443'],
  ['WEB_HOSTS', 'a, ,b'],
  ['WEB_FRAME_ANCESTORS', 'homeassistant.local'],
  ['WEB_FRAME_ANCESTORS', "'unsafe-inline'"],
  ['WEB_FRAME_ANCESTORS', 'http://homeassistant.local:8123/lovelace'],
  ['WEB_FRAME_ANCESTORS', '*'],
])('%s=%s is refused', (variable, text) => {
  expect(load({ [variable]: text }).mistakes).toMatchObject([{ variable }]);
});

test('names and origins', () => {
  const { config } = load({
    WEB_HOSTS: 'Cameras.example.org,ghost',
    WEB_FRAME_ANCESTORS: 'http://homeassistant.local:8123, https://ha.example.org/',
  });
  expect(config.webHosts).toEqual(['cameras.example.org', 'ghost']);
  expect(config.webFrameAncestors).toEqual(['http://homeassistant.local:8123', 'https://ha.example.org']);
});

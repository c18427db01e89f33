/** What differs between two configurations, and how it takes effect. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { diff, withoutRestart } from '../../src/config/changes.js';
import { loadConfig } from '../../src/config/load.js';
import { CAMERA_VARIABLES, MQTT_VARIABLES, NODE_VARIABLES } from '../../src/config/table.js';
import type { Config } from '../../src/config/types.js';
import { makeCertificates } from '../support/certificates.js';

const folder = mkdtempSync(join(tmpdir(), 'ghostcam-changes-'));
afterAll(() => rmSync(folder, { recursive: true }));
await makeCertificates(folder);
const [AUTHORITY, CERTIFICATE, KEY] = ['ca.crt', 'client.crt', 'client.key'].map((name) =>
  join(folder, name),
) as [string, string, string];

const BASE = { CAMERAS: 'front,back', CAMERA_URL: 'rtsp://camera/stream', NODE_ID: 'board' };

function config(settings: Record<string, string> = {}): Config {
  const { config, mistakes } = loadConfig(undefined, { ...BASE, ...settings });
  expect(mistakes).toEqual([]);
  return config;
}

const NOTHING = { added: [], removed: [], restart: [], update: [], node: [], needsProcessRestart: [] };

/** A valid value of each setting that is not its default. */
const OTHER: Record<string, string> = {
  WEB: '127.0.0.1:8970',
  WEB_HOSTS: 'cameras.example.org',
  WEB_FRAME_ANCESTORS: 'http://homeassistant.local:8123',
  WEB_DETECT: 'true',
  ...{
    NODE_ID: 'other',
    HOMEASSISTANT: 'false',
    HOMEASSISTANT_PREFIX: 'home',
    MODEL: 'other',
    PROVIDER: 'cpu',
  },
  ...{ THREADS: '3', ONNXRUNTIME_LIB: 'package.json', FFMPEG_PATH: 'package.json', MAX_FRAME_AGE_MS: '99' },
  ...{ LOG_LEVEL: 'debug', MQTT_URL: 'mqtt://other', MQTT_USERNAME: 'u', MQTT_CA: AUTHORITY },
  ...{ MQTT_TOPIC: 'other', MQTT_CLIENT_ID: 'other', MQTT_VERSION: '5' },
  ...{ CAMERA_URL: 'rtsp://other/stream', CAMERA_USERNAME: 'u', CAMERA_TRANSPORT: 'udp', CAMERA_FPS: '3' },
  ...{ CAMERA_THRESHOLD: '0.7', CAMERA_LABELS: 'person', CAMERA_FILTERS: 'person: area 0.1..' },
  ...{ CAMERA_ZONES: 'a: 0,0 1,0 1,1', CAMERA_MASKS: '0,0 1,0 1,1', CAMERA_PRIVACY: '0,0 1,0 1,1' },
  ...{
    CAMERA_MOTION: 'false',
    CAMERA_MOTION_AREA: '0.1',
    CAMERA_MOTION_OFF_DELAY: '9',
    CAMERA_IDLE_INTERVAL: '3',
  },
  ...{
    CAMERA_REGIONS: 'false',
    CAMERA_SNAPSHOT: 'false',
    CAMERA_FRAME_HEIGHT: '360',
    CAMERA_SNAPSHOT_CROP: 'true',
  },
  ...{
    CAMERA_SNAPSHOT_DRAW: 'none',
    CAMERA_SNAPSHOT_MAX_KB: '99',
    CAMERA_ENABLED: 'false',
    CAMERA_DETECT: 'false',
  },
  ...{
    CAMERA_TITLE: 'A camera',
    CAMERA_FFMPEG_INPUT: '-probesize 100000',
    CAMERA_HWACCEL: 'drm',
    CAMERA_DECODER: 'h264_v4l2m2m',
  },
  ...{
    CAMERA_STALL_TIMEOUT: '9',
    CAMERA_CONNECT_TIMEOUT: '9',
    CAMERA_TLS_VERIFY: 'false',
    CAMERA_TLS_CA: AUTHORITY,
  },
};
/** Those that are not valid alone. */
const WITH: Record<string, Record<string, string>> = {
  MQTT_PASSWORD: { MQTT_USERNAME: 'u', MQTT_PASSWORD: 'p' },
  CAMERA_PASSWORD: { CAMERA_USERNAME: 'u', CAMERA_PASSWORD: 'p' },
  MQTT_CERT: { MQTT_CERT: CERTIFICATE, MQTT_KEY: KEY },
  MQTT_KEY: { MQTT_CERT: CERTIFICATE, MQTT_KEY: KEY },
};

const rows = [
  ...Object.entries(NODE_VARIABLES).map(([name, row]) => ({ table: 'node', variable: name, name, row })),
  ...Object.entries(MQTT_VARIABLES).map(([name, row]) => ({
    table: 'mqtt',
    variable: `MQTT_${name}`,
    name,
    row,
  })),
  ...Object.entries(CAMERA_VARIABLES).map(([name, row]) => ({
    table: 'camera',
    variable: `CAMERA_${name}`,
    name,
    row,
  })),
].filter(({ variable }) => variable !== 'CAMERAS');

test('two configurations that say the same do not differ', () => {
  const settings = { CAMERA_ZONES: 'a: 0,0 1,0 1,1', MQTT_USERNAME: 'u', MQTT_PASSWORD: 'p' };
  expect(diff(config(settings), config(settings))).toEqual(NOTHING);
});

test.each(rows)(
  'a change of $variable is found, and takes effect as its row says',
  ({ table, variable, name, row }) => {
    const given = WITH[variable] ?? { [variable]: OTHER[variable] ?? 'no other value is known' };
    const before = config();
    const after = config(given);
    const changes = diff(before, after);
    const changed = withoutRestart(before, after);
    if (table === 'camera') {
      expect(row.applied).not.toBe('process');
      const list = changes[row.applied === 'camera' ? 'restart' : 'update'];
      expect(list.map(({ camera }) => camera.name)).toEqual(['front', 'back']);
      expect(list[0]?.settings).toContain(name);
      expect(changed.cameras).toEqual(after.cameras);
    } else if (row.applied === 'process') {
      expect(changes.needsProcessRestart).toContain(variable);
      // Until then what holds is as it was, and the change is still to come.
      expect(changed).toEqual(before);
      expect(diff(changed, after).needsProcessRestart).toContain(variable);
    } else {
      expect(changes).toEqual({ ...NOTHING, node: [name] });
      expect(changed).toEqual(after);
    }
  },
);

test('no setting of the broker connection is taken while it stands', () => {
  expect(Object.values(MQTT_VARIABLES).map(({ applied }) => applied)).not.toContain('live');
});

test('cameras that come and go, and one that stays as it is', () => {
  const changes = diff(config(), config({ CAMERAS: 'yard,front', CAMERA_YARD_FPS: '2' }));
  expect(changes).toMatchObject({ ...NOTHING, added: [{ name: 'yard', fps: 2 }], removed: ['back'] });
});

test('one camera’s change concerns no other; what must restart it takes its live changes along', () => {
  const changes = diff(
    config(),
    config({ CAMERA_BACK_FPS: '3', CAMERA_BACK_THRESHOLD: '0.4', CAMERA_FRONT_TITLE: 'F' }),
  );
  expect(changes.restart.map(({ camera, settings }) => [camera.name, settings])).toEqual([
    ['back', ['FPS', 'THRESHOLD']],
  ]);
  expect(changes.update.map(({ camera, settings }) => [camera.name, settings])).toEqual([
    ['front', ['TITLE']],
  ]);
});

test('a client identifier that follows NODE_ID is no change of its own', () => {
  expect(diff(config(), config({ NODE_ID: 'other' })).needsProcessRestart).toEqual(['NODE_ID']);
});

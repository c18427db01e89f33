/** The order of a start, as far as what is published does not show it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { loadConfig } from '../../src/config/load.js';
import type { Config } from '../../src/config/types.js';
import { Daemon } from '../../src/daemon/daemon.js';
import { findPrerequisites } from '../../src/daemon/prerequisites.js';
import { makePacketLengths } from '../../src/mqtt/packet-lengths.js';
import { openSession } from '../../src/runtime/choose.js';
import { pedestrians } from '../support/footage.js';
import { memoryLog } from '../support/log.js';
import { Mosquitto } from '../support/mosquitto.js';

vi.mock('../../src/mqtt/packet-lengths.js', { spy: true });
vi.mock('../../src/runtime/choose.js', { spy: true });

async function configuration(settings: Record<string, string>): Promise<Config> {
  const { config, mistakes } = loadConfig(undefined, {
    CAMERAS: 'front',
    CAMERA_FRONT_URL: await pedestrians(),
    HOMEASSISTANT: 'false',
    MODEL: 'yolov8n-ghostnetv2-320-int8',
    MQTT_URL: 'mqtt://127.0.0.1:1',
    ...settings,
  });
  expect(mistakes).toEqual([]);
  return config;
}

function stateFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ghostcam-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

test('the lengths of packets are made, once the cameras are started', async () => {
  const broker = await Mosquitto.start();
  onTestFinished(() => broker.dispose());
  const config = await configuration({ MQTT_URL: broker.url });
  const { log } = memoryLog();
  const daemon = new Daemon(config, findPrerequisites(config, log), log);
  onTestFinished(() => daemon.stop());
  await daemon.start();
  expect(makePacketLengths).toHaveBeenCalledOnce();
});

test('a session that was chosen at an earlier start is being opened before the rest of the program is loaded', async () => {
  const config = await configuration({});
  const { log } = memoryLog();
  const folder = stateFolder();
  await (await findPrerequisites(config, log, folder).detector).close();
  const { detector, underWay } = findPrerequisites(config, log, folder);
  await underWay;
  expect(openSession).toHaveBeenCalledOnce();
  await (await detector).close();
});

test('a detector that cannot be opened does not keep the program from being loaded', async () => {
  const config = { ...(await configuration({})), threads: 1000 };
  const { detector, underWay } = findPrerequisites(config, memoryLog().log, stateFolder());
  await underWay;
  await expect(detector).rejects.toThrow('threads must be an integer');
});

/** `ghostcam demo`: the whole way from a camera to a subscriber on this machine, with a broker of its own. */

import { setTimeout as sleep } from 'node:timers/promises';
import { connectAsync } from 'mqtt';
import { configError, loadConfig } from '../config/load.js';
import { secretsOf } from '../config/secrets.js';
import { Daemon } from '../daemon/daemon.js';
import { findPrerequisites } from '../daemon/prerequisites.js';
import { startEmbeddedBroker } from '../mqtt/embedded-broker.js';
import type { DetectionsPayload } from '../mqtt/payloads.js';
import { Topics } from '../mqtt/topics.js';
import { createLog } from '../observe/log.js';
import { FOOTAGE } from '../package-info.js';
import type { Environment } from './env-file.js';
import { nextSignal } from './signals.js';

export interface DemoOptions {
  /** A camera or video of the user's own instead of the sample footage. */
  source?: string;
  /** Ends by itself after so many seconds; default: Ctrl-C. */
  seconds?: number;
}

/**
 * In the sample footage each picture has one person or cat, found with .8 and more. Behind the astronaut are a flag and a model of a
 * shuttle, which the detector takes for persons with up to .66: a first look need not be at these.
 */
const FOOTAGE_THRESHOLD = '0.7';

/** Of the environment: where its parts are, and which are taken. */
const TAKEN = ['FFMPEG_PATH', 'ONNXRUNTIME_LIB', 'MODEL', 'PROVIDER', 'THREADS'] as const;

/** Where its page is. */
const PAGE = '127.0.0.1:8970';

/** Ends after `seconds`, or at a signal. */
export async function demo(
  { source = FOOTAGE, seconds }: DemoOptions,
  environment: Environment,
): Promise<void> {
  // The arguments are there for every user of the machine to see, the camera's password among them.
  process.title = 'ghostcam demo';
  const broker = await startEmbeddedBroker();
  try {
    await show(broker.port, source, seconds, environment);
  } finally {
    await broker.close();
  }
}

async function show(
  port: number,
  source: string,
  seconds: number | undefined,
  environment: Environment,
): Promise<void> {
  const url = `mqtt://127.0.0.1:${port}`;
  const { config, mistakes } = loadConfig(undefined, {
    ...Object.fromEntries(TAKEN.map((name) => [name, environment[name]])),
    CAMERAS: 'demo',
    CAMERA_DEMO_URL: source,
    ...(source === FOOTAGE && { CAMERA_DEMO_THRESHOLD: FOOTAGE_THRESHOLD }),
    MQTT_URL: url,
    NODE_ID: 'here',
    HOMEASSISTANT: 'false',
    WEB: PAGE,
  });
  if (mistakes.length > 0) throw configError(mistakes);
  const log = createLog({
    level: 'info',
    secrets: secretsOf(config),
    colorize: process.stderr.isTTY === true,
  });
  const subscriber = await connectAsync(url);
  const daemon = new Daemon(config, findPrerequisites(config, log), log);
  try {
    subscriber.on('message', (_topic, payload) => printDetections(JSON.parse(payload.toString())));
    await subscriber.subscribeAsync(new Topics(config.mqtt.topic, config.nodeId).detections('demo'));
    await daemon.start();
    console.log(
      `The page: http://${PAGE}/\n\nDetections follow as they arrive over MQTT; Ctrl-C ends. To see the messages themselves:\n` +
        `  mosquitto_sub -h 127.0.0.1 -p ${port} -v -t 'ghostcam/#' -T 'ghostcam/+/+/+/snapshot'\n`,
    );
    await Promise.race([nextSignal(), ...(seconds === undefined ? [] : [sleep(seconds * 1000)])]);
  } finally {
    await daemon.stop();
    await subscriber.endAsync(true);
  }
}

function printDetections({ capturedAt, ages, detections }: DetectionsPayload): void {
  const what = detections.map(
    ({ label, score, box }) => `${label} ${score.toFixed(2)} [${box.map(Math.round).join(', ')}]`,
  );
  const time = new Date(capturedAt).toTimeString().slice(0, 8);
  console.log(`${time}  ${what.join('   ') || '-'}   (${Math.round(ages.publishMs)} ms after the frame)`);
}

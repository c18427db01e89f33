/** `ghostcam forget CAMERA`: clears all that is retained of a camera that is not in the settings, in Home Assistant too. */
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../clock.js';
import { secretsOf } from '../config/secrets.js';
import type { Config } from '../config/types.js';
import { isCameraName } from '../config/values.js';
import { GhostcamError } from '../errors.js';
import { Identities } from '../homeassistant/identities.js';
import { NotGranted } from '../mqtt/answer.js';
import { SETTLE_MS } from '../mqtt/former-cameras.js';
import { SEE_BROKER } from '../mqtt/reason-sentences.js';
import { RetainedMessages } from '../mqtt/retained.js';
import { Topics } from '../mqtt/topics.js';
import { redactText } from '../secrets/redact.js';
import { type Environment, loadConfigOrThrow } from './env-file.js';

export interface ForgetFlags {
  envFile?: string;
}

/** Rejects with CONFIG for a camera that is in the settings or that a running daemon has, with MQTT without a connection. */
export async function forget(
  name: string,
  { envFile }: ForgetFlags,
  environment: Environment,
): Promise<void> {
  const camera = name.toLowerCase();
  if (!isCameraName(camera)) {
    throw new GhostcamError('CONFIG', `${JSON.stringify(name)} is no name of a camera`, {
      remedy: 'name it as it was in CAMERAS',
    });
  }
  const { config } = await loadConfigOrThrow(envFile, environment);
  try {
    await clearCamera(camera, config);
  } catch (error) {
    if (!(error instanceof GhostcamError)) throw error;
    const { code, message, remedy, cause } = error;
    // What a broker says may be what it was told.
    const clean = redactText(message, secretsOf(config));
    throw new GhostcamError(code, clean, { cause, ...(remedy === undefined ? {} : { remedy }) });
  }
}

async function clearCamera(camera: string, config: Config): Promise<void> {
  if (config.cameras.some((one) => one.name === camera)) {
    throw new GhostcamError('CONFIG', `camera ${camera} is in CAMERAS`, { remedy: 'take it out first' });
  }
  const { mqtt, nodeId, homeassistantPrefix } = config;
  const topics = new Topics(mqtt.topic, nodeId);
  const identities = new Identities(homeassistantPrefix, nodeId);
  const discovery = identities.topic(identities.camera(camera));
  const filters = [topics.nodeState, `${topics.cameraPrefix(camera)}#`, discovery];
  const retained = await connect(filters, { ...mqtt, clientId: `${mqtt.clientId}-forget` }, topics);
  try {
    const { found } = retained;
    const text = (topic: string) => found.get(topic)?.toString() ?? '';
    // The daemon marks the state of a camera that it does not have.
    const state = text(topics.cameraState(camera));
    if (text(topics.nodeState) === 'online' && state !== '' && !state.includes('"removedAt"')) {
      throw new GhostcamError(
        'CONFIG',
        `the ghostcam that runs as ${nodeId} still has the camera ${camera}`,
        {
          remedy: 'let it read its settings first: systemctl reload ghostcam',
        },
      );
    }
    const stale = [...found.keys()].filter((topic) => topic !== topics.nodeState);
    if (found.has(discovery)) {
      await clear(retained, discovery);
      await sleep(SETTLE_MS);
    }
    for (const topic of stale) if (topic !== discovery) await clear(retained, topic);
    console.log(
      stale.length === 0
        ? `Nothing is retained of a camera ${camera} of ${nodeId}.`
        : `Cleared what was retained of camera ${camera} on ${stale.length} topics.`,
    );
  } finally {
    await retained.close();
  }
}

async function clear(retained: RetainedMessages, topic: string): Promise<void> {
  try {
    await retained.clear(topic);
  } catch (error) {
    if (error instanceof NotGranted) throw notGranted(error, `${topic} cannot be cleared`);
    throw error;
  }
}

async function connect(
  filters: readonly string[],
  config: Parameters<typeof RetainedMessages.open>[1]['config'],
  topics: Topics,
) {
  // It says nothing of the daemon, which may run.
  const will = { topic: topics.doctor, payload: '' };
  try {
    return await RetainedMessages.open(filters, { config, will, clock: systemClock });
  } catch (error) {
    if (error instanceof NotGranted) throw notGranted(error, 'connected to the broker, but cannot go on');
    throw new GhostcamError('MQTT', `no connection to the broker: ${(error as Error).message}`, {
      remedy: 'ghostcam doctor tries it and says more',
      cause: error,
    });
  }
}

const REMEDIES: Record<NotGranted['kind'], string> = {
  refused: 'allow this user the topic, in the broker’s access list',
  unanswered: SEE_BROKER,
  ended: 'try again; ghostcam doctor says more',
};

function notGranted(cause: NotGranted, what: string): GhostcamError {
  return new GhostcamError('MQTT', `${what}: ${cause.message}`, { remedy: REMEDIES[cause.kind], cause });
}

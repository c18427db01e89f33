/** Whether the broker lets this node in, publish and subscribe, for `ghostcam doctor`. */
import { randomUUID } from 'node:crypto';
import { connect, type MqttClient } from 'mqtt';
import type { MqttConfig } from '../config/types.js';
import { connectionOptions } from './connection-options.js';
import { explainBrokerError, isRefusal, isUnsupportedProtocolVersion } from './reasons.js';

/** undefined: it works. */
export interface ConnectionTest {
  /** Why no connection came about. */
  connection: string | undefined;
  /** Why the message that we published to ourselves did not arrive. */
  exchange: string | undefined;
}

const ECHO_TIMEOUT_MS = 10_000;

/** Connects under a client identifier of its own, so that a running daemon keeps its session. Never rejects. */
export async function testConnection(config: MqttConfig, topic: string): Promise<ConnectionTest> {
  let client: MqttClient | undefined;
  try {
    client = await connectOnce({ ...config, clientId: `${config.clientId}-doctor` });
    return { connection: undefined, exchange: await exchange(client, topic) };
  } catch (error) {
    return { connection: explainBrokerError(error as Error), exchange: undefined };
  } finally {
    await client?.endAsync(true);
  }
}

/** Speaks MQTT 5, and 3.1.1 where that is refused. */
async function connectOnce(config: MqttConfig): Promise<MqttClient> {
  const options = { ...(await connectionOptions(config)), reconnectPeriod: 0 };
  try {
    return await firstConnection(connect(options));
  } catch (error) {
    if (!isUnsupportedProtocolVersion(error as Error)) throw error;
    return firstConnection(connect({ ...options, protocolVersion: 4 }));
  }
}

function firstConnection(client: MqttClient): Promise<MqttClient> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      client.end(true);
      reject(error);
    };
    client.once('connect', () => resolve(client));
    client.once('error', fail);
    client.once('close', () => fail(new Error('the connection was closed')));
  });
}

async function exchange(client: MqttClient, topic: string): Promise<string | undefined> {
  try {
    // A refused subscription is an error in MQTT 5, and a granted QoS of 128 in 3.1.1.
    const granted = await client.subscribeAsync(topic, { qos: 1 });
    if (granted.some(({ qos }) => qos === 128)) return refusal('subscribe to', topic);
  } catch {
    return refusal('subscribe to', topic);
  }
  const text = randomUUID();
  const echo = new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => resolve(false), ECHO_TIMEOUT_MS);
    client.on('message', (_topic, payload) => {
      if (payload.toString() !== text) return;
      clearTimeout(timer);
      resolve(true);
    });
  });
  try {
    await client.publishAsync(topic, text, { qos: 1 });
  } catch (error) {
    return isRefusal(error as Error) ? refusal('publish', topic) : explainBrokerError(error as Error);
  }
  // A broker that speaks 3.1.1 acknowledges what it throws away.
  return (await echo) ? undefined : refusal('publish', topic);
}

function refusal(what: string, topic: string): string {
  return `it does not let this user ${what} ${topic}`;
}

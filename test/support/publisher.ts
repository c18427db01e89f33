/** A Broker under test, and a subscriber that sees what it publishes. */
import { connectAsync, type IPublishPacket } from 'mqtt';
import { type Clock, systemClock } from '../../src/clock.js';
import { defaultMqttConfig, type MqttConfig } from '../../src/config/types.js';
import { Broker } from '../../src/mqtt/broker.js';
import type { Log } from '../../src/observe/log.js';
import { memoryLog } from './log.js';

export const WILL = { topic: 'ghostcam/board/state', payload: 'offline' };

export interface Publisher extends AsyncDisposable {
  broker: Broker;
  log: Log;
  lines: string[];
  /** Those of this level that match. */
  logged(pattern: RegExp): string[];
}

/** Connects as soon as the broker at `url` lets it. */
export async function publisher(
  url: string,
  settings: Partial<MqttConfig> = {},
  clock: Clock = systemClock,
): Promise<Publisher> {
  const { log, lines } = memoryLog();
  const broker = new Broker(defaultMqttConfig({ url, clientId: 'publisher', ...settings }), WILL, log, clock);
  await broker.start();
  return {
    broker,
    log,
    lines,
    logged: (pattern) => lines.filter((line) => pattern.test(line)),
    [Symbol.asyncDispose]: () => broker.stop(500),
  };
}

export interface Subscriber extends AsyncDisposable {
  messages: IPublishPacket[];
  /** The newest payload of each topic. */
  newest: Map<string, Buffer>;
}

/** Sees everything, with the properties of MQTT 5; is back at a broker that was away before a Broker is. */
export async function subscriber(url: string): Promise<Subscriber> {
  const client = await connectAsync(url, { protocolVersion: 5, reconnectPeriod: 20 });
  const messages: IPublishPacket[] = [];
  const newest = new Map<string, Buffer>();
  client.on('message', (topic, payload, packet) => {
    messages.push(packet);
    newest.set(topic, payload);
  });
  await client.subscribeAsync('#', { qos: 1 });
  return { messages, newest, [Symbol.asyncDispose]: () => client.endAsync(true) };
}

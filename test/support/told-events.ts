/** The events that a daemon tells over MQTT, as a subscriber collects and checks them. */
import { connectAsync, type IClientOptions } from 'mqtt';
import type { EventPayload } from '../../src/mqtt/payloads.js';

export interface EventListener extends AsyncDisposable {
  told: EventPayload[];
}

/** Is back at the broker before the daemon is: these brokers keep nothing for those who are away. */
export async function listenForEvents(url: string, options: IClientOptions = {}): Promise<EventListener> {
  const told: EventPayload[] = [];
  const client = await connectAsync(url, { reconnectPeriod: 20, ...options });
  client.on('message', (_topic, payload) => told.push(JSON.parse(payload.toString())));
  await client.subscribeAsync('ghostcam/+/+/events', { qos: 1 });
  return { told, [Symbol.asyncDispose]: () => client.endAsync(true) };
}

/** What is wrong with these events, if each is to begin and to end once, in this order; empty: nothing. */
export function brokenLives(told: readonly Pick<EventPayload, 'id' | 'type'>[]): string[] {
  const lives = new Map<string, string[]>();
  for (const { id, type } of told) lives.set(id, [...(lives.get(id) ?? []), type]);
  return [...lives].flatMap(([id, types]) =>
    /^new( update)* end$/.test(types.join(' ')) ? [] : [`${id}: ${types.join(' ')}`],
  );
}

/** How many events of a label began. */
export function begun(told: readonly EventPayload[], label: string): number {
  return told.filter((event) => event.type === 'new' && event.label === label).length;
}

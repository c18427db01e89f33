/** The events that a daemon publishes over MQTT, as a subscriber collects and checks them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { connectAsync, type IClientOptions } from 'mqtt';
import type { EventPayload } from '../../src/mqtt/payloads.js';

export interface EventListener extends AsyncDisposable {
  events: EventPayload[];
  /** Resolves when it is subscribed at a broker that has been started anew. */
  subscribed(): Promise<void>;
}

/** Is back at the broker before the daemon is: these brokers keep nothing for those who are away. */
export async function listenForEvents(url: string, options: IClientOptions = {}): Promise<EventListener> {
  const events: EventPayload[] = [];
  // By itself mqtt.js would subscribe again, and take whoever asks for that in the meantime for subscribed.
  const client = await connectAsync(url, { reconnectPeriod: 20, resubscribe: false, ...options });
  client.on('message', (_topic, payload) => events.push(JSON.parse(payload.toString())));
  const subscribed = async () => {
    // A request is given up by an attempt to connect that fails, also by one that was begun before it.
    while (!client.disconnecting) {
      const isGranted = await client.subscribeAsync('ghostcam/+/+/events', { qos: 1 }).catch(() => undefined);
      if (isGranted !== undefined) return;
      await sleep(20);
    }
  };
  await subscribed();
  client.on('connect', () => void subscribed());
  return { events, subscribed, [Symbol.asyncDispose]: () => client.endAsync(true) };
}

export type LoggedEvent = Pick<EventPayload, 'type' | 'id' | 'label'>;

const LOGGED =
  /camera \S+: (\S+?)(?: in [^;\n]*?)?, score [\d.]+; event (\S+) on |camera \S+: (\S+) (\S+): (update|end)\b/g;

/** Every event that a daemon has made so far, by its log at the level debug. */
export function loggedEvents(log: string): LoggedEvent[] {
  return [...log.matchAll(LOGGED)].map(([, label, id, other = '', otherId = '', type]) =>
    label !== undefined && id !== undefined
      ? { type: 'new', id, label }
      : { type: type as LoggedEvent['type'], id: otherId, label: other },
  );
}

/** What is wrong with these events, if each is to begin and to end once, in this order; empty: nothing. */
export function brokenLives(events: readonly Pick<EventPayload, 'id' | 'type'>[]): string[] {
  const lives = new Map<string, string[]>();
  for (const { id, type } of events) lives.set(id, [...(lives.get(id) ?? []), type]);
  return [...lives].flatMap(([id, types]) =>
    /^new( update)* end$/.test(types.join(' ')) ? [] : [`${id}: ${types.join(' ')}`],
  );
}

/** How many events of a label began. */
export function begun(events: readonly EventPayload[], label: string): number {
  return events.filter((event) => event.type === 'new' && event.label === label).length;
}

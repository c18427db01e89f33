/** Real brokers that limit the size of packets: mosquitto closes the connection of who exceeds it. */
import { afterEach, expect, test, vi } from 'vitest';
import { SizeSuspicion } from '../../src/mqtt/size-suspicion.js';
import { Mosquitto } from '../support/mosquitto.js';
import { publisher, subscriber } from '../support/publisher.js';

const PATIENCE = { timeout: 40_000, interval: 50 };

const cleanUp: AsyncDisposable[] = [];
afterEach(async () => {
  for (const part of cleanUp.splice(0).reverse()) await part[Symbol.asyncDispose]();
});

async function start(maximumPacketSize: number, version: 'auto' | '5' | '3.1.1') {
  const server = await Mosquitto.start({ settings: [`max_packet_size ${maximumPacketSize}`] });
  cleanUp.push({ [Symbol.asyncDispose]: () => server.dispose() });
  const seen = await subscriber(server.url);
  cleanUp.push(seen);
  const own = await publisher(server.url, { version });
  cleanUp.push(own);
  return { server, seen, ...own };
}

test.each<[number, 'auto' | '5' | '3.1.1', number]>([
  [60_000, 'auto', 1],
  [60_000, '5', 1],
  [20_000, 'auto', 1],
  [2000, 'auto', 1],
  // Without a number each of the three sizes is found by two closed connections, a picture's and two messages'.
  [60_000, '3.1.1', 3],
  [20_000, '3.1.1', 5],
  [2000, '3.1.1', 7],
])(
  'limit %i, MQTT %s: what fits arrives in %i connections, what does not is named once',
  async (limit, version, connections) => {
    const { server, seen, broker, logged } = await start(limit, version);
    const sizes = { picture: 150_000, discovery: 25_000, info: 3000, small: 100 };
    for (const [topic, bytes] of Object.entries(sizes))
      broker.retain(`states/${topic}`, Buffer.alloc(bytes, 'x'));
    for (let number = 0; number < 20; number++) broker.event('events', { number });
    const fitting = Object.entries(sizes).filter(([, bytes]) => bytes < limit);
    await vi.waitFor(() => {
      const arrived = [...seen.newest.keys()].filter((topic) => topic.startsWith('states/'));
      expect(arrived.sort()).toEqual(fitting.map(([topic]) => `states/${topic}`).sort());
      expect(seen.messages.filter(({ topic }) => topic === 'events').length).toBeGreaterThanOrEqual(20);
    }, PATIENCE);
    const numbers = seen.messages
      .filter(({ topic }) => topic === 'events')
      .map(({ payload }) => JSON.parse(payload.toString()).number);
    expect([...new Set(numbers)]).toEqual(Array.from({ length: 20 }, (_, number) => number));
    const tooLarge = logged(/too large for the broker/);
    for (const [topic, bytes] of Object.entries(sizes)) {
      const lines = tooLarge.filter((line) => line.includes(`states/${topic}`));
      expect(lines.length, topic).toBe(bytes < limit ? 0 : 1);
      if (bytes >= limit)
        expect(lines[0]).toMatch(new RegExp(`${String(bytes).slice(0, 2)}\\d+ bytes.*MAX_KB`, 's'));
    }
    expect(server.log.match(/New client connected from .* as publisher/g)?.length).toBeLessThanOrEqual(
      connections,
    );
  },
);

test('the room for a picture follows the limit', async () => {
  const { broker } = await start(20_000, 'auto');
  expect(broker.maximumPayload('picture')).toBe(Number.POSITIVE_INFINITY);
  await vi.waitFor(() => expect(broker.connected).toBe(true), PATIENCE);
  const properties = { contentType: 'image/jpeg', userProperties: { event: 'mwvijsk1-3' } };
  const room = broker.maximumPayload('pictures/front', properties);
  expect(room).toBeGreaterThan(19_800);
  const seen = cleanUp[1] as Awaited<ReturnType<typeof subscriber>>;
  broker.retain('pictures/front', Buffer.alloc(room), 1, properties);
  await vi.waitFor(() => expect(seen.newest.get('pictures/front')?.length).toBe(room), PATIENCE);
});

test('an event or a frame that does not fit is dropped, counted and named, and the next ones go on', async () => {
  const { seen, broker, logged } = await start(2000, 'auto');
  await vi.waitFor(() => expect(broker.connected).toBe(true), PATIENCE);
  broker.event('events', { path: 'x'.repeat(3000) });
  broker.event('events', { number: 1 });
  broker.send('detections', 'x'.repeat(3000));
  await vi.waitFor(() => expect(seen.newest.get('events')?.toString()).toBe('{"number":1}'), PATIENCE);
  expect(broker.dropped).toBe(2);
  expect(logged(/too large/)).toHaveLength(2);
});

test('a size that was put aside is tried again after an hour, and a confirmed one is above suspicion', () => {
  let now = 0;
  const clock = { wallTime: () => now, monotonic: () => now, sleep: async () => {} };
  const suspicion = new SizeSuspicion(clock);
  const closeAfter = (bytes: number) => {
    suspicion.connected();
    suspicion.sent('a', bytes);
    return suspicion.closed(false);
  };
  expect(closeAfter(500)).toBeUndefined();
  expect(closeAfter(5000)).toEqual({ topic: 'a', bytes: 5000, putAside: false });
  suspicion.connected();
  suspicion.confirmed(suspicion.sent('a', 6000));
  expect(closeAfter(7000)?.putAside).toBe(false);
  expect(suspicion.limit).toBe(Number.POSITIVE_INFINITY);
  expect(closeAfter(7000)?.putAside).toBe(true);
  expect(suspicion.limit).toBe(7000);
  now += 3_600_001;
  expect(suspicion.limit).toBe(Number.POSITIVE_INFINITY);
  // A connection that closes long after the message closes for another reason.
  suspicion.sent('a', 9000);
  now += 6000;
  expect(suspicion.closed(false)).toBeUndefined();
});

test('a broker that is killed now and then has no limit: what it has processed is above suspicion', () => {
  const clock = { wallTime: () => 0, monotonic: () => 0, sleep: async () => {} };
  const suspicion = new SizeSuspicion(clock);
  const closeAfter = (processed: number[], bytes: number) => {
    suspicion.connected();
    for (const size of processed) suspicion.confirmed(suspicion.sent('a', size));
    suspicion.sent('b', bytes);
    return suspicion.closed(false)?.putAside;
  };
  expect(closeAfter([78_000], 1300)).toBeUndefined();
  // A picture that is larger than those before is on its way.
  expect(closeAfter([78_000], 79_000)).toBe(false);
  // Other sizes, and later the connection is too young to know of them.
  expect(closeAfter([18_000], 1300)).toBeUndefined();
  expect(closeAfter([], 1300)).toBe(false);
  expect(suspicion.limit).toBe(Number.POSITIVE_INFINITY);
  // It has a limit after all, as of now.
  expect(closeAfter([1000], 1300)).toBe(true);
  expect(suspicion.limit).toBe(1300);
});

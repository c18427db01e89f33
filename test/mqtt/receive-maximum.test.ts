/** A broker that takes few messages at once, and ends the connection of who sends more (MQTT 5, 3.3.4 and 4.9). */
import { afterEach, expect, test, vi } from 'vitest';
import { publisher } from '../support/publisher.js';
import { disconnect, onPackets, ScriptedBroker } from '../support/scripted-broker.js';

const RECEIVE_MAXIMUM_EXCEEDED = 0x93;
const ACKNOWLEDGED_AFTER_MS = 5;

const cleanUp: (() => PromiseLike<void>)[] = [];
afterEach(async () => {
  for (const end of cleanUp.splice(0).reverse()) await end();
});

/** What it was sent, in order. */
interface Seen {
  connections: number;
  mostAtOnce: number;
  messages: { topic: string; payload: string }[];
}

/**
 * A broker that announces the maximum and acknowledges each message a little later.
 * @param endAt The message at which its first connection breaks.
 */
async function limitedBroker(maximum: number, endAt?: number): Promise<{ url: string; seen: Seen }> {
  const seen: Seen = { connections: 0, mostAtOnce: 0, messages: [] };
  const broker = await ScriptedBroker.start((socket) => {
    seen.connections += 1;
    // CONNACK with one property, the receive maximum (0x21).
    socket.write(Buffer.from([0x20, 6, 0, 0, 3, 0x21, 0, maximum]));
    let inFlight = 0;
    onPackets(socket, (type, flags, body) => {
      if (type !== 3) return;
      const length = body.readUInt16BE(0);
      const atQos1 = (flags & 6) !== 0;
      const identifier = body.subarray(2 + length, 4 + length);
      // No properties but one length byte, which is 0.
      const payload = body.subarray(2 + length + (atQos1 ? 2 : 0) + 1).toString();
      seen.messages.push({ topic: body.toString('utf8', 2, 2 + length), payload });
      if (seen.messages.length === endAt) socket.destroy();
      if (!atQos1) return;
      inFlight += 1;
      seen.mostAtOnce = Math.max(seen.mostAtOnce, inFlight);
      if (inFlight > maximum) {
        socket.end(disconnect(RECEIVE_MAXIMUM_EXCEEDED));
        return;
      }
      setTimeout(() => {
        inFlight -= 1;
        if (socket.writable) socket.write(Buffer.from([0x40, 2, ...identifier]));
      }, ACKNOWLEDGED_AFTER_MS);
    });
  });
  cleanUp.push(() => broker.dispose());
  return { url: broker.url, seen };
}

test.each([1, 2, 5, 20])('%i at once: one connection, every event in order, every state', async (maximum) => {
  const { url, seen } = await limitedBroker(maximum);
  const own = await publisher(url);
  cleanUp.push(() => own[Symbol.asyncDispose]());
  for (let number = 0; number < 60; number++) {
    own.broker.retain(`states/${number}`, 'first');
    own.broker.event('events', { number });
  }
  await vi.waitFor(() => expect(own.broker.connected).toBe(true));
  for (let number = 0; number < 60; number++) own.broker.retain(`states/${number}`, 'last');
  await own.broker.stop(10_000);
  const events = seen.messages.filter(({ topic }) => topic === 'events');
  expect(events.map(({ payload }) => JSON.parse(payload).number)).toEqual(
    Array.from({ length: 60 }, (_, number) => number),
  );
  const states = new Map(seen.messages.map(({ topic, payload }) => [topic, payload]));
  for (let number = 0; number < 60; number++) expect(states.get(`states/${number}`)).toBe('last');
  expect(seen.mostAtOnce).toBe(maximum);
  expect(seen.connections).toBe(1);
  expect(own.logged(/no connection|too large/)).toEqual([]);
});

test('where there is room, what is given later does not come first', async () => {
  const { url, seen } = await limitedBroker(20);
  const own = await publisher(url);
  cleanUp.push(() => own[Symbol.asyncDispose]());
  await vi.waitFor(() => expect(own.broker.connected).toBe(true));
  own.broker.retain('announcement', 'x');
  own.broker.send('detections', '{}');
  await vi.waitFor(() => expect(seen.messages.map(({ topic }) => topic)).toContain('detections'));
  expect(seen.messages.map(({ topic }) => topic)).toEqual(['announcement', 'detections']);
});

test('detections, which nobody acknowledges, pass while states wait', async () => {
  const { url, seen } = await limitedBroker(1);
  const own = await publisher(url);
  cleanUp.push(() => own[Symbol.asyncDispose]());
  await vi.waitFor(() => expect(own.broker.connected).toBe(true));
  for (let number = 0; number < 5; number++) own.broker.retain(`states/${number}`, 'x');
  expect(own.broker.send('detections', '{}')).toBe(true);
  await vi.waitFor(() => expect(seen.messages.map(({ topic }) => topic)).toContain('states/4'));
  const order = seen.messages.map(({ topic }) => topic);
  expect(order.indexOf('detections')).toBeLessThan(order.indexOf('states/4'));
});

test('a connection that ends while messages wait: they come on the next one', async () => {
  const { url, seen } = await limitedBroker(1, 10);
  const own = await publisher(url);
  cleanUp.push(() => own[Symbol.asyncDispose]());
  for (let number = 0; number < 20; number++) {
    own.broker.retain(`states/${number}`, 'x');
    own.broker.event('events', { number });
  }
  await vi.waitFor(() => expect(seen.connections).toBe(2), { timeout: 10_000 });
  await vi.waitFor(() => expect(own.broker.connected).toBe(true));
  await own.broker.stop(10_000);
  const numbers = seen.messages
    .filter(({ topic }) => topic === 'events')
    .map(({ payload }) => JSON.parse(payload).number);
  expect([...new Set(numbers)]).toEqual(Array.from({ length: 20 }, (_, number) => number));
  expect(new Set(seen.messages.map(({ topic }) => topic)).size).toBe(21);
  expect(seen.mostAtOnce).toBe(1);
});

test('0, which is forbidden, is no limit', async () => {
  const { url, seen } = await limitedBroker(0);
  const own = await publisher(url);
  cleanUp.push(() => own[Symbol.asyncDispose]());
  own.broker.retain('states/0', 'x');
  await vi.waitFor(() => expect(seen.messages).toContainEqual({ topic: 'states/0', payload: 'x' }));
});

test('a broker that never answers a subscription does not keep the program from stopping', async () => {
  const { url, seen } = await limitedBroker(20);
  const own = await publisher(url);
  own.broker.subscribe('commands', () => {});
  own.broker.retain('states/0', 'x');
  await vi.waitFor(() => expect(seen.messages).toHaveLength(1));
  // It waited for ever.
  await own.broker.stop(1_000);
  await vi.waitFor(() => expect(own.broker.connected).toBe(false));
});

/** Answers of a broker that MQTT forbids: they end no process. */
import { afterEach, expect, test, vi } from 'vitest';
import { publisher } from '../support/publisher.js';
import { ScriptedBroker } from '../support/scripted-broker.js';

const PATIENCE = { timeout: 60_000, interval: 50 };

const cleanUp: (() => PromiseLike<void>)[] = [];
afterEach(async () => {
  for (const end of cleanUp.splice(0).reverse()) await end();
});

/** Properties of CONNACK (MQTT 5, 3.2.2.3): identifier and value. */
const PROPERTIES: Record<string, number[]> = {
  'session expiry interval': [0x11, 0, 0, 0, 1],
  'assigned client identifier': [0x12, 0, 1, 0x61],
  'server keep alive': [0x13, 0, 60],
  'response information': [0x1a, 0, 1, 0x61],
  'server reference': [0x1c, 0, 1, 0x61],
  'reason string': [0x1f, 0, 1, 0x61],
  'receive maximum': [0x21, 0, 9],
  'topic alias maximum': [0x22, 0, 9],
  'maximum QoS': [0x24, 1],
  'retain available': [0x25, 1],
  'maximum packet size': [0x27, 0, 1, 0, 0],
};

test.each(Object.entries(PROPERTIES))(
  'a broker that says its %s twice is there all the same',
  async (_, property) => {
    const topics: string[] = [];
    const server = await ScriptedBroker.start((socket) => {
      const twice = [...property, ...property];
      socket.write(Buffer.from([0x20, 3 + twice.length, 0, 0, twice.length, ...twice]));
      socket.on('data', (packet) => {
        if (packet.includes('events')) topics.push('events');
      });
    });
    cleanUp.push(() => server.dispose());
    const own = await publisher(server.url);
    cleanUp.push(() => own[Symbol.asyncDispose]());
    own.broker.event('events', { number: 1 });
    await vi.waitFor(() => expect(topics).toEqual(['events']), PATIENCE);
    expect(server.levels).toHaveLength(1);
  },
);

test.each([
  ['authentication that was not asked for', [0xf0, 2, 0x18, 0]],
  ['a topic by an alias that it was not allowed', [0x30, 6, 0, 0, 3, 0x23, 0, 5]],
  ['a second CONNACK', [0x20, 3, 0, 0, 0]],
  ['a reason that there is not', [0x40, 3, 0, 1, 0x95]],
])('a broker that sends %s is to blame, not what it was sent', async (_, packet) => {
  const server = await ScriptedBroker.start((socket) => {
    socket.write(Buffer.from([0x20, 3, 0, 0, 0, ...packet]));
  });
  cleanUp.push(() => server.dispose());
  const own = await publisher(server.url);
  cleanUp.push(() => own[Symbol.asyncDispose]());
  await vi.waitFor(() => expect(own.logged(/no connection/)).not.toEqual([]), PATIENCE);
  expect(own.logged(/no connection/)[0]).toMatch(/it sends what MQTT forbids \(.*\); update it/);
  expect(own.logged(/packet of ours|packet that is valid/)).toEqual([]);
});

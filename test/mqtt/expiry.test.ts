/** The state of a camera whose board has died does not stay `online` for ever. */
import { afterEach, expect, test, vi } from 'vitest';
import { DeliveryErrors } from '../../src/mqtt/delivery/delivery-errors.js';
import { StateStore } from '../../src/mqtt/delivery/state-store.js';
import type { Session } from '../../src/mqtt/session.js';
import { memoryLog } from '../support/log.js';
import { Mosquitto } from '../support/mosquitto.js';
import { publisher, subscriber } from '../support/publisher.js';

const PATIENCE = { timeout: 40_000, interval: 100 };

const cleanUp: (() => PromiseLike<unknown>)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});

test('a state that is not renewed is gone, others stay', async () => {
  const server = await Mosquitto.start();
  cleanUp.push(() => server.dispose());
  const { broker } = await publisher(server.url);
  cleanUp.push(() => broker.stop(500));
  broker.retain('front/state', 'online', 1, { messageExpiryInterval: 1 });
  broker.retain('front/fps/state', '5');
  await vi.waitFor(async () => {
    await using seen = await subscriber(server.url);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect([...seen.newest.keys()]).toEqual(['front/fps/state']);
  }, PATIENCE);
});

test('what expires is renewed, and nothing else', async () => {
  const published: string[] = [];
  const session = {
    congested: false,
    publish: async (topic: string) => void published.push(topic),
  } as unknown as Session;
  const states = new StateStore(new DeliveryErrors(memoryLog().log));
  states.set('front/state', { payload: 'online', qos: 1, properties: { messageExpiryInterval: 900 } });
  states.set('front/fps/state', { payload: '5', qos: 1, properties: {} });
  states.connected(session);
  await states.settled();
  states.repeatExpiring();
  await states.settled();
  expect(published).toEqual(['front/state', 'front/fps/state', 'front/state']);
});

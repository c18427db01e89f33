/** Pictures are kept for the next connection in memory that is used again. */
import { expect, test } from 'vitest';
import { systemClock } from '../../src/clock.js';
import { DeliveryErrors } from '../../src/mqtt/delivery/delivery-errors.js';
import { StateStore } from '../../src/mqtt/delivery/state-store.js';
import type { Session } from '../../src/mqtt/session.js';
import { memoryLog } from '../support/log.js';

const TOPIC = 'front/person/snapshot';
const picture = (bytes: number, value: number) => Buffer.alloc(bytes, value);

/** A connection that has been given messages and has not sent them yet. */
function slowSession() {
  const given: Buffer[] = [];
  const publish = async (_topic: string, payload: Buffer) => void given.push(payload);
  return { given, session: { holdsBack: false, publish } as unknown as Session };
}

function publishing(states: StateStore, ...pictures: Buffer[]): void {
  for (const payload of pictures) states.set(TOPIC, { payload, qos: 0, properties: {} });
}

test.each([
  ['smaller ones', [50_000, 20_000, 100]],
  ['larger ones', [100, 20_000, 50_000]],
  ['as many bytes', [20_000, 20_000, 20_000]],
])('what is on its way stays as it is when others replace it: %s', (_, sizes) => {
  const states = new StateStore(new DeliveryErrors(memoryLog().log, systemClock));
  const { given, session } = slowSession();
  states.connected(session);
  const pictures = sizes.map((bytes, index) => picture(bytes, index + 1));
  publishing(states, ...pictures);
  expect(given).toEqual(pictures);
});

test('the next connection gets the newest, whole, and whatever its maker does with his memory', () => {
  const states = new StateStore(new DeliveryErrors(memoryLog().log, systemClock));
  const newest = picture(30_000, 2);
  publishing(states, picture(40_000, 1), newest);
  newest.fill(9);
  for (let connection = 0; connection < 2; connection++) {
    const { given, session } = slowSession();
    states.connected(session);
    states.disconnected();
    expect(given).toEqual([picture(30_000, 2)]);
  }
});

test('a picture after a message that cleared the topic', () => {
  const states = new StateStore(new DeliveryErrors(memoryLog().log, systemClock));
  const { given, session } = slowSession();
  publishing(states, picture(40_000, 1));
  states.clear(TOPIC);
  publishing(states, picture(10, 3));
  states.connected(session);
  expect(given).toEqual([picture(10, 3)]);
});

/** Brokers whose connection stands and that do not acknowledge what they are sent at QoS 1. */
import { afterEach, expect, test, vi } from 'vitest';
import { Acknowledgements } from '../../src/mqtt/acknowledgements.js';
import { fastClock } from '../support/clock.js';
import { publisher } from '../support/publisher.js';
import { connack, onPackets, ScriptedBroker } from '../support/scripted-broker.js';

const PATIENCE = { timeout: 60_000, interval: 50 };

const cleanUp: (() => PromiseLike<void>)[] = [];
afterEach(async () => {
  for (const end of cleanUp.splice(0).reverse()) await end();
});

interface Message {
  connection: number;
  topic: string;
  payload: string;
}

/** @param acknowledges Asked of each message at QoS 1. */
async function forgetfulBroker(acknowledges: (message: Message) => boolean) {
  const messages: Message[] = [];
  let connections = 0;
  const broker = await ScriptedBroker.start((socket, level) => {
    const connection = ++connections;
    socket.write(connack(0, level));
    onPackets(socket, (type, _, body) => {
      if (type !== 3) return;
      const length = body.readUInt16BE(0);
      const message = {
        connection,
        topic: body.toString('utf8', 2, 2 + length),
        // Behind the identifier, and no properties but one length byte, which is 0.
        payload: body.toString('utf8', 2 + length + 2 + 1),
      };
      messages.push(message);
      if (acknowledges(message))
        socket.write(Buffer.from([0x40, 2, ...body.subarray(2 + length, 4 + length)]));
    });
  });
  cleanUp.push(() => broker.dispose());
  const own = await publisher(broker.url, {}, fastClock(60));
  cleanUp.push(() => own[Symbol.asyncDispose]());
  const events = () =>
    messages.filter(({ topic }) => topic === 'events').map(({ payload }) => JSON.parse(payload).number);
  return { messages, own, events };
}

const NAMED = /it has not acknowledged a message at QoS 1 for \d+ s.*see its log/;

test('one that acknowledges nothing is named, and loses nothing when it does again', async () => {
  const { messages, own, events } = await forgetfulBroker(({ connection }) => connection > 2);
  for (let number = 0; number < 3; number++) own.broker.event('events', { number });
  await vi.waitFor(() => expect(own.broker.waitingEvents).toBe(0), PATIENCE);
  expect(messages.at(-1)?.connection).toBe(3);
  expect(own.logged(NAMED)).toHaveLength(2);
  // The first one on each connection.
  expect(events()).toEqual([0, 0, 0, 1, 2]);
});

test('one that forgets a single message while it acknowledges others gets it again', async () => {
  let forgotten = false;
  const { own, events } = await forgetfulBroker(({ topic, payload }) => {
    if (topic !== 'events' || forgotten || JSON.parse(payload).number !== 1) return true;
    forgotten = true;
    return false;
  });
  for (let number = 0; number < 3; number++) own.broker.event('events', { number });
  let state = 0;
  const others = setInterval(() => own.broker.retain('state', `${state++}`), 50);
  await vi.waitFor(() => expect(own.broker.waitingEvents).toBe(0), PATIENCE);
  clearInterval(others);
  expect(events()).toEqual([0, 1, 1, 2]);
  expect(own.logged(NAMED)).toHaveLength(1);
});

/** A clock that stands, and what waits for the broker by it. */
function standing() {
  let now = 0;
  const acknowledgements = new Acknowledgements({ monotonic: () => now });
  acknowledgements.connected();
  const after = (seconds: number) => {
    now += 1000 * seconds;
    return acknowledgements.overdue();
  };
  return { acknowledgements, after };
}

test('a slow broker that acknowledges one after the other is waited for', () => {
  const { acknowledgements, after } = standing();
  const messages = Array.from({ length: 5 }, () => acknowledgements.sent());
  for (const acknowledge of messages) {
    expect(after(55)).toBeUndefined();
    acknowledge();
  }
  expect(after(1000)).toBeUndefined();
});

test('what waits on this side, as on a slow line, is not the broker’s fault', () => {
  const { acknowledgements, after } = standing();
  acknowledgements.sent();
  expect(after(55)).toBeUndefined();
  acknowledgements.held();
  expect(after(55)).toBeUndefined();
  expect(after(5)).toBe(60);
});

test('it is waited for longer from time to time, until it acknowledges something', () => {
  const { acknowledgements, after } = standing();
  let acknowledge = acknowledgements.sent();
  for (const seconds of [60, 120, 240, 480, 960, 960]) {
    expect(after(seconds - 1)).toBeUndefined();
    expect(after(1)).toBe(seconds);
    acknowledgements.connected();
    acknowledge = acknowledgements.sent();
  }
  acknowledge();
  acknowledgements.sent();
  expect(after(60)).toBe(60);
});

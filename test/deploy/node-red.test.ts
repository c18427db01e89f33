/** deploy/examples/node-red.json against the real topics and messages; its functions run as Node-RED runs them. */
import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { beforeEach, expect, test } from 'vitest';
import { eventPayload } from '../../src/mqtt/payloads.js';
import { Topics } from '../../src/mqtt/topics.js';
import type { EventChange } from '../../src/track/types.js';
import { FOLDER } from '../support/schemas.js';

interface FlowNode {
  id: string;
  type: string;
  topic?: string;
  func?: string;
  datatype?: string;
  broker?: string;
  protocolVersion?: string;
  wires?: string[][];
}
interface Message {
  topic?: string;
  payload: unknown;
  userProperties?: Record<string, string>;
  picture?: Buffer;
}

const flow: FlowNode[] = JSON.parse(readFileSync('deploy/examples/node-red.json', 'utf8'));
const find = (id: string) => flow.find((node) => node.id === id) as FlowNode;
const join = find('gc-join').func ?? '';
const topics = new Topics('ghostcam', 'board');
const EVENTS = topics.events('front');
const PICTURES = topics.snapshot('front', 'person');
const JPEG = Buffer.from([0xff, 0xd8, 0xff]);

let sent: Message[];
let timers: (() => void)[];
let memory: Map<string, unknown>;
beforeEach(() => {
  sent = [];
  timers = [];
  memory = new Map();
});

/** Gives a message to a function node: what it returns, and what it sends later is in `sent`. */
function run(func: string, msg: Message): Message | null {
  const context = {
    get: (key: string) => memory.get(key),
    set: (key: string, value: unknown) => memory.set(key, value),
  };
  const node = { send: (message: Message) => sent.push(message) };
  const setTimeout = (then: () => void) => timers.push(then);
  return runInNewContext(`(() => {${func}\n})()`, { msg, context, node, setTimeout, Buffer });
}

function event(id: string, type: EventChange['type'] = 'new', label = 'person'): Message {
  const box: [number, number, number, number] = [1, 2, 3, 4];
  const change: EventChange = {
    type,
    event: {
      ...{ id, camera: 'front', label, score: 0.8, box, size: { width: 640, height: 360 }, topScore: 0.8 },
      ...{ best: { at: 0, score: 0.8, box }, zones: ['door'], enteredZones: ['door'], path: [] },
      ...{ startedAt: Date.now(), stationary: false },
    },
  };
  return { topic: EVENTS, payload: eventPayload(change, topics.snapshot('front', label)) };
}
const picture = (id: string): Message => ({ topic: PICTURES, payload: JPEG, userProperties: { event: id } });

test('it subscribes to topics that exist, with the protocol that names a picture’s event', () => {
  const matches = (filter = '', topic: string) => {
    const levels = topic.split('/');
    const wanted = filter.split('/');
    return (
      wanted.length === levels.length && wanted.every((level, at) => level === '+' || level === levels[at])
    );
  };
  expect(matches(find('gc-events').topic, EVENTS)).toBe(true);
  expect(find('gc-events').datatype).toBe('json');
  expect(matches(find('gc-pictures').topic, PICTURES)).toBe(true);
  expect(find('gc-pictures').datatype).toBe('buffer');
  for (const node of flow.filter(({ type }) => type.startsWith('mqtt '))) {
    expect(find(node.broker ?? '')).toMatchObject({ type: 'mqtt-broker', protocolVersion: '5' });
  }
});

test('its wires lead somewhere', () => {
  const ids = new Set(flow.map(({ id }) => id));
  expect(ids.size).toBe(flow.length);
  for (const id of flow.flatMap(({ wires = [] }) => wires.flat())) expect(ids).toContain(id);
});

test('it reads no field that an event does not have', () => {
  const { properties } = JSON.parse(readFileSync(`${FOLDER}/event.json`, 'utf8'));
  const fields = flow.flatMap(({ func = '' }) =>
    [...func.matchAll(/\bevent\.(\w+)/g)].map(([, field]) => field),
  );
  expect(fields.length).toBeGreaterThan(5);
  for (const field of fields) expect(Object.keys(properties)).toContain(field);
});

test('the event first, then its picture: one message, with both', () => {
  expect(run(join, event('a'))).toBeNull();
  expect(run(join, picture('other'))).toBeNull();
  const message = run(join, picture('a'));
  expect(message?.payload).toMatch(/^A person came at .*: front, door$/);
  expect(message?.picture).toEqual(JPEG);
  for (const then of timers) then();
  expect([run(join, picture('a')), sent]).toEqual([null, []]);
});

test('the picture first, as after an outage', () => {
  expect(run(join, picture('a'))).toBeNull();
  const late = event('a');
  expect(run(join, { ...late, payload: { ...(late.payload as object), late: true } })).toMatchObject({
    payload: expect.stringContaining('published late'),
    picture: JPEG,
  });
});

test('without a picture the message goes out after a while', () => {
  expect(run(join, event('a'))).toBeNull();
  for (const then of timers) then();
  expect(sent).toMatchObject([{ payload: expect.stringMatching(/^A person came/), picture: undefined }]);
  expect(run(join, picture('a'))).toBeNull();
});

test('other events say nothing', () => {
  expect(run(join, event('a', 'update'))).toBeNull();
  expect(run(join, event('a', 'end'))).toBeNull();
  expect(run(join, event('b', 'new', 'car'))).toBeNull();
  expect(timers).toEqual([]);
});

test('as JSON the picture is a data URL', () => {
  run(join, event('a'));
  const message = run(join, picture('a')) as Message;
  expect(run(find('gc-json').func ?? '', message)?.payload).toEqual({
    text: message.payload,
    image: `data:image/jpeg;base64,${JPEG.toString('base64')}`,
    event: 'a',
  });
});

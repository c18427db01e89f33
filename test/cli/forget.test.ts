/** `ghostcam forget`, on a real broker and beside a real daemon. */
import { connectAsync } from 'mqtt';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Board } from '../support/board.js';
import { ghostcam } from '../support/ghostcam.js';
import { Mosquitto } from '../support/mosquitto.js';
import { freeTcpPort } from '../support/ports.js';
import { connack, halfBroker, ScriptedBroker } from '../support/scripted-broker.js';

const SOON = { timeout: 60_000, interval: 50 };

let board: Board;
beforeEach(async () => {
  board = await Board.start();
});
afterEach(() => board.dispose());

const settings = () => ({
  NODE_ID: 'board',
  MQTT_URL: board.broker.url,
  CAMERAS: 'front',
  CAMERA_URL: 'test:',
});

/** Everything that is retained, by topic. */
async function retained(): Promise<Map<string, string>> {
  const { newest, client } = await board.subscribe('#');
  await client.publishAsync('end', '', { qos: 1 });
  await vi.waitFor(() => expect(newest.has('end')).toBe(true), SOON);
  newest.delete('end');
  return newest;
}

test('all that is retained of a camera goes, and nothing else, where no daemon runs', async () => {
  const { client } = await board.subscribe();
  const stale = {
    'ghostcam/board/garden/state': '{"state":"offline"}',
    'ghostcam/board/garden/person/count': '0',
    'ghostcam/board/garden/zones/door/person/count': '0',
    'ghostcam/board/garden/fps/set': '5',
    'homeassistant/device/ghostcam_board_garden/config': '{}',
  };
  const kept = {
    'ghostcam/board/state': 'offline',
    'ghostcam/board/front/state': '{"state":"online"}',
    'ghostcam/board2/garden/state': '{"state":"online"}',
    'ghostcam/board/garden2/state': '{"state":"online"}',
    'homeassistant/device/ghostcam_board_garden2/config': '{}',
  };
  for (const [topic, payload] of Object.entries({ ...stale, ...kept })) {
    await client.publishAsync(topic, payload, { retain: true, qos: 1 });
  }
  const { code, stdout } = await ghostcam(['forget', 'Garden'], settings());
  expect([code, stdout]).toEqual([0, 'Cleared what was retained of camera garden on 5 topics.\n']);
  expect(Object.fromEntries(await retained())).toEqual(kept);
  const cluster = `mqtt://127.0.0.1:${await freeTcpPort()},${board.broker.url}`;
  expect((await ghostcam(['forget', 'garden'], { ...settings(), MQTT_URL: cluster })).stdout).toMatch(
    'Nothing is retained of a camera garden',
  );
});

test('a daemon keeps a camera that is missing for a grace, and lets it go when it is forgotten', async () => {
  const both = board.daemon({ ...settings(), CAMERAS: 'front,garden' });
  const discovery = 'homeassistant/device/ghostcam_board_garden/config';
  const cleared: string[] = [];
  const { newest } = await board.subscribe('#', (topic, payload) => {
    if (payload.length === 0) cleared.push(topic);
  });
  await vi.waitFor(() => expect(newest.get(discovery)).toMatch(/^{/), SOON);
  const refused = await ghostcam(['forget', 'garden'], settings());
  expect([refused.code, refused.stderr]).toEqual([
    78,
    expect.stringMatching(/still has the camera garden.*\n.*reload/),
  ]);
  await both.stop('SIGTERM');

  const trial = board.daemon(settings());
  await vi.waitFor(() => expect(newest.get('ghostcam/board/garden/state')).toMatch(/removedAt/), SOON);
  await vi.waitFor(() => expect(newest.get('ghostcam/board/state')).toBe('online'), SOON);
  expect(newest.get(discovery)).toMatch(/^{/);
  const { code } = await ghostcam(['forget', 'garden'], settings());
  expect(code).toBe(0);
  await vi.waitFor(() => expect(trial.output).toMatch(/camera garden is no longer there/), SOON);
  const left = async () => [...(await retained()).keys()].filter((topic) => topic.includes('garden'));
  await vi.waitFor(async () => expect(await left()).toEqual([]), SOON);
  // Home Assistant warns of an announcement that is taken back twice.
  expect(cleared.filter((topic) => topic === discovery)).toHaveLength(1);
  expect(cleared[0]).toBe(discovery);
  // The daemon has forgotten it as well: a broker without a memory is told nothing of it.
  await board.broker.kill();
  await board.broker.start();
  const after = await board.subscribe('#');
  await vi.waitFor(() => expect(after.newest.get('ghostcam/board/front/state')).toMatch(/online/), SOON);
  expect([...after.newest.keys()].filter((topic) => topic.includes('garden'))).toEqual([]);
});

test('a camera of the settings, a wrong name and a broker that is away are refused in a sentence', async () => {
  const stderr = async (name: string, more = {}) =>
    (await ghostcam(['forget', name], { ...settings(), ...more })).stderr;
  expect(await stderr('front')).toMatch(/^ghostcam: camera front is in CAMERAS\n {2}-> take it out first/);
  expect(await stderr('a/#')).toMatch(/^ghostcam: "a\/#" is no name of a camera/);
  expect(await stderr('garden', { MQTT_URL: 'mqtt://127.0.0.1:9' })).toMatch(
    /^ghostcam: no connection to the broker: /,
  );
});

test.each([
  ['never answers a subscription', {}, /does not answer a subscription within 10 s/, /see its log/],
  ['closes the connection at one', { ends: 'subscription' as const }, /the connection was closed/, /doctor/],
])('a broker that %s is connected to, and that is what is said', async (_, half, problem, remedy) => {
  const broker = await ScriptedBroker.start(halfBroker(half));
  board.defer(() => broker.dispose());
  const { code, stderr } = await ghostcam(['forget', 'gone'], { ...settings(), MQTT_URL: broker.url });
  const [said = '', hint = ''] = stderr.split('\n');
  expect(code).toBe(78);
  expect(said).toMatch(/^ghostcam: connected to the broker, but /);
  expect(said).toMatch(problem);
  expect(hint).toMatch(remedy);
  expect(stderr).not.toMatch(/no connection|access list|let this user/);
});

test('a broker that does not answer when something is cleared is not said to forbid it', async () => {
  const retained = 'ghostcam/board/gone/state';
  const broker = await ScriptedBroker.start((socket, level) => {
    halfBroker({ subscribes: true })(socket, level, Buffer.alloc(0));
    socket.once('data', () => {
      // A retained message at QoS 0 without properties (MQTT 5, 3.3).
      const rest = [0, retained.length, ...Buffer.from(retained), ...(level === 5 ? [0] : []), 0x31];
      socket.write(Buffer.from([0x31, rest.length, ...rest]));
    });
  });
  board.defer(() => broker.dispose());
  const { code, stderr } = await ghostcam(['forget', 'gone'], { ...settings(), MQTT_URL: broker.url });
  expect([code, stderr]).toEqual([
    78,
    expect.stringMatching(
      /gone\/state cannot be cleared: it does not answer a message.*\n {2}-> see its log/,
    ),
  ]);
});

test('what the broker does not let this user clear is named, and is no bug', async () => {
  const users = { owner: 'o', camera: 'c' };
  const acl = ['user owner', 'topic readwrite #', 'user camera', 'topic read #'];
  const guarded = await Mosquitto.start({ users, acl });
  board.defer(() => guarded.dispose());
  const owner = await connectAsync(guarded.url, { username: 'owner', password: users.owner });
  await owner.publishAsync('ghostcam/board/gone/state', '{}', { retain: true, qos: 1 });
  await owner.endAsync(true);
  const login = { MQTT_URL: guarded.url, MQTT_USERNAME: 'camera', MQTT_PASSWORD: users.camera };
  const { code, stderr } = await ghostcam(['forget', 'gone'], { ...settings(), ...login });
  expect([code, stderr]).toEqual([
    78,
    expect.stringMatching(
      /ghostcam\/board\/gone\/state cannot be cleared: it does not let this user publish .*\n {2}-> allow this user the topic/,
    ),
  ]);
});

test('a broker that ends the connection while it is asked has not said that nothing is there', async () => {
  const broker = await ScriptedBroker.start((socket, level) => {
    halfBroker({ subscribes: true })(socket, level, Buffer.alloc(0));
    setTimeout(() => socket.end(), 300);
  });
  board.defer(() => broker.dispose());
  const { code, stdout, stderr } = await ghostcam(['forget', 'gone'], {
    ...settings(),
    MQTT_URL: broker.url,
  });
  expect([code, stdout]).toEqual([78, '']);
  expect(stderr).toMatch(/connected to the broker, but cannot go on: the connection was closed/);
});

test('what a broker repeats of a password is not shown', async () => {
  const broker = await ScriptedBroker.start((socket) => {
    socket.write(connack(0, 5));
    const words = Buffer.from('moved-hunter2hunter2');
    // DISCONNECT "server moved", with a server reference (MQTT 5, 3.14.2.2.5).
    socket.write(
      Buffer.from([0xe0, 5 + words.length, 0x9d, 3 + words.length, 0x1c, 0, words.length, ...words]),
    );
  });
  board.defer(() => broker.dispose());
  const login = { MQTT_USERNAME: 'u', MQTT_PASSWORD: 'hunter2hunter2' };
  const { stderr } = await ghostcam(['forget', 'gone'], { ...settings(), ...login, MQTT_URL: broker.url });
  expect(stderr).toMatch(/moved-/);
  expect(stderr).not.toMatch(/hunter2/);
});

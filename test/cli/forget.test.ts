/** `ghostcam forget`, on a real broker and beside a real daemon. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Board } from '../support/board.js';
import { ghostcam } from '../support/ghostcam.js';
import { freeTcpPort } from '../support/ports.js';

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

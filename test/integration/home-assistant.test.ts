/** What the daemon announces to Home Assistant, as a subscriber who does what Home Assistant does with it. */
import type { MqttClient } from 'mqtt';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { DiscoveryMessage } from '../../src/homeassistant/component.js';
import { discoveryMistakes } from '../homeassistant/schema.js';
import { Board } from '../support/board.js';

const SOON = { timeout: 25_000, interval: 50 };

let board: Board;
let user: MqttClient;
/** The newest payload of each topic; empty: it was cleared. */
let newest: Map<string, string>;

beforeEach(async () => {
  board = await Board.start();
  ({ client: user, newest } = await board.subscribe('#'));
});
afterEach(() => board.dispose());

const start = (more: Record<string, string>) => board.daemon({ CAMERA_URL: 'test:', ...more });

const text = (device: string) => newest.get(`homeassistant/device/${device}/config`);

async function announced(device: string): Promise<DiscoveryMessage> {
  await vi.waitFor(() => expect(text(device)).toMatch(/^{/), SOON);
  return JSON.parse(text(device) as string);
}

test('every entity has a state, and the commands that are announced are obeyed', async () => {
  start({ CAMERAS: 'front', CAMERA_LABELS: 'person,cat', CAMERA_FRONT_FPS: '3' });
  const { cmps, ...message } = await announced('ghostcam_board_front');
  expect(discoveryMistakes({ ...message, cmps })).toEqual([]);
  expect(discoveryMistakes(await announced('ghostcam_board'))).toEqual([]);
  const shown = [...Object.values(cmps), ...Object.values((await announced('ghostcam_board')).cmps)];
  for (const { state_topic, json_attributes_topic, p } of shown) {
    // They come with the first object, which the test picture does not have, and every ten seconds.
    if (p === 'image' || p === 'event' || p === 'device_automation') continue;
    for (const topic of [state_topic, json_attributes_topic ?? state_topic]) {
      await vi.waitFor(() => expect(newest.get(topic as string), topic).toBeTruthy(), SOON);
    }
  }
  const state = (id: string) => newest.get(cmps[id]?.state_topic as string);
  const command = (id: string, payload: string) =>
    user.publishAsync(cmps[id]?.command_topic as string, payload, { qos: 1 });
  expect([state('detect'), state('fps')]).toEqual(['ON', '3']);
  await command('threshold', '0.66');
  await command('fps', '7.5');
  await command('detect', 'OFF');
  const settings = () => ['threshold', 'fps', 'detect'].map(state);
  await vi.waitFor(() => expect(settings()).toEqual(['0.66', '7.5', 'OFF']), SOON);
});

test('availability follows the camera and the node', async () => {
  const daemon = start({ CAMERAS: 'front', CAMERA_LABELS: 'person' });
  const { availability = [], availability_mode } = await announced('ghostcam_board_front');
  expect(availability_mode).toBe('all');
  const [node, camera] = availability.map(
    ({ topic }) =>
      () =>
        newest.get(topic),
  );
  const cameraState = () => JSON.parse(camera?.() ?? '{}').state;
  await vi.waitFor(() => expect([node?.(), cameraState()]).toEqual(['online', 'online']), SOON);
  await user.publishAsync('ghostcam/board/front/enabled/set', 'OFF');
  await vi.waitFor(() => expect([node?.(), cameraState()]).toEqual(['online', 'disabled']), SOON);
  await daemon.kill();
  await vi.waitFor(() => expect(node?.()).toBe('offline'), SOON);
});

test('a camera that leaves the env file leaves Home Assistant and the broker, at the second start without it', async () => {
  const first = start({ CAMERAS: 'front,garden', CAMERA_LABELS: 'person' });
  await announced('ghostcam_board_garden');
  const ofGarden = () =>
    [...newest]
      .filter(([topic, payload]) => topic.includes('/garden/') && payload !== '')
      .map(([topic]) => topic);
  await vi.waitFor(() => expect(newest.has('ghostcam/board/garden/motion')).toBe(true), SOON);
  await first.stop('SIGTERM');
  await vi.waitFor(() => expect(newest.get('ghostcam/board/garden/state')).toMatch(/was stopped/), SOON);
  newest.delete('ghostcam/board/garden/detections');
  expect(ofGarden()).toHaveLength(10);

  const trial = start({ CAMERAS: 'front', CAMERA_LABELS: 'person' });
  await vi.waitFor(() => expect(newest.get('ghostcam/board/garden/state')).toMatch(/removedAt/), SOON);
  expect(text('ghostcam_board_garden')).toMatch(/^{/);
  await trial.stop('SIGTERM');
  start({ CAMERAS: 'front', CAMERA_LABELS: 'person' });
  await vi.waitFor(() => {
    expect(text('ghostcam_board_garden')).toBe('');
    expect(ofGarden()).toEqual([]);
  }, SOON);
  expect(text('ghostcam_board_front')).toMatch(/^{/);
  expect(newest.get('ghostcam/board/front/person/count')).toBe('0');
});

test('HOMEASSISTANT=false: nothing is said and nothing listened to there', async () => {
  start({ CAMERAS: 'front', HOMEASSISTANT: 'false' });
  await vi.waitFor(() => expect(newest.get('ghostcam/board/front/detections')).toBeDefined(), SOON);
  expect([...newest.keys()].filter((topic) => topic.startsWith('homeassistant/'))).toEqual([]);
  expect(board.broker.log).not.toMatch(/homeassistant/);
});

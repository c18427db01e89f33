import { expect, test } from 'vitest';
import { Identities } from '../../src/homeassistant/identities.js';

const of = (nodeId: string) => new Identities('homeassistant', nodeId);

/** Home Assistant ignores a discovery topic with other characters. */
const VALID_TOPIC = /^homeassistant\/device\/[a-zA-Z0-9_-]+\/config$/;

test('a host name is taken as it is', () => {
  const board = of('garage-pi');
  expect(board.topic(board.camera('back_yard'))).toBe(
    'homeassistant/device/ghostcam_garage-pi_back_yard/config',
  );
});

test.each(['garage.local', 'türklingel', '門', 'a_b', 'a$b', '_', 'A'.repeat(300)])(
  'node %s: a topic that Home Assistant takes, and from which the camera is known again',
  (nodeId) => {
    const node = of(nodeId);
    const topic = node.topic(node.camera('front-1_2'));
    expect(topic).toMatch(VALID_TOPIC);
    expect(node.cameraOf(topic)).toBe('front-1_2');
    expect(node.topic(node.node)).toMatch(VALID_TOPIC);
  },
);

test('no two cameras of any nodes share an id, and no node takes another’s for its own', () => {
  const nodes = ['a', 'a_b', 'a-b', 'a.b', 'A', 'a_b_c'].map(of);
  const topics = nodes.flatMap((node) => [
    node.topic(node.node),
    ...['b', 'c', 'b_c', 'b_b_c'].map((camera) => node.topic(node.camera(camera))),
  ]);
  expect(new Set(topics).size).toBe(topics.length);
  for (const [index, node] of nodes.entries()) {
    const own = topics.filter((topic) => node.cameraOf(topic) !== undefined);
    expect(own).toEqual(topics.slice(index * 5 + 1, index * 5 + 5));
  }
});

test.each([
  'homeassistant/device/ghostcam_board/config',
  'homeassistant/device/ghostcam_board_/config',
  'homeassistant/device/ghostcam_board_front/other',
  'homeassistant/device/0x00158d0001/config',
  'elsewhere/device/ghostcam_board_front/config',
])('%s is no camera of this node', (topic) => {
  expect(of('board').cameraOf(topic)).toBeUndefined();
});

/** Commands for cameras whose controls are not there yet, or are never. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { systemClock } from '../../src/clock.js';
import type { MessageHandler } from '../../src/mqtt/broker.js';
import { type CameraChoices, type CameraControls, Commands } from '../../src/mqtt/commands.js';
import { Topics } from '../../src/mqtt/topics.js';
import { memoryLog } from '../support/log.js';

const TOPICS = new Topics('ghostcam', 'board');

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Remembers instead of doing. */
function rememberingControls(): CameraControls {
  const configured = { enabled: true, detect: true, threshold: 0.3, fps: 5 };
  const values: CameraChoices = { ...configured };
  return {
    get: (setting) => ({ ...values, threshold: values.threshold ?? 0.3 })[setting],
    chosen: (setting) => values[setting],
    configured: (setting) => configured[setting],
    set(setting, value) {
      values[setting] = value;
    },
  };
}

/** Commands without a broker, for the cameras of `configured`, of which none has its controls yet. */
function commandsFor(configured: string[]) {
  const { log, lines } = memoryLog();
  const controls = new Map<string, CameraControls>();
  const published: [topic: string, payload: string][] = [];
  let handler: MessageHandler = () => {};
  const broker = {
    retain: (topic: string, payload: string | Buffer) => void published.push([topic, String(payload)]),
    subscribe: (_filter: string, onMessage: MessageHandler) => {
      handler = onMessage;
    },
    renew: () => {},
  };
  const clock = systemClock;
  const commands = new Commands({ broker, topics: TOPICS, controls, cameras: () => configured, clock, log });
  const deliver = (camera: string, payload: string, retained = false) =>
    handler(TOPICS.settingCommand(camera, 'fps'), Buffer.from(payload), retained);
  return { commands, controls, deliver, published, lines };
}

test('a command that the broker has kept for a camera that is gone names those of the settings', async () => {
  const { commands, deliver, lines } = commandsFor(['front', 'yard']);
  const recalled = commands.recall(Promise.resolve());
  deliver('gone', '7', true);
  await vi.advanceTimersByTimeAsync(1000);
  await recalled;
  expect(lines.join('')).toMatch(/there is no such camera; expected one of front, yard\b/);
});

test('a command for a camera that is being added is obeyed when its controls are there, the newest one', () => {
  const configured = ['front'];
  const { commands, controls, deliver, published, lines } = commandsFor(configured);
  controls.set('front', rememberingControls());
  commands.start();
  configured.push('yard');
  for (const payload of ['9', '7']) {
    deliver('yard', payload);
    vi.advanceTimersByTime(1000);
  }
  const yard = rememberingControls();
  controls.set('yard', yard);
  commands.renew(['yard']);
  expect(yard.get('fps')).toBe(7);
  // No other value was ever said.
  const states = published.filter(([topic]) => topic === TOPICS.settingState('yard', 'fps'));
  expect(new Set(states.map(([, payload]) => payload))).toEqual(new Set(['7']));
  expect(lines.filter((line) => line.includes('WARN'))).toEqual([]);
});

test('a command for a camera that has left before it took effect changes nothing, also when the camera comes back', () => {
  const configured = ['front', 'yard'];
  const { commands, controls, deliver } = commandsFor(configured);
  commands.start();
  deliver('yard', '7');
  configured.pop();
  vi.advanceTimersByTime(1000);
  configured.push('yard');
  const yard = rememberingControls();
  controls.set('yard', yard);
  commands.renew(['yard']);
  expect(yard.get('fps')).toBe(5);
});

/** The target `discovery`: retained messages of strangers below Home Assistant's prefix, in the process. */

import { systemClock } from '../../src/clock.js';
import { defaultCameraConfig } from '../../src/config/types.js';
import { HomeAssistant } from '../../src/homeassistant/home-assistant.js';
import type { Broker } from '../../src/mqtt/broker.js';
import { FormerCameras } from '../../src/mqtt/former-cameras.js';
import { matchesFilter, Topics } from '../../src/mqtt/topics.js';
import { isMqttString, isTopicName } from '../../src/mqtt-strings.js';
import { memoryLog } from '../support/log.js';
import { mutateJson } from './json.js';
import { mutateText, pick, type Target } from './target.js';

const TOPICS = new Topics('ghostcam', 'board');
const DEVICES = [
  'ghostcam_board',
  'ghostcam_board_front',
  'ghostcam_board_gone',
  'ghostcam_board_',
  'another',
];
/** What this node may publish to, and nobody else's. */
const OURS = /^(?:ghostcam\/board\/|homeassistant\/device\/ghostcam_board(?:_[A-Za-z0-9_-]{1,64})?\/config$)/;
/** Of a message: what this node says itself, and what it repeats. */
const MAX_REPEATED = 3 << 20;

/** The first line is the topic, the rest the payload. */
export function discoveryTarget(): Target {
  return {
    name: 'discovery',
    limitMs: 2000,
    seeds: () =>
      DEVICES.map(
        (device) => `homeassistant/device/${device}/config\n${JSON.stringify(announcement(device))}`,
      ),
    mutate(input, random) {
      const end = input.indexOf('\n');
      const [topic, payload] = [input.slice(0, end), input.slice(end + 1)];
      if (random() < 0.1) return `${mutateText(topic, random).replaceAll('\n', ' ')}\n${payload}`;
      if (random() < 0.1) return `homeassistant/device/${pick(DEVICES, random)}/config\n${payload}`;
      return `${topic}\n${mutateJson(payload, random)}`;
    },
    run(input) {
      const end = input.indexOf('\n');
      const topic = input.slice(0, end);
      const { log, lines } = memoryLog();
      const outcomes: string[] = [];
      const handlers: { filter: string; handler: (...message: [string, Buffer, boolean]) => void }[] = [];
      const check = (what: string, to: string, payload = '') => {
        if (!isTopicName(to) || !OURS.test(to))
          throw new Error(`${what} on ${JSON.stringify(to.slice(0, 200))}`);
        if (payload.length > MAX_REPEATED) throw new Error(`${what} of ${payload.length} characters`);
        outcomes.push(`${what} ${TOPICS.parse(to)?.kind ?? 'device'}`);
      };
      const broker = {
        subscribe: (filter: string, handler: (typeof handlers)[0]['handler']) =>
          void handlers.push({ filter, handler }),
        clearBelow: (prefix: string) => check('cleared', `${prefix}state`),
        retain(to: string, payload: string) {
          check('retained', to, payload);
          if (TOPICS.parse(to)?.kind === 'cameraState') return;
          for (const id of Object.keys(JSON.parse(payload).cmps))
            if (!isMqttString(id)) throw new Error(`a component ${JSON.stringify(id.slice(0, 200))}`);
        },
        clear: (to: string) => check('cleared', to),
        repeat: (to: string) => check('repeated', to),
      };
      // One start after the other without the camera: the first keeps what is there, the second clears it.
      const former = new FormerCameras({
        broker: broker as unknown as Broker,
        topics: TOPICS,
        isConfigured: (camera) => camera === 'front',
        clock: systemClock,
        log,
      });
      former.start();
      const homeAssistant = new HomeAssistant({
        broker: broker as unknown as Broker,
        topics: TOPICS,
        nodeId: 'board',
        prefix: 'homeassistant',
        cameras: [
          {
            config: defaultCameraConfig({ name: 'front', url: 'test:' }),
            reportableLabels: ['person', 'car'],
            measuresMotion: true,
          },
        ],
        former,
        clock: systemClock,
        log,
      });
      homeAssistant.start();
      for (const { filter, handler } of handlers)
        if (matchesFilter(topic, filter)) handler(topic, Buffer.from(input.slice(end + 1)), true);
      for (const { filter, handler } of handlers) {
        const state = TOPICS.cameraState('garden');
        if (matchesFilter(state, filter))
          handler(state, Buffer.from('{"removedAt":"2026-11-25T14:03:12.669Z"}'), true);
      }
      homeAssistant.stop();
      former.stop();
      if (/(?!\n)\p{Cc}/u.test(lines.join(''))) throw new Error('a control character is logged');
      return [...new Set(outcomes)];
    },
  };
}

/** A message as an earlier run may have left it, with entities that are there no more. */
function announcement(device: string): unknown {
  const camera = device.split('_')[2] ?? 'front';
  return {
    dev: { ids: [device] },
    cmps: {
      wolf_count: { p: 'sensor', unique_id: 'a', state_topic: TOPICS.count(camera, 'wolf') },
      wolf_image: { p: 'image', unique_id: 'b', image_topic: TOPICS.snapshot(camera, 'wolf') },
      status: { p: 'sensor', unique_id: 'c', json_attributes_topic: TOPICS.cameraState(camera) },
      old: { p: 'switch', unique_id: 'd', state_topic: TOPICS.settingState(camera, 'old') },
    },
  };
}

/** The target `commands`: messages of strangers on the topics of commands, in the process. */
import { mock } from 'node:test';
import { systemClock } from '../../src/clock.js';
import { LIMITS } from '../../src/config/table.js';
import { type CameraChoices, type CameraControls, Commands } from '../../src/mqtt/commands.js';
import { Topics } from '../../src/mqtt/topics.js';
import { isTopicName } from '../../src/mqtt-strings.js';
import { memoryLog } from '../support/log.js';
import { mutateText, pick, type Random, type Target } from './target.js';

const TOPICS = new Topics('ghostcam', 'board');
const CAMERAS = ['front', 'back_yard'];
const LEVELS = [
  ...CAMERAS,
  'enabled',
  'detect',
  'threshold',
  'fps',
  'set',
  'state',
  '__proto__',
  '+',
  '',
  'x',
];
const PAYLOADS = ['ON', 'OFF', 'true', '0.5', '5', '1e3', '0x5', ' 5 ', '-0', 'NaN', 'Infinity', '', '{}'];
/** More than one message in 50 ms and more than one refusal: what is logged of them is bounded. */
const MAX_LOGGED = 20_000;

/** Messages are lines: the topic, a tab and the payload. */
export function commandsTarget(): Target {
  mock.timers.enable({ apis: ['setTimeout'] });
  return {
    name: 'commands',
    limitMs: 2000,
    seeds: () => [
      'ghostcam/board/front/enabled/set\tOFF\nghostcam/board/front/threshold/set\t0.5',
      'ghostcam/board/back_yard/fps/set\t5\nghostcam/board/nobody/fps/set\t5',
    ],
    mutate(input, random) {
      if (random() < 0.4) return mutateText(input, random);
      return `${input.split('\n').slice(-5).join('\n')}\n${message(random)}`;
    },
    run(input) {
      const { log, lines } = memoryLog();
      const outcomes = new Set<string>();
      const settings = new Map(CAMERAS.map((camera) => [camera, watchedSettings(outcomes)]));
      let deliver: (topic: string, payload: Buffer, retained: boolean) => void = () => {};
      const retain = (topic: string, payload: string | Buffer) => {
        const parsed = TOPICS.parse(topic);
        if (!isTopicName(topic) || parsed?.kind !== 'settingState' || !settings.has(parsed.camera))
          throw new Error(`published on ${JSON.stringify(topic)}`);
        if (payload.length === 0 || payload.length > 32) throw new Error(`published ${payload}`);
      };
      const commands = new Commands({
        broker: {
          retain,
          subscribe(_, handler) {
            deliver = handler;
          },
          renew() {},
        },
        topics: TOPICS,
        controls: settings,
        cameras: () => CAMERAS,
        clock: systemClock,
        log,
      });
      commands.start();
      for (const line of input.split('\n')) {
        const [topic = '', payload = ''] = line.split('\t');
        deliver(topic, Buffer.from(payload), false);
      }
      mock.timers.tick(1000);
      commands.stop();
      const logged = lines.join('');
      if (logged.includes('because of a bug')) throw new Error(logged.slice(0, 500));
      if (logged.length > MAX_LOGGED) throw new Error('too much is logged');
      if (/(?!\n)\p{Cc}/u.test(logged)) throw new Error('a control character is logged');
      for (const line of lines) outcomes.add(line.replace(/^.*?\] |[0-9"].*/gs, '').slice(0, 60));
      return [...outcomes];
    },
    dispose: () => mock.timers.reset(),
  };
}

function message(random: Random): string {
  const topic = random() < 0.8 ? `${pick(LEVELS, random)}/${pick(LEVELS, random)}/set` : pick(LEVELS, random);
  return `ghostcam/board/${topic}\t${pick(PAYLOADS, random)}`;
}

/** Settings of a camera that take nothing but what the env file would. */
function watchedSettings(outcomes: Set<string>): CameraControls {
  const configured = { enabled: true, detect: true, threshold: 0.4, fps: 5 };
  const settings: CameraChoices = { ...configured };
  return {
    configured: (setting) => configured[setting],
    chosen: (setting) => settings[setting],
    get: (setting) => ({ ...settings, threshold: settings.threshold ?? 0.4 })[setting],
    set(setting, value) {
      const isValid =
        typeof value === 'number' ? isWithin(setting, value) : typeof settings[setting] === 'boolean';
      if (!isValid) throw new Error(`${setting} is ${value}`);
      settings[setting] = value;
      outcomes.add(`${setting} ${value === true || value === false ? value : 'set'}`);
    },
  };
}

function isWithin(setting: string, value: number): boolean {
  if (setting !== 'threshold' && setting !== 'fps') return false;
  return value >= LIMITS[setting].min && value <= LIMITS[setting].max;
}

/** The target `topics`: topics of strangers are read, in the process. */
import { matchesFilter, Topics } from '../../src/mqtt/topics.js';
import { isTopicName } from '../../src/mqtt-strings.js';
import { mutateText, pick, type Target } from './target.js';

const TOPICS = new Topics('home/ghostcam', 'board');
const PARTS = [
  'home',
  'ghostcam',
  'board',
  'front',
  'fps',
  'set',
  'state',
  'count',
  'info',
  '',
  '{camera}',
  '+',
  '#',
];

export function topicsTarget(): Target {
  return {
    name: 'topics',
    limitMs: 2000,
    seeds: () => [
      ...[TOPICS.nodeState, TOPICS.info, TOPICS.health, TOPICS.doctor, TOPICS.settingCommands],
      ...[
        TOPICS.cameraState('front'),
        TOPICS.detections('front'),
        TOPICS.events('front'),
        TOPICS.motion('front'),
      ],
      ...[TOPICS.settingState('front', 'fps'), TOPICS.count('front', 'car'), TOPICS.snapshot('front', 'car')],
      ...[
        TOPICS.moving('front', 'car'),
        TOPICS.zoneCount('front', 'door', 'car'),
        TOPICS.zoneMoving('front', 'door', 'all'),
      ],
      `${TOPICS.cameraState('front')}${'/a'.repeat(100_000)}`,
    ],
    mutate(input, random) {
      if (random() < 0.5) return mutateText(input, random);
      const levels = input.split('/');
      levels[Math.floor(random() * (levels.length + 1))] = pick(PARTS, random);
      return levels.join('/');
    },
    run(input) {
      const parsed = TOPICS.parse(input);
      const isCommand = matchesFilter(input, TOPICS.settingCommands);
      const isState = matchesFilter(input, TOPICS.cameraStates);
      if (isCommand !== (parsed?.kind === 'settingCommand')) throw new Error('a command is not read as one');
      if (isState !== (parsed?.kind === 'cameraState')) throw new Error('a state is not read as one');
      if (parsed === undefined) return `none, ${isTopicName(input)}`;
      const { kind, ...levels } = parsed;
      const make = TOPICS[kind];
      // Arguments are in the order of a topic's levels.
      const again =
        typeof make === 'string'
          ? make
          : (make as (...levels: string[]) => string).apply(TOPICS, Object.values(levels));
      if (again !== input) throw new Error(`it is read as a ${kind}, which is another topic`);
      return `${kind}, ${isTopicName(input)}`;
    },
  };
}

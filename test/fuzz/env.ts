/** The target `env`: an env file is read, shown and refused, in the process. */
import { execFileSync } from 'node:child_process';
import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeEffective } from '../../src/config/effective.js';
import { configError, loadConfig } from '../../src/config/load.js';
import type { Mistake } from '../../src/config/mistake.js';
import { secretsOf } from '../../src/config/secrets.js';
import { redactText } from '../../src/secrets/redact.js';
import { ALL_SETTINGS, exampleFile } from '../support/settings-docs.js';
import { scratchFolder } from './fuzz.js';
import { mutateText, pick, type Random, type Target } from './target.js';

const SECRET = 'Hunter2xyz';

/** Values of all kinds, many of them in the wrong place. */
function values(folder: string): string[] {
  return [
    '',
    'none',
    'true',
    'off',
    '5',
    '0.5',
    'person,car',
    'person: threshold 0.5, area 0.002..0.5, aspect 0.2..1; *: area 0.01..',
    'door: 0.1,0.5 0.4,0.5 0.4,1; street 3s: 0,0 1,0 1,1',
    '0,0 1,0 1,0.1 0,0.1; 0.9,0.9 1,0.9 1,1',
    'front,back_yard',
    'front,back yard',
    'test:',
    'mqtt://localhost',
    'mqtt://one,mqtt://two:1884',
    'rtsp://[::1]:554/x',
    'file:///dev/null',
    join(folder, 'fifo'),
    join(folder, 'loop'),
    folder,
    '/dev/zero',
    '/etc/hostname',
    '"quoted"',
    "'half",
  ];
}

/** Addresses whose credentials must not be seen again, whatever variable holds them. */
function secretAddress(random: Random): string {
  const scheme = pick(['rtsp', 'rtsps', 'http', 'https', 'mqtt', 'mqtts', 'ws', 'gopher'], random);
  const mark = pick(
    ['', '#', '/', '?', '@', ':', '%', ' ', '%40', '"', "'", '%%', '12#', 'ä', '\\', ','],
    random,
  );
  const password = random() < 0.5 ? `${mark}${SECRET}` : `${SECRET}${mark}`;
  const host = pick(['camera', '192.168.1.20:554', '[::1]', 'camera.local:8554', ''], random);
  const path = pick(
    ['', '/', '/stream', '/Streaming/Channels/101', `/user=admin&password=${SECRET}&channel=1`],
    random,
  );
  const query = pick(['', `?loginuse=admin&loginpas=${SECRET}`, `?${SECRET}`, '?channel=1'], random);
  return `${scheme}://admin:${password}@${host}${path}${query}`;
}

function variable(random: Random): string {
  const { name } = pick(ALL_SETTINGS, random);
  const own =
    random() < 0.6
      ? name.replace(/^CAMERA_/, pick(['CAMERA_FRONT_', 'CAMERA_BACK_YARD_', 'CAMERA_X_'], random))
      : name;
  return random() < 0.1 ? `${own}_FILE` : own;
}

/** Marks an input whose addresses are whole: there the credentials are looked for. */
const WHOLE = '# whole\n';

export function envTarget(): Target {
  const folder = scratchFolder();
  execFileSync('mkfifo', [join(folder, 'fifo')]);
  symlinkSync(join(folder, 'loop'), join(folder, 'loop'));
  const file = join(folder, 'ghostcam.env');
  const known = values(folder);
  return {
    name: 'env',
    limitMs: 2000,
    seeds: () => [
      `${WHOLE}CAMERAS=front,back_yard\nCAMERA_URL=test:\n`,
      `${WHOLE}CAMERAS=front\nCAMERA_FRONT_URL=rtsp://camera/stream\nMQTT_URL=mqtt://broker\n`,
      exampleFile(),
    ],
    mutate(input, random) {
      if (!input.startsWith(WHOLE) || random() < 0.2) return mutateText(input.replace(WHOLE, ''), random);
      const lines = input.split('\n');
      const line = `${variable(random)}=${random() < 0.4 ? secretAddress(random) : pick(known, random)}`;
      const at = 1 + Math.floor(random() * (lines.length - 1));
      const replaced = random() < 0.5 && lines.length > 4 ? 1 : 0;
      return [...lines.slice(0, at), line, ...lines.slice(at + replaced)].join('\n');
    },
    run(input) {
      writeFileSync(file, input);
      const { config, mistakes, effective } = loadConfig(file, {});
      const shown = `${describeEffective(effective)}\n${redactText(configError(mistakes, file).message)}`;
      if (/(?!\n)\p{Cc}/u.test(shown)) throw new Error('a control character is shown');
      if (input.startsWith(WHOLE)) {
        if (shown.includes(SECRET)) throw new Error(`a credential is shown: ${lineWith(SECRET, shown)}`);
        // What another program repeats of an address in use is cleared of it.
        const secrets = secretsOf(config);
        for (const { url } of config.cameras) {
          const echoed = redactText(`cannot open ${url.href()}: ${url.password} refused`, secrets);
          if (echoed.includes(SECRET)) throw new Error(`a credential is echoed: ${echoed}`);
        }
      }
      if (mistakes.some(({ variable: name, problem }) => name === '' || problem === '')) {
        throw new Error('a mistake says nothing');
      }
      if (!Object.isFrozen(config.cameras)) throw new Error('the configuration can be changed');
      return mistakes.map(outcomeOf);
    },
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** The setting and the first words of its problem, without what was received. */
function outcomeOf({ variable: name, problem }: Mistake): string {
  const setting = name.replace(/^CAMERA_(?:FRONT|BACK_YARD|X)_/, 'CAMERA_');
  const known = ALL_SETTINGS.some((other) => other.name === setting.replace(/_FILE$/, ''));
  return `${known ? setting : 'another'}: ${problem
    .split(/["0-9(]/)[0]
    ?.split(' ')
    .slice(0, 4)
    .join(' ')}`;
}

function lineWith(text: string, lines: string): string {
  return lines.split('\n').find((line) => line.includes(text)) ?? '';
}

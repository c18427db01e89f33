/** What a machine does to a daemon: full disks, closed pipes, odd paths, signals, and programs that are no ffmpeg. */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { descendantsOf, isRunning } from '../soak/process.js';
import { makeBadPaths } from '../support/bad-paths.js';
import { Board } from '../support/board.js';
import { ghostcam, PROGRAM } from '../support/ghostcam.js';
import { program } from '../support/program.js';
import { type Fault, logged, type Part, until } from './fault.js';
import { SECRETS } from './secrets.js';

const SETTINGS = { CAMERAS: 'front', CAMERA_URL: 'test:', CAMERA_FPS: '1', CAMERA_DETECT: 'false' };
const CONFIGURATION = 78;
const UNAVAILABLE = 69;

export async function machine(wanted: (name: string) => boolean): Promise<Part> {
  const folder = mkdtempSync(join(tmpdir(), 'ghostcam-machine-'));
  const { paths, server } = makeBadPaths(folder);
  const faults = [
    ...OUTPUTS,
    ...HEARTBEATS,
    ...badPaths(paths),
    ...PROGRAMS,
    ...SIGNALS,
    ...COMMANDS(folder, paths),
  ];
  return {
    name: 'machine',
    faults: faults.filter(({ name }) => wanted(name)),
    concurrency: 2,
    [Symbol.asyncDispose]: async () => {
      server.close();
      execFileSync('chmod', ['-R', 'u+rwx', folder]);
      rmSync(folder, { recursive: true });
    },
  };
}

/** The daemon with its output as bash redirects it, until it reads its camera, and then SIGTERM. */
function output(name: string, redirect: string, heartbeat = '/dev/null'): Fault {
  return {
    name,
    expectation: 'it runs on, SIGTERM ends with 0',
    run: async () => {
      const { PATH = '', HOME = '' } = process.env;
      const script = `"${process.execPath}" "${PROGRAM}" run --heartbeat "${heartbeat}" ${redirect} &
        daemon=$!
        for attempt in $(seq 300); do pgrep -P $daemon -x ffmpeg > /dev/null && break; sleep 0.2; done
        sleep 3
        kill -0 $daemon || echo 'it ended by itself'
        kill $daemon
        wait $daemon
        echo "exit code $?"`;
      const child = spawn('bash', ['-c', script], {
        env: { PATH, HOME, ...SETTINGS, MQTT_URL: 'mqtt://127.0.0.1:1', LOG_LEVEL: 'debug' },
        timeout: 120_000,
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      let said = '';
      child.stdout.on('data', (text) => {
        said += text;
      });
      await new Promise((resolve) => child.once('exit', resolve));
      if (!said.endsWith('exit code 0\n') || said.includes('by itself')) throw new Error(said);
      return 'exit code 0';
    },
  };
}

const OUTPUTS = [
  output('the disk of the log is full', '2>/dev/full'),
  output('the reader of the log has gone', '2> >(true)'),
  output('the reader of the log stands still', '2> >(sleep 30 >/dev/null)'),
  output('standard output and error are closed', '2>&- >&-'),
];

const HEARTBEATS = [
  output('the heartbeat file is on a full disk', '2>/dev/null', '/dev/full'),
  output('the heartbeat file is in no folder', '2>/dev/null', '/dev/null/heartbeat'),
];

/** A command that has to end by itself, without a stack. */
function command(
  name: string,
  expectation: string,
  args: readonly string[],
  environment: Record<string, string>,
  codes: readonly number[],
  said: RegExp,
): Fault {
  return {
    name,
    expectation,
    run: async () => {
      const { code, stdout, stderr } = await ghostcam(args, environment);
      const text = `${stdout}${stderr}`;
      const match = said.exec(text);
      if (!codes.includes(code ?? -1) || match === null || /\n\s+at .*:\d+/.test(text) || tells(text))
        throw new Error(`exit code ${code}: ${text.slice(-400)}`);
      return `exit code ${code}: ${match[0].slice(0, 100)}`;
    },
  };
}

const tells = (text: string) => Object.values(SECRETS).some((secret) => text.includes(secret));

const VARIABLES = [
  'MODEL',
  'FFMPEG_PATH',
  'MQTT_CA',
  'CAMERA_FRONT_URL',
  'CAMERA_FRONT_PASSWORD_FILE',
  'ONNXRUNTIME_LIB',
];
/** As root everything can be read, so those that only lack rights are no fault. */
const KINDS = ['a loop of links', 'a name too long', 'below a file', 'a FIFO', 'an endless device'];

function badPaths(paths: Record<string, string>): Fault[] {
  return KINDS.map((kind, index) => {
    const variable = VARIABLES[index % VARIABLES.length] as string;
    return command(
      `${variable} is ${kind}`,
      `exit code ${CONFIGURATION}, the variable is named`,
      ['check'],
      { ...SETTINGS, [variable]: paths[kind] ?? '' },
      [CONFIGURATION, UNAVAILABLE],
      new RegExp(`${variable}.*`),
    );
  });
}

/** The daemon with a program in the place of ffmpeg. */
function notFfmpeg(name: string, script: string): Fault {
  return {
    name: `FFMPEG_PATH is a program that ${name}`,
    expectation: `exit code ${UNAVAILABLE}, FFMPEG_PATH is named`,
    run: async () => {
      await using wrong = await program(script);
      const { code, stderr } = await ghostcam(['run'], {
        ...SETTINGS,
        MQTT_URL: 'mqtt://127.0.0.1:1',
        FFMPEG_PATH: wrong.path,
      });
      const match = /.*does not run as ffmpeg.*/.exec(stderr);
      if (code !== UNAVAILABLE || match === null) throw new Error(`exit code ${code}: ${stderr.slice(-400)}`);
      return match[0].slice(-120);
    },
  };
}

/** The daemon with a wrapper of ffmpeg, ended by the signal: nothing that the wrapper started is left. */
function wrapper(name: string, script: string, signal: NodeJS.Signals): Fault {
  return {
    name: `a wrapper of ffmpeg ${name}, ${signal}`,
    expectation: 'nothing of it is left',
    run: async () => {
      await using own = await program(`case "$*" in *pipe:1*) ;; *) exec ffmpeg "$@" ;; esac\n${script}`);
      const board = await Board.start();
      try {
        const { newest } = await board.subscribe('ghostcam/#');
        const daemon = board.daemon({ ...SETTINGS, FFMPEG_PATH: own.path });
        await until(
          () => (/"online"/.test(newest.get('ghostcam/board/front/state') ?? '') ? true : undefined),
          () => daemon.output,
        );
        const pids = readFileSync(join(own.folder, 'pids'), 'utf8').trim().split('\n').map(Number);
        const all = [...new Set([...pids, ...descendantsOf(daemon.pid)])];
        await daemon.stop(signal);
        try {
          await until(
            () => (all.some(isRunning) ? undefined : true),
            () => `left: ${all.filter(isRunning)}`,
            20,
          );
        } finally {
          for (const pid of all.filter(isRunning)) process.kill(pid, 'SIGKILL');
        }
        return `${all.length} processes gone`;
      } finally {
        await board.dispose();
      }
    },
  };
}

const HELPER = 'sleep 300 >/dev/null 2>&1 & echo $! >> "$folder/pids"';
const IGNORING = `(trap '' TERM INT HUP; exec sleep 300 >/dev/null 2>&1) & echo $! >> "$folder/pids"`;
const SESSION = `setsid sh -c 'echo $$ >> "$1"; exec sleep 300 >/dev/null 2>&1' sh "$folder/pids" & sleep 0.3`;
const PROGRAMS = [
  notFfmpeg('only exits with 0', 'exit 0'),
  notFfmpeg('never ends', 'exec sleep 300'),
  notFfmpeg('writes without end', 'exec yes'),
  ...(['SIGTERM', 'SIGKILL'] as const).flatMap((signal) => [
    wrapper('with a helper', `${HELPER}\nexec ffmpeg "$@"`, signal),
    wrapper('with a helper that ignores signals', `${IGNORING}\nexec ffmpeg "$@"`, signal),
    wrapper('with a helper in a session of its own', `${SESSION}\nexec ffmpeg "$@"`, signal),
    wrapper('that ignores signals itself', `trap '' TERM INT HUP\n${SESSION}\nffmpeg "$@"`, signal),
  ]),
];

const SIGNALS: Fault[] = (['SIGTERM', 'SIGINT'] as const).map((signal) => ({
  name: `${signal} while a camera does not answer`,
  expectation: 'exit code 0, no child left',
  run: async () => {
    const board = await Board.start();
    try {
      const daemon = board.daemon({ ...SETTINGS, CAMERA_URL: `rtsp://127.0.0.1:${board.broker.port}/x` });
      await logged(() => daemon.output, /connected to the broker|mqtt/i);
      await new Promise((resolve) => setTimeout(resolve, 2000));
      const children = descendantsOf(daemon.pid);
      const { code } = await daemon.stop(signal);
      await until(
        () => (children.some(isRunning) ? undefined : true),
        () => `left: ${children.filter(isRunning)}`,
        20,
      );
      if (code !== 0) throw new Error(`exit code ${code}`);
      return `exit code 0, ${children.length} children gone`;
    } finally {
      await board.dispose();
    }
  },
}));

function COMMANDS(folder: string, paths: Record<string, string>): Fault[] {
  const garbage = join(folder, 'garbage.onnx');
  writeFileSync(garbage, Buffer.alloc(5000, 0x5a));
  const misplaced = `rtsp://admin:${SECRETS.rtsp}@127.0.0.1/x?pw=${SECRETS.query}`;
  return [
    command(
      'the model is garbage',
      `exit code ${CONFIGURATION}, MODEL is named`,
      ['run'],
      { ...SETTINGS, MODEL: garbage },
      [CONFIGURATION],
      /MODEL.*|model.*/,
    ),
    command(
      'an address with a password in MODEL',
      'not repeated',
      ['check'],
      { ...SETTINGS, MODEL: misplaced },
      [CONFIGURATION],
      /MODEL.*/,
    ),
    command(
      'an address with a password in CAMERA_ZONES',
      'not repeated',
      ['check'],
      { ...SETTINGS, CAMERA_ZONES: misplaced },
      [CONFIGURATION],
      /ZONES.*/,
    ),
    command(
      'a password with a raw # behind digits',
      'the mistake is named, nothing is quoted',
      ['check'],
      { ...SETTINGS, CAMERA_FRONT_URL: `rtsp://admin:12#${SECRETS.rtsp}@127.0.0.1/x` },
      [0, CONFIGURATION],
      /./,
    ),
    command(
      'demo of a file that is missing',
      'it says so and ends',
      ['demo', '--source', paths.missing ?? '', '--seconds', '5'],
      {},
      [1, 64, 78, 69],
      /.*missing.*|no.*file.*/i,
    ),
    command(
      'detect of a FIFO',
      'it says so and ends',
      ['detect', paths['a FIFO'] ?? ''],
      {},
      [1, 64, 78],
      /fifo.*/i,
    ),
    command('import of garbage', 'the reason, no stack', ['import', garbage], {}, [1, 64, 78], /garbage.*/),
    {
      name: '40 descriptors at most',
      expectation: 'it ends with a message, or runs',
      run: async () => {
        const { PATH = '', HOME = '' } = process.env;
        const child = spawn('bash', ['-c', `ulimit -n 40; exec "${process.execPath}" "${PROGRAM}" run`], {
          env: {
            PATH,
            HOME,
            ...SETTINGS,
            CAMERAS: Array.from({ length: 12 }, (_, n) => `c${n}`).join(','),
            MQTT_URL: 'mqtt://127.0.0.1:1',
          },
          stdio: ['ignore', 'pipe', 'pipe'],
        });
        let said = '';
        for (const stream of [child.stdout, child.stderr])
          stream.on('data', (text) => {
            said += text;
          });
        const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
        const timer = setTimeout(() => child.kill('SIGTERM'), 15_000);
        const last = setTimeout(() => child.kill('SIGKILL'), 40_000);
        const code = await ended;
        clearTimeout(timer);
        clearTimeout(last);
        if (code === null || /\n\s+at .*:\d+/.test(said))
          throw new Error(`exit code ${code}: ${said.slice(-400)}`);
        return `exit code ${code}`;
      },
    },
  ];
}

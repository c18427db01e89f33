/** Cameras that fail: all of them at one daemon, which is to name each fault, to see what can be seen, and to tell no secret. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HealthPayload } from '../../src/mqtt/payloads.js';
import { Board } from '../support/board.js';
import { execute } from '../support/execute.js';
import { accessUnits, FaultyRtspCamera } from '../support/faulty-rtsp-camera.js';
import { clipOfTestPicture } from '../support/footage.js';
import type { Daemon } from '../support/ghostcam.js';
import { type CameraFault, cameraFaults, type Media, type OpenCamera } from './camera-faults.js';
import { type Fault, type Part, until } from './fault.js';
import { secretForms } from './secrets.js';

/** Frames a second that each camera is to have: few, as there are many of them. */
const FPS = 2;
/** So much of it counts as all: the machine that runs this is busy. */
const ENOUGH = 0.5;

/** @param wanted Whether the fault of that name is to be tried. */
export async function cameras(wanted: (name: string) => boolean): Promise<Part> {
  const chosen = cameraFaults.filter(({ name }) => wanted(name));
  const fleet = await Fleet.start(chosen);
  const secrets: Fault[] = [
    {
      name: 'no password in log or messages, of any of them',
      expectation: 'none of their forms',
      run: () => fleet.cleanOfSecrets(),
    },
    {
      name: 'no control character in log or messages',
      expectation: 'none but the ends of lines',
      run: () => fleet.cleanOfControls(),
    },
  ];
  return {
    name: 'cameras',
    faults: [
      ...chosen.map((fault, index) => ({ ...fault, run: () => fleet.judge(fault, index) })),
      // After all others have run.
      ...(chosen.length > 0 ? secrets.filter(({ name }) => wanted(name)) : []),
    ],
    concurrency: Math.max(1, chosen.length),
    [Symbol.asyncDispose]: () => fleet.dispose(),
  };
}

interface State {
  state: string;
  reason?: string;
}

/** One daemon with all the cameras, and what it publishes. */
class Fleet {
  readonly #board: Board;
  readonly #daemon: Daemon;
  readonly #newest: ReadonlyMap<string, string>;
  readonly #messages: readonly string[];
  readonly #history: readonly HealthPayload[];
  readonly #faults: readonly CameraFault[];
  readonly #fails: readonly OpenCamera['fail'][];
  #judged = 0;

  static async start(faults: readonly CameraFault[]): Promise<Fleet> {
    const board = await Board.start();
    try {
      const media = await makeMedia(board);
      const settings: Record<string, string> = {};
      const fails: OpenCamera['fail'][] = [];
      for (const [index, { camera }] of faults.entries()) {
        const { url, settings: more = {}, server, fail } = await camera(media);
        fails.push(fail);
        if (server !== undefined) board.defer(async () => server[Symbol.asyncDispose]());
        const own = { URL: url, ...more };
        for (const [name, value] of Object.entries(own))
          settings[`CAMERA_${nameOf(index).toUpperCase()}_${name}`] = value;
      }
      const messages: string[] = [];
      const history: HealthPayload[] = [];
      const { newest } = await board.subscribe('#', (topic, payload) => {
        messages.push(`${topic} ${payload.toString('latin1')}`);
        if (topic.endsWith('/health')) history.push(JSON.parse(payload.toString()));
      });
      const daemon = board.daemon({
        CAMERAS: faults.map((_, index) => nameOf(index)).join(','),
        CAMERA_FPS: String(FPS),
        CAMERA_DETECT: 'false',
        CAMERA_SNAPSHOT: 'false',
        LOG_LEVEL: 'debug',
        ...settings,
      });
      return new Fleet(board, daemon, { newest, messages, history }, { faults, fails });
    } catch (error) {
      await board.dispose();
      throw error;
    }
  }

  private constructor(
    board: Board,
    daemon: Daemon,
    heard: { newest: Map<string, string>; messages: string[]; history: HealthPayload[] },
    { faults, fails }: { faults: readonly CameraFault[]; fails: readonly OpenCamera['fail'][] },
  ) {
    this.#board = board;
    this.#daemon = daemon;
    this.#newest = heard.newest;
    this.#messages = heard.messages;
    this.#history = heard.history;
    this.#faults = faults;
    this.#fails = fails;
  }

  /** Waits until the camera is as expected; what may never happen is asked at the end. */
  async judge(fault: CameraFault, index: number): Promise<string> {
    try {
      const name = nameOf(index);
      const { state, reason, restarts, seconds } = fault.expected;
      await this.#fail(name, index);
      const seen = await until(
        () => {
          const now = this.#stateOf(name);
          // Until its first attempt is over.
          if (now?.reason === 'connecting') return undefined;
          if (now?.state !== state || !(reason ?? /^/).test(now.reason ?? '')) return undefined;
          if (state === 'online' && !this.#isFluent(name, seconds)) return undefined;
          return now;
        },
        () =>
          this.#stateOf(name) === undefined
            ? this.#daemon.output
            : `${JSON.stringify(this.#stateOf(name))}, ${JSON.stringify(this.#health(name))}`,
        180,
      );
      const made = Object.values(this.#health(name)?.restarts ?? {}).reduce((sum, count) => sum + count, 0);
      if (restarts !== undefined && made > restarts) throw new Error(`ffmpeg was started anew ${made} times`);
      const instead = await fault.instead?.();
      if (instead !== undefined) throw new Error(instead);
      const rate = state === 'online' ? `, ${this.#health(name)?.fpsIn} frames/s` : '';
      return `${seen.state}${rate}${seen.reason === undefined ? '' : `: ${seen.reason}`}`;
    } finally {
      this.#judged += 1;
    }
  }

  async #fail(name: string, index: number): Promise<void> {
    const fail = this.#fails[index];
    if (fail === undefined) return;
    await until(
      () => (this.#stateOf(name)?.state === 'online' ? true : undefined),
      () => `never online: ${JSON.stringify(this.#stateOf(name))}`,
      120,
    );
    await fail();
  }

  async cleanOfSecrets(): Promise<string> {
    const text = await this.#allSaid();
    const forms = secretForms();
    const told = forms.filter((form) => text.includes(form));
    if (told.length > 0) throw new Error(`told: ${told.join(', ')}`);
    return `${forms.length} forms looked for in ${Math.round(text.length / 1024)} kB`;
  }

  async cleanOfControls(): Promise<string> {
    const text = await this.#allSaid();
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
    const found = /.{0,80}(?:[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]).{0,80}/.exec(text);
    if (found !== null) throw new Error(JSON.stringify(found[0]));
    return `${Math.round(text.length / 1024)} kB looked through`;
  }

  dispose(): Promise<void> {
    return this.#board.dispose();
  }

  /** Of the log and all messages, bytes as characters, when all cameras were judged. */
  async #allSaid(): Promise<string> {
    await until(
      () => (this.#judged >= this.#faults.length ? true : undefined),
      () => `${this.#judged} of ${this.#faults.length} were judged`,
      230,
    );
    return `${Buffer.from(this.#daemon.output).toString('latin1')}\n${this.#messages.join('\n')}`;
  }

  #stateOf(name: string): State | undefined {
    const text = this.#newest.get(`ghostcam/board/${name}/state`);
    return text ? JSON.parse(text) : undefined;
  }

  #health(name: string) {
    return this.#history.at(-1)?.cameras[name];
  }

  /** Half of the frames on average over the reports of the last `seconds`. */
  #isFluent(name: string, seconds = 10): boolean {
    const reports = this.#history.slice(-Math.ceil(seconds / 10));
    if (reports.length < seconds / 10) return false;
    const rates = reports.map(({ cameras: { [name]: camera } }) => camera?.fpsIn ?? 0);
    return rates.reduce((sum, rate) => sum + rate, 0) / rates.length >= ENOUGH * FPS;
  }
}

const nameOf = (index: number) => `c${index + 1}`;

async function makeMedia(board: Board): Promise<Media> {
  const folder = await mkdtemp(join(tmpdir(), 'ghostcam-faults-'));
  board.defer(() => rm(folder, { recursive: true, force: true }));
  const clip = await clipOfTestPicture(320, 240);
  const quiet = ['-nostdin', '-loglevel', 'error'];
  await execute('ffmpeg', [...quiet, '-i', clip, '-frames:v', '10', join(folder, 'p%02d.jpg')]);
  await execute('ffmpeg', [
    ...[...quiet, '-f', 'lavfi', '-i', 'color=size=8192x8192:rate=1', '-frames:v', '1'],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', join(folder, 'large.h264')],
  ]);
  const names = (await readdir(folder)).filter((name) => name.endsWith('.jpg'));
  const rtsp = async (options = {}) => {
    const server = await FaultyRtspCamera.start({ pictures: h264, ...options });
    return { server, url: server.url };
  };
  const h264 = await accessUnits({ count: 100, keyInterval: 10 });
  return {
    folder,
    clip,
    h264,
    hevc: await accessUnits({ codec: 'hevc', count: 40, keyInterval: 10 }),
    rare: await accessUnits({ count: 200, keyInterval: 200 }),
    jpegs: await Promise.all(names.map((name) => readFile(join(folder, name)))),
    rtsp,
  };
}

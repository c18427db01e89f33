/** Brokers that fail or refuse, and strangers at them: each has a daemon of its own. */
import { connectAsync } from 'mqtt';
import { Board } from '../support/board.js';
import type { Daemon } from '../support/ghostcam.js';
import { Mosquitto, type MosquittoOptions } from '../support/mosquitto.js';
import { freeTcpPort } from '../support/ports.js';
import { type Behaviour, connack, disconnect, forward, ScriptedBroker } from '../support/scripted-broker.js';
import { type Fault, logged, type Part, until } from './fault.js';
import { SECRETS } from './secrets.js';

const MQTT_5 = 5;
const STATE = 'ghostcam/board/state';
const CAMERA_STATE = 'ghostcam/board/front/state';

export async function broker(wanted: (name: string) => boolean): Promise<Part> {
  return {
    name: 'broker',
    faults: FAULTS.filter(({ name }) => wanted(name)),
    concurrency: 2,
    [Symbol.asyncDispose]: async () => {},
  };
}

const SETTINGS = { CAMERAS: 'front', CAMERA_URL: 'test:', CAMERA_FPS: '1', CAMERA_DETECT: 'false' };

interface Scene {
  board: Board;
  daemon: Daemon;
  newest: Map<string, string>;
  output: () => string;
}

/** With a mosquitto, a subscriber and a daemon that is online. */
function atMosquitto(
  name: string,
  expectation: string,
  run: (scene: Scene) => Promise<string>,
  { settings = {}, options = {} }: { settings?: Record<string, string>; options?: MosquittoOptions } = {},
): Fault {
  return {
    name,
    expectation,
    run: async () => {
      const board = await Board.start(options);
      try {
        const { newest } = await board.subscribe('#');
        const daemon = board.daemon({ ...SETTINGS, ...settings });
        const output = () => daemon.output;
        await until(() => (newest.get(STATE) === 'online' ? true : undefined), output);
        return await run({ board, daemon, newest, output });
      } finally {
        await board.dispose();
      }
    },
  };
}

/** With a broker of the test's own, behind which a mosquitto may be. */
function atScripted(
  name: string,
  expectation: string,
  behaviour: (behind: Mosquitto) => Behaviour,
  run: (scene: Scene & { scripted: ScriptedBroker }) => Promise<string>,
): Fault {
  return {
    name,
    expectation,
    run: async () => {
      const board = await Board.start();
      try {
        const scripted = await ScriptedBroker.start(behaviour(board.broker));
        board.defer(() => scripted.dispose());
        const { newest } = await board.subscribe('#');
        const daemon = board.daemon({ ...SETTINGS, MQTT_URL: scripted.url });
        return await run({ board, daemon, newest, scripted, output: () => daemon.output });
      } finally {
        await board.dispose();
      }
    },
  };
}

const refusing = (name: string, code: number, said: RegExp): Fault =>
  atScripted(
    `CONNACK refuses: ${name}`,
    'a sentence with a remedy, said once',
    () => (socket, level) => socket.end(connack(code, level)),
    async ({ output, scripted }) => {
      const line = await logged(output, said);
      await until(() => (scripted.levels.length >= 2 ? true : undefined), output);
      return once(output(), said, line);
    },
  );

const falling = (name: string, on5: Behaviour): Fault =>
  atScripted(
    `it ${name} on MQTT 5`,
    'spoken to in 3.1.1',
    (behind) => (socket, level, packet) =>
      level === MQTT_5 ? on5(socket, level, packet) : forward(socket, packet, behind.port),
    async ({ newest, output, scripted }) => {
      await until(() => (newest.get(STATE) === 'online' ? true : undefined), output);
      return `online after ${scripted.levels.length} connects`;
    },
  );

/** @throws Error when more than one line says so. */
function once(output: string, said: RegExp, line: string): string {
  const lines = output.split('\n').filter((each) => said.test(each));
  if (lines.length > 1) throw new Error(`said ${lines.length} times: ${line}`);
  return line;
}

/** A command that holds shows that the daemon is there and hears. */
async function obeys({ board, newest, output }: Scene, seconds = 60): Promise<string> {
  const began = performance.now();
  const client = await connectAsync(board.broker.url);
  board.defer(() => client.endAsync(true));
  await client.publishAsync('ghostcam/board/front/fps/set', '3', { qos: 1 });
  await until(
    () => (newest.get('ghostcam/board/front/fps/state') === '3' ? true : undefined),
    output,
    seconds,
  );
  return `obeys after ${((performance.now() - began) / 1000).toFixed(1)} s`;
}

async function strangers(
  board: Board,
  count: number,
  topic: (index: number) => string,
  payload: (index: number) => string,
  retain = false,
) {
  const client = await connectAsync(board.broker.url, { protocolVersion: 5 });
  board.defer(() => client.endAsync(true));
  await Promise.all(
    Array.from({ length: count }, (_, index) =>
      client.publishAsync(topic(index), payload(index), { qos: 1, retain }),
    ),
  );
}

const refusals = (output: string) => output.split('\n').filter((line) => /command refused/.test(line)).length;

const FAULTS: readonly Fault[] = [
  atMosquitto(
    'it is killed and comes back without its memory',
    'states are published again',
    async ({ board, newest, output }) => {
      await until(() => newest.get(CAMERA_STATE), output);
      await board.broker.kill();
      await new Promise((resolve) => setTimeout(resolve, 2000));
      await board.broker.start();
      const after = await board.subscribe('ghostcam/#');
      await until(
        () => (after.newest.get(STATE) === 'online' && after.newest.has(CAMERA_STATE) ? true : undefined),
        output,
      );
      return `${after.newest.size} states again`;
    },
  ),
  atMosquitto('it hangs for 20 s', 'the daemon is there afterwards', async (scene) => {
    scene.board.broker.freeze();
    await new Promise((resolve) => setTimeout(resolve, 20_000));
    scene.board.broker.resume();
    return obeys(scene);
  }),
  atMosquitto('SIGKILL of the daemon', 'the will says offline', async ({ daemon, newest, output }) => {
    await daemon.kill();
    await until(() => (newest.get(STATE) === 'offline' ? true : undefined), output);
    return 'offline';
  }),
  atMosquitto(
    'packets of 2,000 bytes at most',
    'what fits arrives, one connection',
    async ({ board, newest, output }) => {
      await until(() => newest.get(CAMERA_STATE), output);
      await logged(output, /too large for the broker/);
      const connects = board.broker.log.match(/New client connected.* as ghostcam/g)?.length ?? 0;
      if (connects > 1) throw new Error(`${connects} connections`);
      return `${newest.size} states, the rest is named`;
    },
    { options: { settings: ['max_packet_size 2000'] } },
  ),
  atMosquitto(
    'a second daemon with the same client identifier',
    'both name it',
    async ({ board, output }) => {
      const second = board.daemon({ ...SETTINGS });
      const said = /same client identifier.{0,80}/;
      const line = await logged(output, said);
      await logged(() => second.output, said);
      return line;
    },
  ),
  atMosquitto('10 commands on topics of 60,000 letters', 'the next command is obeyed', async (scene) => {
    await strangers(
      scene.board,
      10,
      (n) => `ghostcam/board/${String(n).repeat(60_000)}/fps/set`,
      () => '3',
    );
    return obeys(scene);
  }),
  atMosquitto(
    '20,000 valid commands',
    'the newest value counts, the next command is obeyed',
    async (scene) => {
      await strangers(
        scene.board,
        20_000,
        () => 'ghostcam/board/front/threshold/set',
        (n) => `0.${100 + (n % 800)}`,
      );
      return obeys(scene);
    },
    { options: { settings: ['max_queued_messages 0'] } },
  ),
  atMosquitto(
    '2,000 wrong commands',
    'a few lines, the next command is obeyed',
    async (scene) => {
      await strangers(
        scene.board,
        2000,
        () => 'ghostcam/board/front/fps/set',
        () => 'x'.repeat(200),
      );
      const detail = await obeys(scene);
      const lines = refusals(scene.output());
      if (lines > 10) throw new Error(`${lines} lines`);
      return `${detail}, ${lines} lines`;
    },
    // Or it would drop what is above 1,000 messages, the last command among them, when the daemon is slow for a moment.
    { options: { settings: ['max_queued_messages 0'] } },
  ),
  ...[
    ['a control character', 'a/\u0001b'],
    ['70,000 letters', `a/${'b'.repeat(70_000)}`],
    ['a wildcard', 'a/#'],
    ['half of a surrogate pair', 'a/\ud800'],
    ['no text but a list', ['a'] as unknown as string],
  ].map(([what, topic]) =>
    atMosquitto(
      `a stranger's discovery whose state topic is ${what}`,
      'the connection stays, nothing is published there',
      async (scene) => {
        const { board, output } = scene;
        const before = board.broker.log.match(/New client connected.* as ghostcam/g)?.length ?? 0;
        const own = {
          name: 'x',
          state_topic: topic,
          unique_id: 'ghostcam_board_gone_x',
          device: { identifiers: ['ghostcam_board_gone'] },
        };
        const payload = JSON.stringify({
          ...own,
          origin: { name: 'ghostcam' },
          components: { one: { platform: 'sensor', ...own } },
        });
        await strangers(
          board,
          3,
          (n) => `homeassistant/device/ghostcam_board_gone${n}/config`,
          () => payload,
          true,
        );
        await new Promise((resolve) => setTimeout(resolve, 2000));
        const detail = await obeys(scene);
        const after = board.broker.log.match(/New client connected.* as ghostcam/g)?.length ?? 0;
        if (after > before) throw new Error(`${after - before} more connections: ${output().slice(-300)}`);
        return detail;
      },
    ),
  ),
  falling('closes the connection', (socket) => socket.end()),
  falling('falls silent', () => {}),
  falling('refuses the version', (socket) => socket.end(connack(132, MQTT_5))),
  refusing('bad user name or password', 134, /MQTT_USERNAME.{0,80}/),
  refusing('not authorized', 135, /not authori[sz]ed.{0,80}|MQTT_USERNAME.{0,80}|access list.{0,80}/i),
  refusing('banned', 138, /ban.{0,80}/i),
  refusing('quota exceeded', 151, /quota.{0,80}/i),
  atScripted(
    'CONNACK: no retained messages',
    'a sentence with a remedy, and it is used',
    () => (socket, level) => {
      if (level === MQTT_5) socket.write(Buffer.from([0x20, 5, 0, 0, 2, 0x25, 0]));
      else socket.end(connack(1, level));
    },
    ({ output }) => logged(output, /retain.{0,120}/i),
  ),
  atScripted(
    'DISCONNECT: the server shuts down, each time',
    'named, with pauses between',
    () => (socket, level) => {
      socket.write(connack(0, level));
      setTimeout(() => socket.end(disconnect(139)), 200);
    },
    async ({ output, scripted }) => {
      const line = await logged(output, /shut.{0,80}/i);
      await new Promise((resolve) => setTimeout(resolve, 10_000));
      if (scripted.levels.length > 12) throw new Error(`${scripted.levels.length} connects in 10 s`);
      return `${line}; ${scripted.levels.length} connects`;
    },
  ),
  atScripted(
    'no broker but a web server',
    'one line, and no stack',
    () => (socket) => socket.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n'),
    async ({ output }) => {
      const line = await logged(output, /(?:WARN|warn).{0,160}/);
      if (/\n\s+at /.test(output())) throw new Error(`a stack: ${output().slice(-500)}`);
      return line;
    },
  ),
  atScripted(
    'it closes in the middle of a packet',
    'one line, and no stack',
    () => (socket) => socket.end(Buffer.from([0x20, 0xff, 0xff, 0x7f, 0])),
    async ({ output }) => {
      const line = await logged(output, /no connection to the broker.{0,120}/);
      if (/\n\s+at /.test(output())) throw new Error(`a stack: ${output().slice(-500)}`);
      return line;
    },
  ),
  {
    name: 'nothing listens there',
    expectation: 'one line that names it, SIGTERM ends with 0',
    run: async () => {
      const board = await Board.start();
      try {
        const daemon = board.daemon({ ...SETTINGS, MQTT_URL: `mqtt://127.0.0.1:${await freeTcpPort()}` });
        const line = await logged(() => daemon.output, /nothing listens there/);
        const { code } = await daemon.stop('SIGTERM');
        if (code !== 0) throw new Error(`exit code ${code}`);
        return line;
      } finally {
        await board.dispose();
      }
    },
  },
  {
    name: 'a certificate of an unknown authority',
    expectation: 'MQTT_CA is named',
    run: async () => {
      const server = await Mosquitto.start({ tls: true });
      const board = await Board.start();
      board.defer(() => server.dispose());
      try {
        const daemon = board.daemon({ ...SETTINGS, MQTT_URL: server.url });
        return await logged(() => daemon.output, /.{0,60}MQTT_CA.{0,60}/);
      } finally {
        await board.dispose();
      }
    },
  },
  {
    name: 'a wrong password of URL characters',
    expectation: 'MQTT_PASSWORD is named, the password is not told',
    run: async () => {
      const board = await Board.start({ users: { bob: 'another' } });
      try {
        const daemon = board.daemon({ ...SETTINGS, MQTT_USERNAME: 'bob', MQTT_PASSWORD: SECRETS.beside });
        const line = await logged(() => daemon.output, /.{0,60}MQTT_PASSWORD.{0,60}/);
        if (daemon.output.includes(SECRETS.beside)) throw new Error('the password is told');
        return line;
      } finally {
        await board.dispose();
      }
    },
  },
];

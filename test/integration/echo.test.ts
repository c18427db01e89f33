/** Cameras that answer with what they were sent, and with control characters: neither log nor state has any of it. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { connectAsync, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { Daemon } from '../support/ghostcam.js';
import { Mosquitto } from '../support/mosquitto.js';

const PASSWORD = `S3cr#t/P?ss@w:rd"<&`;
const QUERY = 'Qu3ryS3cret';
const HOSTILE = '\x1b[2J\x07\x9b31m\x85\u2028\u202e';

let broker: Mosquitto;
let viewer: MqttClient;
let server: Server;

beforeAll(async () => {
  broker = await Mosquitto.start();
  viewer = await connectAsync(broker.url);
  server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      const request = chunk.toString('latin1');
      const line = request.split('\r\n')[0] ?? '';
      const [version] = /(?:HTTP|RTSP)\/1\.\d/.exec(line) ?? ['HTTP/1.1'];
      const cseq = /^CSeq: .*$/m.exec(request)?.[0] ?? 'X-None: 1';
      const login = /^Authorization: (.*)$/m.exec(request)?.[1]?.trim();
      if (login === undefined) {
        const challenge = 'WWW-Authenticate: Basic realm="camera"';
        socket.write(`${version} 401 Unauthorized\r\n${cseq}\r\n${challenge}\r\nContent-Length: 0\r\n\r\n`);
        return;
      }
      const plain = Buffer.from(login.replace(/^Basic /, ''), 'base64').toString();
      const echo = [
        line,
        `Authorization: ${login}`,
        login,
        plain,
        encodeURIComponent(plain),
        JSON.stringify(plain),
      ];
      const said = `${HOSTILE} ${echo.join(' ')} ${HOSTILE}`;
      socket.write(`${version} 400 ${said}\r\n${cseq}\r\nX-Said: ${said}\r\nContent-Length: 0\r\n\r\n`);
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
}, 60_000);

afterAll(async () => {
  server?.close();
  await viewer?.endAsync(true);
  await broker?.dispose();
});

test.each([
  ['in the address', (login: string) => ({ url: `${login}@`, beside: {} })],
  [
    'in settings beside it',
    () => ({ url: '', beside: { CAMERA_USERNAME: 'admin', CAMERA_PASSWORD: PASSWORD } }),
  ],
])(
  'credentials %s',
  async (_, given) => {
    const { port } = server.address() as AddressInfo;
    const { url, beside } = given(`admin:${PASSWORD}`);
    const end = `${url}127.0.0.1:${port}/cam?loginuse=admin&loginpas=${QUERY}`;
    const messages: string[] = [];
    const states = new Map<string, string>();
    const onMessage = (topic: string, payload: Buffer) => {
      messages.push(`${topic} ${payload}`);
      if (topic.endsWith('/state')) states.set(topic.split('/').at(-2) ?? '', payload.toString());
    };
    viewer.on('message', onMessage);
    await viewer.subscribeAsync('#');
    const daemon = new Daemon({
      CAMERAS: 'http,rtsp',
      CAMERA_HTTP_URL: `http://${end}`,
      CAMERA_RTSP_URL: `rtsp://${end}`,
      ...beside,
      MQTT_URL: broker.url,
      NODE_ID: 'board',
      LOG_LEVEL: 'debug',
    });
    try {
      await vi.waitFor(
        () => {
          for (const camera of ['http', 'rtsp']) {
            expect(states.get(camera)).toMatch(/"offline"/);
            expect(states.get(camera)).not.toMatch(/connecting/);
          }
          // The camera's answer is in the log: there was something to clear.
          expect(daemon.output).toMatch(/400 /);
        },
        { timeout: 60_000, interval: 100 },
      );
    } finally {
      await daemon.stop('SIGTERM');
      viewer.off('message', onMessage);
    }
    const everything = `${daemon.output}\n${messages.join('\n')}`;
    const login = Buffer.from(`admin:${PASSWORD}`).toString('base64').replace(/=+$/, '');
    for (const secret of [PASSWORD, 'S3cr', QUERY, encodeURIComponent(PASSWORD), login, login.slice(0, 12)]) {
      expect(everything.includes(secret), secret).toBe(false);
    }
    expect(everything).not.toMatch(/(?!\n)[\p{Cc}\p{Zl}\p{Bidi_Control}]/u);
  },
  120_000,
);

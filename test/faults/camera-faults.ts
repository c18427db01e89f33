/** The cameras of the campaign: how each fails, and the state that it is to have. */
import type { Socket } from 'node:net';
import { join } from 'node:path';
import {
  type accessUnits,
  type FaultyCameraOptions,
  FaultyRtspCamera,
} from '../support/faulty-rtsp-camera.js';
import { type Answer, HttpCameras, motionJpeg, part } from '../support/http-cameras.js';
import { freeTcpPort } from '../support/ports.js';
import { RawServer } from '../support/raw-server.js';
import { RtspServer } from '../support/rtsp-server.js';
import { SECRETS } from './secrets.js';

type Pictures = Awaited<ReturnType<typeof accessUnits>>;

/** What cameras show. */
export interface Media {
  folder: string;
  clip: string;
  h264: Pictures;
  hevc: Pictures;
  /** A key frame each 20 s. */
  rare: Pictures;
  jpegs: Buffer[];
  rtsp(options?: Partial<FaultyCameraOptions>): Promise<OpenCamera>;
}

export interface OpenCamera {
  url: string;
  /** By the name behind `CAMERA_<NAME>_`. */
  settings?: Record<string, string>;
  server?: AsyncDisposable;
  /** What is done to it once it is online. */
  fail?: () => unknown;
}

export interface CameraFault {
  name: string;
  expectation: string;
  camera(media: Media): Promise<OpenCamera>;
  expected: {
    state: 'online' | 'offline' | 'stalled';
    reason?: RegExp;
    /** At most so many starts of ffmpeg after the first one. */
    restarts?: number;
    /** Online: how long half of its frames have to come; default 10. */
    seconds?: number;
  };
  /** What happened that must not; undefined: nothing. */
  instead?(): string | undefined | Promise<string | undefined>;
}

const QUICK = { STALL_TIMEOUT: '4', CONNECT_TIMEOUT: '8' };
const SEEN = 'half of its frames or more';

function clock(name: string, time: (n: number, fps: number) => number, problem: string): CameraFault {
  return {
    name: `RTSP: its clock ${name}`,
    expectation: `${SEEN}, the state says so`,
    camera: ({ rtsp }) => rtsp({ time }),
    expected: { state: 'online', reason: new RegExp(`clock in the camera's stream ${problem}`) },
  };
}

function named(
  name: string,
  expectation: string,
  camera: CameraFault['camera'],
  reason: RegExp,
  state: 'offline' | 'stalled' = 'offline',
): CameraFault {
  return { name, expectation, camera, expected: { state, reason } };
}

/** An RTSP or HTTP camera that answers every request with these bytes, in Latin-1. */
function raw(
  scheme: 'rtsp' | 'http',
  answer: (socket: Socket, request: string) => void,
  path = '/stream',
): CameraFault['camera'] {
  return async () => {
    const server = await RawServer.start(answer);
    return { server, url: `${scheme}://viewer:a-password@127.0.0.1:${server.port}${path}`, settings: QUICK };
  };
}

const cseq = (request: string) => /CSeq: *(\d+)/i.exec(request)?.[1] ?? '1';

/** An RTSP camera that answers with this status line and these header lines. */
const status = (line: (request: string) => string) =>
  raw('rtsp', (socket, request) =>
    socket.write(`RTSP/1.0 ${line(request)}\r\nCSeq: ${cseq(request)}\r\n\r\n`, 'latin1'),
  );

const digest = (algorithm: string) => `WWW-Authenticate: Digest realm="c", nonce="n", algorithm=${algorithm}`;

function http(
  name: string,
  expectation: string,
  answer: (media: Media) => Answer,
  expected: CameraFault['expected'],
  address = '/camera',
): CameraFault {
  return {
    name: `HTTP: ${name}`,
    expectation,
    camera: async (media) => {
      const server = await HttpCameras.start({ [address.replace(/\?.*/, '')]: answer(media) });
      return { server, url: server.url(address), settings: expected.state === 'online' ? {} : QUICK };
    },
    expected,
  };
}

const MULTIPART = 'multipart/x-mixed-replace; boundary=frame';
const video = ({ jpegs }: Media) =>
  motionJpeg(jpegs, {
    contentType: MULTIPART,
    part: (jpeg) => part('--frame\r\nContent-Type: image/jpeg\r\nContent-Length: LENGTH\r\n\r\n', jpeg),
  });
const dialect =
  (contentType: string, before: string, after = '\r\n') =>
  ({ jpegs }: Media) =>
    motionJpeg(jpegs, { contentType, part: (jpeg) => part(before, jpeg, after) });

/** A camera that refers to a server which nobody may be sent to, and a count of who came there. */
function reference(
  name: string,
  answer: (stranger: string, media: Media) => Answer,
  expected: CameraFault['expected'] = { state: 'offline', reason: /refers to another host, localhost/ },
): CameraFault {
  let stranger: HttpCameras | undefined;
  return {
    name: `HTTP: ${name}`,
    expectation: 'not followed, and named',
    camera: async (media) => {
      // Another name of the same machine is another host: nothing leaves the loopback interface.
      stranger = await HttpCameras.start({
        '/video': video(media),
        '/segment.ts': (response) => response.end(),
      });
      const server = await HttpCameras.start({
        '/camera.m3u8': answer(stranger.url('', 'localhost'), media),
      });
      const both = {
        async [Symbol.asyncDispose]() {
          await server[Symbol.asyncDispose]();
          await stranger?.[Symbol.asyncDispose]();
        },
      };
      return { server: both, url: server.url('/camera.m3u8'), settings: QUICK };
    },
    expected,
    instead: () => {
      const requests = [...(stranger?.requests.values() ?? [])].reduce((sum, count) => sum + count, 0);
      return requests > 0 ? `the other host got ${requests} requests` : undefined;
    },
  };
}

function keepAlive(name: string, options: NonNullable<FaultyCameraOptions['keepAlive']>): CameraFault {
  return {
    name: `RTSP: a session of ${options.seconds} s, kept by ${name}`,
    expectation: `${SEEN}, for 30 s`,
    camera: ({ rtsp }) => rtsp({ keepAlive: options }),
    expected: { state: 'online', seconds: 30 },
  };
}

/** The state of a camera that fails a while after it began. */
function failing(
  name: string,
  fail: (camera: RtspServer) => unknown,
  reason: RegExp,
  state: 'offline' | 'stalled',
): CameraFault {
  return {
    name: `RTSP: ${name}`,
    expectation: `${state}, with the reason`,
    camera: async ({ clip }) => {
      const camera = await RtspServer.start({ clip });
      const server = { [Symbol.asyncDispose]: () => camera.stop() };
      return { server, url: camera.url(), settings: QUICK, fail: () => fail(camera) };
    },
    expected: { state, reason },
  };
}

export const cameraFaults: readonly CameraFault[] = [
  {
    name: 'RTSP: a key frame each 20 s',
    expectation: `${SEEN}, ffmpeg started once`,
    camera: async ({ rtsp, rare }) => ({
      ...(await rtsp({ pictures: rare, firstPicture: 1 })),
      settings: { STALL_TIMEOUT: '8' },
    }),
    expected: { state: 'online', restarts: 0 },
  },
  {
    name: 'RTSP: H.265 without parameter sets in its description',
    expectation: SEEN,
    camera: ({ rtsp, hevc }) => rtsp({ codec: 'hevc', pictures: hevc }),
    expected: { state: 'online' },
  },
  clock('stands still', () => 0, 'stands still'),
  clock('runs a tenth as fast', (n, fps) => n / fps / 10, 'runs 0.1 times as fast'),
  clock('runs ten times as fast', (n, fps) => (10 * n) / fps, 'runs 10 times as fast'),
  clock('jumps each second', (n, fps) => n / fps + 3000 * Math.floor(n / 10), 'jumps'),
  ...[6, 20].map((lasts) => ({
    name: `RTSP: the stream ends every ${lasts} s`,
    expectation: `${SEEN}, for 40 s`,
    camera: ({ rtsp }: Media) => rtsp({ lasts }),
    expected: { state: 'online' as const, seconds: 40 },
  })),
  keepAlive('OPTIONS alone', { seconds: 8, method: 'OPTIONS' }),
  keepAlive('GET_PARAMETER alone', { seconds: 8, method: 'GET_PARAMETER' }),
  keepAlive('OPTIONS, though it lists GET_PARAMETER', { seconds: 8, method: 'OPTIONS', listed: true }),
  keepAlive('GET_PARAMETER, which it does not list', { seconds: 8, method: 'GET_PARAMETER', listed: false }),
  named(
    'RTSP: it is described, and sends nothing',
    'stalled: answers, but no picture',
    async ({ rtsp }) => ({ ...(await rtsp({ silent: true })), settings: QUICK }),
    /the camera answers, but no picture came/,
    'stalled',
  ),
  named(
    'RTSP: it takes the connection and says nothing',
    'offline: did not answer',
    raw('rtsp', () => {}),
    /did not answer/,
    'offline',
  ),
  named(
    'RTSP: digest with SHA-256 alone',
    'what ffmpeg cannot, not the password, is named',
    ({ rtsp }) => rtsp({ challenges: [digest('SHA-256')] }),
    /SHA-256 only, which ffmpeg does not know/,
  ),
  named(
    'RTSP: a wrong password',
    'the password is named',
    ({ rtsp }) => rtsp({ challenges: [digest('MD5')] }),
    /refused user name or password/,
  ),
  named(
    'RTSP: it wants a password, and none is set',
    'the settings to set are named',
    async ({ rtsp }) => {
      const { url, ...rest } = await rtsp({ challenges: [digest('MD5')] });
      return { ...rest, url: url.replace(/viewer:.*@/, '') };
    },
    /set CAMERA_C\d+_USERNAME and CAMERA_C\d+_PASSWORD/,
  ),
  named(
    'RTSP: nothing listens there',
    'connection refused, with what to look at',
    async () => ({ url: `rtsp://127.0.0.1:${await freeTcpPort()}/x` }),
    /connection refused.*CAMERA_C\d+_URL/,
  ),
  named(
    'RTSP: no such stream',
    'the path is named',
    status(() => '404 Stream Not Found'),
    /check the path in CAMERA_/,
  ),
  named(
    'RTSP: too many viewers',
    'named as that',
    status(() => '453 Not Enough Bandwidth'),
    /no more viewers/,
  ),
  named(
    'RTSP: it echoes the whole request in its status',
    'offline, and no password (below)',
    status((request) => `400 ${request.replace(/\s+/g, ' ').slice(0, 700)}`),
    /400/,
  ),
  named(
    'RTSP: its status holds control characters, C0 and C1',
    'offline, and none of them (below)',
    status(() => '418 \x1b[2J\x9b31m\x07\x85\x90red\x00'),
    /418/,
  ),
  named(
    'RTSP: it redirects to another host',
    'not followed, and named',
    async ({ rtsp, h264 }) => {
      const stranger = await FaultyRtspCamera.start({ pictures: h264 });
      const location = stranger.url.replace(/viewer.*@127\.0\.0\.1/, 'localhost');
      const camera = await rtsp({
        answers: { DESCRIBE: ['302 Moved Temporarily', `Location: ${location}`] },
      });
      const server = {
        async [Symbol.asyncDispose]() {
          await camera.server?.[Symbol.asyncDispose]();
          await stranger[Symbol.asyncDispose]();
        },
      };
      return { ...camera, server };
    },
    /refers to another host, localhost/,
  ),
  {
    name: 'RTSP: it redirects to another port of its own',
    expectation: SEEN,
    camera: async ({ rtsp }) => {
      const next = await rtsp();
      const camera = await rtsp({
        answers: { DESCRIBE: ['302 Moved Temporarily', `Location: ${next.url}`] },
      });
      const server = {
        async [Symbol.asyncDispose]() {
          await camera.server?.[Symbol.asyncDispose]();
          await next.server?.[Symbol.asyncDispose]();
        },
      };
      return { ...camera, server };
    },
    expected: { state: 'online' },
  },
  named(
    'RTSP: no RTSP at all (an SSH server)',
    'offline',
    raw('rtsp', (socket) => socket.end('SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n')),
    /./,
  ),
  failing('it loses power', (camera) => camera.kill(), /connection refused/, 'offline'),
  failing('it hangs', (camera) => camera.freeze(), /no frame for 4 s|did not answer/, 'stalled'),
  failing('its encoder hangs', (camera) => camera.silence(), /no picture came|no frame/, 'stalled'),
  http(
    'MJPEG with the boundary behind the part',
    SEEN,
    dialect(
      'multipart/x-mixed-replace;boundary=12345',
      'Content-Type: image/jpeg\r\nContent-Length: LENGTH\r\n\r\n',
      '\r\n--12345\r\n',
    ),
    { state: 'online' },
  ),
  http(
    'MJPEG of parts of the type image/jpg',
    SEEN,
    dialect(MULTIPART, '--frame\r\nContent-Type: image/jpg\r\nContent-Length: LENGTH\r\n\r\n'),
    { state: 'online' },
  ),
  http('MJPEG without multipart', SEEN, dialect('video/x-motion-jpeg', '', ''), { state: 'online' }),
  http(
    'MJPEG with lines that end with \\n',
    SEEN,
    dialect(MULTIPART, '--frame\ncontent-type: image/jpeg\ncontent-length: LENGTH\n\n', '\n'),
    { state: 'online' },
  ),
  http(
    'one picture at a time',
    SEEN,
    ({ jpegs }) =>
      (response) => {
        const jpeg = jpegs[Math.floor(performance.now() / 200) % jpegs.length] as Buffer;
        response.writeHead(200, { 'content-type': 'image/jpeg', 'content-length': jpeg.length }).end(jpeg);
      },
    { state: 'online' },
    '/snap.jpg',
  ),
  http(
    'a page to log in at',
    'offline: a page for people',
    () => (response) =>
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html><title>login</title></html>'),
    { state: 'offline', reason: /a page for people/ },
  ),
  http(
    'an error of its own (500)',
    'offline, with the number',
    () => (response) => response.writeHead(500).end(),
    {
      state: 'offline',
      reason: /500|5XX/,
    },
  ),
  http(
    'a byte a second, without end',
    'stalled or offline, in bounded time',
    () => (response) => {
      response.writeHead(200, { 'content-type': MULTIPART });
      const timer = setInterval(() => response.write('x'), 1000);
      response.once('close', () => clearInterval(timer));
    },
    { state: 'stalled', reason: /no video that ffmpeg knows/ },
  ),
  http(
    'headers without end',
    'stalled, in bounded time and memory',
    () => (response) => {
      const { socket } = response;
      const timer = setInterval(() => socket?.write(`X-${'y'.repeat(4000)}: z\r\n`), 5);
      socket?.write('HTTP/1.1 200 OK\r\n');
      socket?.once('close', () => clearInterval(timer));
    },
    { state: 'stalled', reason: /no video that ffmpeg knows/ },
  ),
  http(
    'a credential in the query, and an error',
    'offline, and no password (below)',
    () => (response) => response.writeHead(403).end(),
    { state: 'offline', reason: /403 Forbidden/ },
    `/cgi?loginuse=admin&loginpas=${SECRETS.query}`,
  ),
  http(
    'a credential in the path, and an error',
    'offline, and no password (below)',
    () => (response) => response.writeHead(404).end(),
    { state: 'offline', reason: /404/ },
    `/user=admin&password=${SECRETS.path}&channel=1`,
  ),
  {
    name: 'HTTP: it repeats the Authorization header',
    expectation: 'offline, and no password (below)',
    camera: async (media) => ({
      ...(await raw('http', (socket, request) => {
        const authorization = /^Authorization: (.*)$/im.exec(request)?.[1] ?? 'none';
        const headers = `X-Echo: ${authorization}\r\nWWW-Authenticate: Basic realm="${authorization}"\r\n`;
        socket.end(`HTTP/1.1 401 Unauthorized ${authorization}\r\n${headers}Content-Length: 0\r\n\r\n`);
      })(media)),
      settings: { ...QUICK, USERNAME: 'viewer' },
    }),
    expected: { state: 'offline', reason: /401/ },
  },
  {
    name: 'HTTP: a password of URL characters, given beside the address',
    expectation: 'arrives as it is',
    camera: async (media) => {
      const expected = `Basic ${Buffer.from(`admin:${SECRETS.beside}`).toString('base64')}`;
      const server = await HttpCameras.start({
        '/video': (response, request) => {
          if (request.headers.authorization === expected) video(media)(response, request);
          else response.writeHead(401, { 'www-authenticate': 'Basic realm="c"' }).end();
        },
      });
      return { server, url: server.url('/video'), settings: { USERNAME: 'admin', PASSWORD: SECRETS.beside } };
    },
    expected: { state: 'online' },
  },
  reference(
    'a redirect to another host',
    (stranger) => (response) => response.writeHead(302, { location: `${stranger}/video` }).end(),
  ),
  reference(
    'a playlist with segments of another host',
    (stranger) => (response) =>
      response.end(`#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n${stranger}/segment.ts\n#EXT-X-ENDLIST\n`),
  ),
  reference(
    'a playlist with a key of another host',
    (stranger) => (response) =>
      response.end(
        `#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXT-X-KEY:METHOD=AES-128,URI="${stranger}/key"\n#EXTINF:1,\ns.ts\n#EXT-X-ENDLIST\n`,
      ),
    { state: 'offline', reason: /./ },
  ),
  http(
    'a playlist of local files',
    'not followed, and named',
    () => (response) => response.end('#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n'),
    { state: 'offline', reason: /./ },
    '/live.m3u8',
  ),
  http(
    'a session description that names UDP ports',
    'not followed, and named',
    () => (response) =>
      response
        .writeHead(200, { 'content-type': 'application/sdp' })
        .end(
          'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=x\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=video 47112 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n',
        ),
    { state: 'offline', reason: /protocol|no video/ },
    '/live.sdp',
  ),
  http(
    'a redirect to a path of its own',
    SEEN,
    (media) => (response, request) => {
      if (request.url?.includes('hop')) video(media)(response, request);
      else response.writeHead(302, { location: '/camera?hop=1' }).end();
    },
    { state: 'online' },
  ),
  named(
    'a picture of 67 million pixels',
    'refused, with the reason',
    async ({ folder }) => ({ url: join(folder, 'large.h264') }),
    /larger than 33 million pixels/,
  ),
  named(
    'a decoder that this ffmpeg does not have',
    'CAMERA_<NAME>_DECODER is named',
    async ({ rtsp }) => ({ ...(await rtsp()), settings: { DECODER: 'h264_nosuch' } }),
    /DECODER/,
  ),
  named(
    'a hardware acceleration that is not there',
    'CAMERA_<NAME>_HWACCEL is named',
    async ({ rtsp }) => ({ ...(await rtsp()), settings: { HWACCEL: 'nosuch' } }),
    /HWACCEL/,
  ),
];

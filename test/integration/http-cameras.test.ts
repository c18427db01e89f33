/** What HTTP cameras send in practice comes as a picture at the camera's frame rate; what a hostile one refers to is not followed. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { Camera } from '../../src/capture/camera.js';
import { type Ffmpeg, findFfmpeg } from '../../src/capture/ffmpeg.js';
import { type CameraSettingsGiven, defaultCameraConfig } from '../../src/config/types.js';
import { makeCertificates } from '../support/certificates.js';
import { execute } from '../support/execute.js';
import { clipOfTestPicture } from '../support/footage.js';
import { type Answer, type Dialect, HttpCameras, motionJpeg, part } from '../support/http-cameras.js';
import { memoryLog } from '../support/log.js';
import { freeTcpPort } from '../support/ports.js';
import { RawServer } from '../support/raw-server.js';

const patience = { timeout: 100_000, interval: 50 };

let ffmpeg: Ffmpeg;
let folder: string;
let jpegs: Buffer[];
let clip: string;
beforeAll(async () => {
  ffmpeg = await findFfmpeg();
  folder = await mkdtemp(join(tmpdir(), 'ghostcam-http-'));
  clip = await clipOfTestPicture(320, 240);
  const quiet = ['-nostdin', '-loglevel', 'error'];
  await execute('ffmpeg', [...quiet, '-i', clip, '-frames:v', '10', join(folder, 'p%02d.jpg')]);
  const hls = ['-c', 'copy', '-hls_time', '1', '-hls_list_size', '0', join(folder, 'live.m3u8')];
  await execute('ffmpeg', [...quiet, '-i', clip, ...hls]);
  const names = (await readdir(folder)).filter((name) => name.endsWith('.jpg'));
  jpegs = await Promise.all(names.map((name) => readFile(join(folder, name))));
  await makeCertificates(folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function open(url: string, settings: CameraSettingsGiven = {}) {
  const { log } = memoryLog();
  const config = { name: 'front', url, snapshot: false, ...settings };
  const camera = new Camera(defaultCameraConfig(config), {
    ffmpeg,
    inputSize: { width: 320, height: 320 },
    log,
  });
  camera.on('frame', () => camera.take()?.release());
  camera.start();
  return { camera, [Symbol.asyncDispose]: () => camera.stop() };
}

/** Frames in so many seconds of a camera that is online. */
async function framesIn(camera: Camera, seconds: number): Promise<number> {
  await vi.waitFor(() => expect(camera.stats().frames).toBeGreaterThan(1), patience);
  const { frames } = camera.stats();
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  return camera.stats().frames - frames;
}

/** The key and certificate of a camera. */
async function tls(): Promise<{ key: string; cert: string }> {
  const [key, cert] = await Promise.all(
    ['server.key', 'server.crt'].map((name) => readFile(join(folder, name), 'utf8')),
  );
  return { key: key ?? '', cert: cert ?? '' };
}

function fails(camera: Camera, reason: RegExp): Promise<void> {
  return vi.waitFor(() => {
    expect(camera.state.status).not.toBe('online');
    expect(camera.state.reason).toMatch(reason);
  }, patience);
}

const multipart = 'multipart/x-mixed-replace; boundary=frame';
const dialects: Record<string, Dialect> = {
  'as the specification says': {
    contentType: multipart,
    part: (jpeg) => part('--frame\r\nContent-Type: image/jpeg\r\nContent-Length: LENGTH\r\n\r\n', jpeg),
  },
  'without lengths': {
    contentType: multipart,
    part: (jpeg) => part('--frame\r\nContent-Type: image/jpeg\r\n\r\n', jpeg),
  },
  'the boundary after the part': {
    contentType: 'multipart/x-mixed-replace;boundary=123456789000000000000987654321',
    part: (jpeg) =>
      part(
        'Content-Type: image/jpeg\r\nContent-Length: LENGTH\r\n\r\n',
        jpeg,
        '\r\n--123456789000000000000987654321\r\n',
      ),
  },
  'parts of the type image/jpg': {
    contentType: multipart,
    part: (jpeg) => part('--frame\r\nContent-Type: image/jpg\r\nContent-Length: LENGTH\r\n\r\n', jpeg),
  },
  'parts of the type image/pjpeg': {
    contentType: multipart,
    part: (jpeg) => part('--frame\r\nContent-Type: image/pjpeg\r\nContent-Length: LENGTH\r\n\r\n', jpeg),
  },
  'no multipart at all': { contentType: 'video/x-motion-jpeg', part: (jpeg) => jpeg },
  'no multipart, of an unknown type': { contentType: 'application/octet-stream', part: (jpeg) => jpeg },
  'lines that end with \\n': {
    contentType: multipart,
    part: (jpeg) => part('--frame\ncontent-type: image/jpeg\ncontent-length: LENGTH\n\n', jpeg, '\n'),
  },
  'lines that end with \\n, without lengths': {
    contentType: multipart,
    part: (jpeg) => part('--frame\ncontent-type: image/jpeg\n\n', jpeg, '\n'),
  },
  'lengths that are not true': {
    contentType: multipart,
    part: (jpeg) => part('--frame\r\nContent-Type: image/jpeg\r\nContent-Length: 9999999\r\n\r\n', jpeg),
  },
};

describe.concurrent('MJPEG', () => {
  test.each(Object.entries(dialects))('%s', async (_, dialect) => {
    await using server = await HttpCameras.start({ '/video': motionJpeg(jpegs, dialect) });
    await using opened = open(server.url('/video'), { stallTimeout: 5 });
    expect(await framesIn(opened.camera, 4)).toBeGreaterThanOrEqual(8);
    expect(opened.camera.state.reason).toBeUndefined();
  });
});

test('JPEGs with nothing around them are seen before a hundred of them were sent', async () => {
  let sent = 0;
  const count = (jpeg: Buffer) => {
    sent += 1;
    return jpeg;
  };
  const answer = motionJpeg(jpegs, { contentType: 'video/x-motion-jpeg', part: count });
  await using server = await HttpCameras.start({ '/video': answer });
  await using opened = open(server.url('/video'));
  await vi.waitFor(() => expect(opened.camera.stats().frames).toBeGreaterThan(0), patience);
  expect(sent).toBeLessThan(100);
});

describe.concurrent('a still picture is fetched at the frame rate', () => {
  const answer: Answer = (response) => {
    const jpeg = jpegs[Math.floor(performance.now() / 200) % jpegs.length] as Buffer;
    response.writeHead(200, { 'content-type': 'image/jpeg', 'content-length': jpeg.length }).end(jpeg);
  };
  test.each(['/snap.jpg', '/cgi-bin/snapshot.cgi', '/image?channel=1%20a'])('%s', async (path) => {
    await using server = await HttpCameras.start({ [path.replace(/\?.*/, '')]: answer });
    await using opened = open(server.url(path), { fps: 2 });
    expect(await framesIn(opened.camera, 5)).toBeGreaterThanOrEqual(5);
    expect(opened.camera.state.status).toBe('online');
    expect(opened.camera.stats().restarts).toEqual({ ended: 0, stalled: 0, resized: 0 });
    expect([...server.requests.values()][0]).toBeLessThan(40);
  });
});

test.each(['/snap.jpg', '/snapshot.cgi'])('a still picture of unknown length: %s', async (path) => {
  const still: Answer = (response) => {
    response.writeHead(200, { 'content-type': 'image/jpeg' });
    response.end(jpegs[0]);
    response.flushHeaders();
  };
  const chunked: Answer = (response, request) => {
    response.setHeader('transfer-encoding', 'chunked');
    still(response, request);
  };
  await using server = await HttpCameras.start({ [path]: chunked });
  await using opened = open(server.url(path));
  await fails(
    opened.camera,
    /sends one picture and not its length.*set CAMERA_FRONT_URL to that of the camera's video/,
  );
});

/**
 * The clip in fragments of a second, each of which is sent at once.
 * @param fast How many times as fast as time the clock in it runs.
 */
const fragments =
  (fast = 1): Answer =>
  (response) => {
    response.writeHead(200, { 'content-type': 'video/mp4' });
    const child = import('node:child_process').then(({ spawn }) =>
      spawn(
        'ffmpeg',
        [
          ...['-nostdin', '-loglevel', 'error', '-re', '-stream_loop', '-1', '-i', clip],
          ...['-vf', `setpts=PTS*${fast},fps=${15 / fast}`, '-c:v', 'libx264', '-preset', 'ultrafast'],
          ...['-tune', 'zerolatency', '-g', '15', '-f', 'mp4'],
          ...['-movflags', 'frag_keyframe+empty_moov+default_base_moof', 'pipe:1'],
        ],
        { stdio: ['ignore', 'pipe', 'ignore'] },
      ),
    );
    void child.then((process) => process.stdout.pipe(response));
    response.once('close', () => void child.then((process) => process.kill('SIGKILL')));
  };

describe.concurrent('what comes in bursts is spread over its time', () => {
  test('fragmented MP4', async () => {
    await using server = await HttpCameras.start({ '/stream': fragments() });
    await using opened = open(server.url('/stream'));
    // It is read as it arrives until its clock was seen to be right.
    await vi.waitFor(() => expect(opened.camera.stats().frames).toBeGreaterThan(40), patience);
    expect(await framesIn(opened.camera, 6)).toBeGreaterThanOrEqual(15);
    expect(opened.camera.state.reason).toBeUndefined();
  });

  test.each(['http', 'https'])(
    'fragmented MP4 whose clock runs ten times as fast as time, over %s: as it arrives, and the state says so',
    async (scheme) => {
      await using server = await HttpCameras.start(
        { '/stream': fragments(10) },
        scheme === 'https' ? await tls() : undefined,
      );
      await using opened = open(server.url('/stream'), { tlsVerify: false });
      await vi.waitFor(() => expect(opened.camera.state.reason).toMatch(/clock.*runs 10 times/), patience);
      // A fragment a second, and no picture of the past: with a stall of ten seconds all of them came later and later.
      expect(await framesIn(opened.camera, 8)).toBeGreaterThanOrEqual(6);
    },
  );

  test('a file', async () => {
    const file = join(folder, 'file.mp4');
    const faststart = ['-movflags', '+faststart'];
    await execute('ffmpeg', ['-nostdin', '-loglevel', 'error', '-i', clip, '-c', 'copy', ...faststart, file]);
    const answer: Answer = async (response) => {
      response.writeHead(200, { 'content-type': 'video/mp4' }).end(await readFile(file));
    };
    await using server = await HttpCameras.start({ '/file': answer });
    await using opened = open(server.url('/file'));
    // Read as it arrives, hardly more than the tokens that were saved would come of it before it ends.
    await vi.waitFor(() => expect(opened.camera.stats().frames).toBeGreaterThan(12), patience);
    expect(opened.camera.stats().restarts.ended).toBe(0);
  });

  test('HLS whose path does not say so', async () => {
    const begin = performance.now();
    // A playlist that goes on: its segments, of the four seconds of the clip, come again and again. Read as they arrive, two frames of
    // each would pass.
    const playlist: Answer = (response) => {
      const newest = 3 + Math.floor((performance.now() - begin) / 4000);
      const lines = ['#EXTM3U', '#EXT-X-VERSION:3', '#EXT-X-TARGETDURATION:4'];
      lines.push(`#EXT-X-MEDIA-SEQUENCE:${newest - 2}`);
      for (let index = newest - 2; index <= newest; index += 1) {
        lines.push('#EXT-X-DISCONTINUITY', '#EXTINF:4.0,', `segment.ts?${index}`);
      }
      response
        .writeHead(200, { 'content-type': 'application/vnd.apple.mpegurl' })
        .end(`${lines.join('\n')}\n`);
    };
    const segment: Answer = async (response) => {
      response.writeHead(200, { 'content-type': 'video/mp2t' }).end(await readFile(clip));
    };
    await using server = await HttpCameras.start({ '/playlist': playlist, '/segment.ts': segment });
    await using opened = open(server.url('/playlist'));
    expect(await framesIn(opened.camera, 12)).toBeGreaterThanOrEqual(24);
  });
});

describe.concurrent('what is no video is named', () => {
  const page: Answer = (response) => {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<html>Please log in</html>');
  };
  test.each([
    [
      'a page to log in instead of a picture',
      '/snap.jpg',
      page,
      /a page for people \(text\/html\).*CAMERA_FRONT_URL/,
    ],
    ['a page instead of video', '/video', page, /a page for people \(text\/html\).*CAMERA_FRONT_URL/],
    ['nothing', '/video', (response) => response.writeHead(204).end(), /answered "204 No Content"/],
  ] as [string, string, Answer, RegExp][])('%s', async (_, path, answer, reason) => {
    await using server = await HttpCameras.start({ [path]: answer });
    await using opened = open(server.url(path));
    await fails(opened.camera, reason);
  });

  test('a picture without a word of HTTP', async () => {
    await using server = await RawServer.start((socket) => socket.end(jpegs[0] ?? ''));
    await using opened = open(`http://127.0.0.1:${server.port}/video`);
    await fails(opened.camera, /does not speak HTTP.*CAMERA_FRONT_URL/);
  });

  test('pictures that are no JPEG, at the address of one', async () => {
    const png = await sharp(jpegs[0]).png().toBuffer();
    const answer: Answer = (response) => {
      response.writeHead(200, { 'content-type': 'image/png', 'content-length': png.length }).end(png);
    };
    await using server = await HttpCameras.start({ '/snap.jpg': answer });
    await using opened = open(server.url('/snap.jpg'), { stallTimeout: 2, connectTimeout: 4 });
    await vi.waitFor(() => expect(opened.camera.state.reason).toMatch(/no picture in JPEG/), patience);
  });
});

describe.concurrent('a certificate that nobody known signed', () => {
  async function start() {
    const video = motionJpeg(jpegs, dialects['as the specification says'] as Dialect);
    return HttpCameras.start({ '/video': video }, await tls());
  }

  test('is refused, with the settings that matter', async () => {
    await using server = await start();
    await using opened = open(server.url('/video'));
    await fails(
      opened.camera,
      /certificate of the camera is not trusted.*CAMERA_FRONT_TLS_CA.*CAMERA_FRONT_TLS_VERIFY=false/,
    );
    expect(opened.camera.stats().frames).toBe(0);
  });

  test.each([
    ['its authority is known', () => ({ tlsCa: join(folder, 'ca.crt') })],
    ['any is accepted', () => ({ tlsVerify: false })],
  ])('%s', async (_, settings) => {
    await using server = await start();
    await using opened = open(server.url('/video', 'localhost'), settings());
    expect(await framesIn(opened.camera, 2)).toBeGreaterThanOrEqual(4);
  });

  test('another authority than its own', async () => {
    await using server = await start();
    await using opened = open(server.url('/video'), { tlsCa: join(folder, 'client.crt') });
    await fails(opened.camera, /certificate of the camera is not trusted/);
  });

  test.each([
    ['of a known authority', () => ({ tlsCa: join(folder, 'ca.crt') }), true],
    ['of any authority, as that was asked for', () => ({ tlsVerify: false }), true],
    ['of an unknown authority', () => ({}), false],
    ['of another authority', () => ({ tlsCa: join(folder, 'client.crt') }), false],
  ])('one picture at a time from a camera with a certificate %s', async (_, settings, seen) => {
    const [key, cert] = await Promise.all([
      readFile(join(folder, 'server.key'), 'utf8'),
      readFile(join(folder, 'server.crt'), 'utf8'),
    ]);
    const still: Answer = (response) => {
      const [jpeg = Buffer.alloc(0)] = jpegs;
      response.writeHead(200, { 'content-type': 'image/jpeg', 'content-length': jpeg.length }).end(jpeg);
    };
    await using server = await HttpCameras.start({ '/snap.jpg': still }, { key, cert });
    await using opened = open(server.url('/snap.jpg'), settings());
    if (seen) {
      expect(await framesIn(opened.camera, 3)).toBeGreaterThanOrEqual(5);
    } else {
      await fails(opened.camera, /certificate of the camera is not trusted/);
      expect(server.requests.size).toBe(0);
    }
  });

  test('a redirect to a path of its own, by either name of its address', async () => {
    const [key, cert] = await Promise.all([
      readFile(join(folder, 'server.key'), 'utf8'),
      readFile(join(folder, 'server.crt'), 'utf8'),
    ]);
    const video = motionJpeg(jpegs, {
      contentType: multipart,
      part: (jpeg) => part('--frame\r\nContent-Type: image/jpeg\r\n\r\n', jpeg),
    });
    const hop: Answer = (response) => response.writeHead(302, { location: '/hop' }).end();
    let own = '';
    const away: Answer = (response) => response.writeHead(302, { location: own }).end();
    await using server = await HttpCameras.start(
      { '/video': video, '/relative': hop, '/hop': away },
      { key, cert },
    );
    own = server.url('/video');
    await using opened = open(server.url('/relative'), { tlsCa: join(folder, 'ca.crt') });
    expect(await framesIn(opened.camera, 2)).toBeGreaterThanOrEqual(4);
  });
});

describe.concurrent('what an HTTP camera refers to', () => {
  const sdp = (port: number) =>
    `v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=x\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=video ${port} RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n`;
  const answers: Record<string, Answer> = {
    '/udp-by-sdp': (response) =>
      response.writeHead(200, { 'content-type': 'application/sdp' }).end(sdp(47_110)),
    '/file-by-hls': (response) => response.end('#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n'),
    '/udp-by-hls': (response) => response.end('#EXTM3U\n#EXTINF:1,\nudp://127.0.0.1:47111\n#EXT-X-ENDLIST\n'),
    '/file-by-redirect': (response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
    '/rtsp-by-redirect': (response) => response.writeHead(302, { location: 'rtsp://127.0.0.1:1/x' }).end(),
    '/concat-by-redirect': (response) =>
      response.writeHead(307, { location: 'concat:/etc/passwd|/etc/group' }).end(),
    '/to-nowhere': (response) => response.writeHead(302, { location: `/${'x'.repeat(9000)}` }).end(),
    '/in-a-circle': (response) => response.writeHead(301, { location: '/in-a-circle' }).end(),
  };
  test.each([
    ['/udp-by-sdp', /protocol (?:rtp|udp)/],
    ['/file-by-hls', /playlist|protocol file|no video/],
    ['/udp-by-hls', /playlist|protocol udp|no video/],
    ['/file-by-redirect', /address of the protocol file, which is not followed from http/],
    ['/rtsp-by-redirect', /address of the protocol rtsp, which is not followed from http/],
    ['/concat-by-redirect', /address of the protocol concat, which is not followed from http/],
    ['/to-nowhere', /redirect that leads nowhere, or to itself/],
    ['/in-a-circle', /redirect that leads nowhere, or to itself/],
  ])('%s is not followed, and the state says so', async (path, reason) => {
    await using server = await HttpCameras.start(answers);
    await using opened = open(server.url(path), { stallTimeout: 3, connectTimeout: 6 });
    await vi.waitFor(() => expect(opened.camera.stats().restarts.ended).toBeGreaterThan(0), patience);
    expect(opened.camera.stats().frames).toBe(0);
    expect(opened.camera.state.reason).toMatch(reason);
    // Nobody holds the ports that it named.
    for (const port of [47_110, 47_111]) {
      const socket = createSocket('udp4').bind(port, '127.0.0.1');
      await once(socket, 'listening');
      expect((socket.address() as AddressInfo).port).toBe(port);
      socket.close();
    }
  });
});

describe.concurrent('another host than the camera', () => {
  const REFERENCES: Record<string, (stranger: string) => Answer> = {
    '/redirect': (stranger) => (response) => response.writeHead(302, { location: `${stranger}/video` }).end(),
    '/redirect-of-307': (stranger) => (response) =>
      response.writeHead(307, { location: `${stranger.replace('http:', '')}/video` }).end(),
    '/segments.m3u8': (stranger) => (response) =>
      response.end(`#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n${stranger}/segment.ts\n#EXT-X-ENDLIST\n`),
    '/playlist.m3u8': (stranger) => (response) =>
      response.end(`#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n${stranger}/live.m3u8\n`),
    '/playlist-without-a-name': (stranger) => (response) =>
      response.end(`#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n${stranger}/segment.ts\n#EXT-X-ENDLIST\n`),
  };
  test.each(Object.keys(REFERENCES))('%s is not followed, and named', async (path) => {
    const stranger = await RawServer.start((socket) => socket.end());
    // Another name of the same machine: nothing leaves the loopback interface.
    const answer = REFERENCES[path]?.(`http://localhost:${stranger.port}`) as Answer;
    await using server = await HttpCameras.start({ [path]: answer });
    await using opened = open(server.url(path), { stallTimeout: 3, connectTimeout: 6 });
    await fails(
      opened.camera,
      /refers to another host, localhost, which is not followed: set CAMERA_FRONT_URL/,
    );
    expect(stranger.connections).toBe(0);
    await stranger[Symbol.asyncDispose]();
  });

  test.each([302, 307])(
    'a redirect (%i) to another path or port of the camera is followed',
    async (status) => {
      const answer = motionJpeg(jpegs, dialects['as the specification says'] as Dialect);
      await using next = await HttpCameras.start({ '/video': answer });
      await using server = await HttpCameras.start({
        '/first': (response) => response.writeHead(status, { location: '/second' }).end(),
        '/second': (response) => response.writeHead(status, { location: next.url('/video') }).end(),
      });
      await using opened = open(server.url('/first'));
      expect(await framesIn(opened.camera, 3)).toBeGreaterThanOrEqual(5);
    },
  );

  test('a closed port is named as that', async () => {
    await using closed = open(`http://127.0.0.1:${await freeTcpPort()}/video`);
    await fails(closed.camera, /connection refused/);
  });
});

/** FLV (Adobe's specification, E.4), and Enhanced RTMP's form of it, with pictures that are no matter here. */
function flv(picture: Buffer): Answer {
  return (response) => {
    response.writeHead(200, { 'content-type': 'video/x-flv' });
    response.write(Buffer.from('464c5601010000000900000000', 'hex'));
    let time = 0;
    const timer = setInterval(() => {
      const tag = Buffer.alloc(11);
      tag.writeUInt8(9, 0);
      tag.writeUIntBE(picture.length, 1, 3);
      tag.writeUIntBE(time, 4, 3);
      const length = Buffer.alloc(4);
      length.writeUInt32BE(11 + picture.length);
      response.write(Buffer.concat([tag, picture, length]));
      time += 100;
    }, 100);
    response.once('close', () => clearInterval(timer));
  };
}

test.for([
  ['under the number 12', Buffer.from('1c01000000', 'hex')],
  ['by its four letters', Buffer.from('91687663310000', 'hex')],
] as const)('HEVC in FLV, %s, is named as what ffmpeg before 6 cannot read', async ([, head], { skip }) => {
  if (Number(/^\d+/.exec(ffmpeg.version)?.[0]) >= 6) skip();
  await using server = await HttpCameras.start({
    '/live': flv(Buffer.concat([head, Buffer.alloc(20_000, 7)])),
  });
  await using opened = open(server.url('/live'));
  await fails(opened.camera, /no decoder for the camera's format: choose H.264 in the camera/);
});

describe('a picture that would take the memory of a board', () => {
  test.each([
    ['8192x8192', '8192x8192'],
    ['16000x4000', '16000x4000'],
  ])('%s is refused, with the reason', async (_, size) => {
    const path = join(folder, `${size}.h264`);
    await execute('ffmpeg', [
      ...['-nostdin', '-loglevel', 'error', '-f', 'lavfi', '-i', `color=size=${size}:rate=1`],
      ...['-frames:v', '2', '-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', path],
    ]);
    await using opened = open(path);
    await fails(opened.camera, /larger than 33 million pixels/);
    expect(opened.camera.stats().frames).toBe(0);
  });
});

/** Cameras that speak RTSP in ways that are rare, and still are cameras; and what is said of those that cannot be used. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { Camera } from '../../src/capture/camera.js';
import { type Ffmpeg, findFfmpeg } from '../../src/capture/ffmpeg.js';
import type { CameraState } from '../../src/capture/state.js';
import { type CameraSettingsGiven, defaultCameraConfig } from '../../src/config/types.js';
import { makeCertificates } from '../support/certificates.js';
import { Child } from '../support/child.js';
import {
  accessUnits,
  type Codec,
  type FaultyCameraOptions,
  FaultyRtspCamera,
  type KeepAlive,
} from '../support/faulty-rtsp-camera.js';
import { memoryLog } from '../support/log.js';
import { freeTcpPort } from '../support/ports.js';
import { RawServer } from '../support/raw-server.js';

const patience = { timeout: 100_000, interval: 50 };
type Stream = Awaited<ReturnType<typeof accessUnits>>;

let ffmpeg: Ffmpeg;
let pictures: Stream;
beforeAll(async () => {
  ffmpeg = await findFfmpeg();
  pictures = await accessUnits({ count: 100, keyInterval: 10 });
});

async function open(options: Partial<FaultyCameraOptions>, settings: CameraSettingsGiven = {}) {
  const server = await FaultyRtspCamera.start({ pictures, ...options });
  const { log, lines } = memoryLog();
  const config = { name: 'front', url: server.url, snapshot: false, ...settings };
  const camera = new Camera(defaultCameraConfig(config), {
    ffmpeg,
    inputSize: { width: 320, height: 320 },
    log,
  });
  const states: CameraState[] = [];
  camera.on('state', (state) => states.push(state));
  camera.on('frame', () => camera.take()?.release());
  camera.start();
  return {
    server,
    camera,
    states,
    lines,
    async [Symbol.asyncDispose]() {
      await camera.stop();
      await server[Symbol.asyncDispose]();
    },
  };
}

function becomes(camera: Camera, status: CameraState['status'], reason?: RegExp): Promise<void> {
  return vi.waitFor(() => {
    expect(camera.state.status).toBe(status);
    if (reason !== undefined) expect(camera.state.reason).toMatch(reason);
  }, patience);
}

/** Frames in so many seconds of a camera that is online. */
async function framesIn(camera: Camera, seconds: number): Promise<number> {
  await becomes(camera, 'online');
  const { frames } = camera.stats();
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  return camera.stats().frames - frames;
}

describe.concurrent('the first picture is late', () => {
  test.each([
    ['h264', 10, 200],
    ['hevc', 10, 200],
    ['h264', 0.5, 1],
    ['hevc', 0.5, 1],
  ] as const)('%s at %d frames a second, a key frame every %d', async (codec: Codec, fps, keyInterval) => {
    const stream = await accessUnits({ codec, count: Math.max(keyInterval, 20), keyInterval });
    await using opened = await open({ codec, pictures: stream, fps, firstPicture: 1 }, { stallTimeout: 8 });
    await becomes(opened.camera, 'online');
    expect(opened.camera.stats().restarts).toEqual({ ended: 0, stalled: 0, resized: 0 });
    for (const { status, reason } of opened.states) {
      if (status === 'stalled') expect(reason).toMatch(/its first picture.*CAMERA_FRONT_CONNECT_TIMEOUT/);
    }
  });

  test('a camera that is connected and sends nothing is not waited for so long', async () => {
    await using opened = await open({ silent: true }, { stallTimeout: 2 });
    await becomes(opened.camera, 'stalled', /the camera answers, but no picture came/);
    expect(opened.camera.stats().restarts).toMatchObject({ ended: 0, stalled: 1 });
    // Of the 60 s of the connect time-out.
    expect(Number(/within (\d+) s/.exec(opened.camera.state.reason ?? '')?.[1])).toBeLessThan(30);
  });

  test('a key frame that does not come', async () => {
    await using opened = await open(
      { pictures: pictures.slice(1, 10) },
      { stallTimeout: 2, connectTimeout: 6 },
    );
    await becomes(
      opened.camera,
      'stalled',
      /no picture came within 6 s: shorten the interval of its key frames.*CAMERA_FRONT_CONNECT_TIMEOUT/,
    );
  });
});

describe.concurrent('the clock of the stream', () => {
  test.each([
    ['stands still', () => 0],
    ['runs 0.1 times as fast', (n: number, fps: number) => n / fps / 10],
    ['runs 10 times as fast', (n: number, fps: number) => (10 * n) / fps],
    ['jumps', (n: number, fps: number) => n / fps + 3000 * Math.floor(n / 10)],
  ])('%s: five frames a second come all the same, and the state says so', async (problem, time) => {
    await using opened = await open({ time });
    expect(await framesIn(opened.camera, 6)).toBeGreaterThanOrEqual(15);
    await becomes(
      opened.camera,
      'online',
      new RegExp(`the clock in the camera's stream ${problem.replace('+', '\\+')}`),
    );
    expect(opened.camera.stats().restarts).toEqual({ ended: 0, stalled: 0, resized: 0 });
  });

  test.each([
    ['is right', (n: number, fps: number) => n / fps],
    ['jumped once', (n: number, fps: number) => n / fps + (n > 40 ? 7200 : 0)],
  ])('%s: nothing is said', async (_, time) => {
    await using opened = await open({ time });
    expect(await framesIn(opened.camera, 12)).toBeGreaterThanOrEqual(30);
    expect(opened.camera.state.reason).toBeUndefined();
  });
});

test.each([6, 10])('a stream that ends every %d s is watched nine tenths of the time', async (lasts) => {
  await using opened = await open({ lasts });
  await becomes(opened.camera, 'online');
  const frames = await framesIn(opened.camera, 4 * lasts);
  expect(opened.server.connections).toBeGreaterThan(2);
  // 5 a second, of which a tenth may be missing, and what a busy machine loses of the rest.
  expect(frames).toBeGreaterThan(0.75 * 5 * 4 * lasts);
});

test.each<KeepAlive>([
  { seconds: 6, method: 'OPTIONS' },
  { seconds: 6, method: 'OPTIONS', listed: true },
  { seconds: 6, method: 'GET_PARAMETER' },
  { seconds: 6, method: 'GET_PARAMETER', listed: false },
  { seconds: 6, method: 'any' },
])('a session that ends without requests is watched all the same: %o', async (keepAlive) => {
  await using opened = await open({ keepAlive });
  await becomes(opened.camera, 'online');
  expect(await framesIn(opened.camera, 24)).toBeGreaterThan(0.75 * 5 * 24);
});

describe('a redirect', () => {
  test.each([
    ['OPTIONS', 'localhost'],
    ['DESCRIBE', 'localhost'],
    ['DESCRIBE', 'LOCALHOST'],
    ['DESCRIBE', '[::1]'],
    ['SETUP', 'localhost'],
  ])('of %s to another host, %s, is not followed, and named', async (method, host) => {
    await using other = await FaultyRtspCamera.start({ pictures });
    const location = other.url.replace(/viewer.*@127\.0\.0\.1/, host);
    const answers = { [method]: ['302 Moved Temporarily', `Location: ${location}`] as const };
    await using opened = await open({ asks: true, answers });
    await becomes(
      opened.camera,
      'offline',
      /refers to another host, (?:localhost|::1), which is not followed/,
    );
    expect(opened.server.authorizations.length).toBeGreaterThan(0);
    expect(other.requests).toEqual([]);
    expect(opened.camera.stats().frames).toBe(0);
  });

  test.each(['OPTIONS', 'DESCRIBE'])('of %s to another port of the camera is followed', async (method) => {
    await using other = await FaultyRtspCamera.start({ pictures });
    await using opened = await open({
      answers: { [method]: ['302 Moved Temporarily', `Location: ${other.url}`] },
    });
    await becomes(opened.camera, 'online');
  });
});

describe('over TLS', () => {
  let folder: string;
  let tls: { key: string; cert: string };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ghostcam-rtsps-'));
    await makeCertificates(folder);
    const [key, cert] = await Promise.all([
      readFile(join(folder, 'server.key'), 'utf8'),
      readFile(join(folder, 'server.crt'), 'utf8'),
    ]);
    tls = { key, cert };
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test.each([
    ['whose authority is known', () => ({ tlsCa: join(folder, 'ca.crt') })],
    ['of which any certificate is accepted', () => ({ tlsVerify: false })],
  ])('a camera %s is seen', async (_, settings) => {
    await using opened = await open({ tls, asks: true }, settings());
    expect(await framesIn(opened.camera, 3)).toBeGreaterThanOrEqual(8);
    expect(opened.camera.stats().restarts).toEqual({ ended: 0, stalled: 0, resized: 0 });
  });

  test.each([
    ['of an unknown authority', {}],
    ['of another authority', { tlsCa: 'client.crt' }],
  ])('a certificate %s is refused before a word is said', async (_, { tlsCa }: { tlsCa?: string }) => {
    await using opened = await open({ tls }, tlsCa === undefined ? {} : { tlsCa: join(folder, tlsCa) });
    await becomes(
      opened.camera,
      'offline',
      /certificate of the camera is not trusted.*CAMERA_FRONT_TLS_CA.*CAMERA_FRONT_TLS_VERIFY=false/,
    );
    expect(opened.server.requests).toEqual([]);
  });

  test('a certificate of another name is refused', async () => {
    const [key, cert] = await Promise.all([
      readFile(join(folder, 'client.key'), 'utf8'),
      readFile(join(folder, 'client.crt'), 'utf8'),
    ]);
    await using opened = await open({ tls: { key, cert } }, { tlsCa: join(folder, 'ca.crt') });
    await becomes(opened.camera, 'offline', /certificate of the camera is not trusted/);
    expect(opened.server.requests).toEqual([]);
  });

  describe('an old one', () => {
    const old = () =>
      ({ ...tls, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }) as const;

    test('is named with the setting that accepts it', async () => {
      await using opened = await open({ tls: old() }, { tlsCa: join(folder, 'ca.crt') });
      await becomes(opened.camera, 'offline', /an old TLS .*set CAMERA_FRONT_TLS_VERIFY=false/);
    });

    test('is seen with it', async () => {
      await using opened = await open({ tls: old(), asks: true }, { tlsVerify: false });
      expect(await framesIn(opened.camera, 3)).toBeGreaterThanOrEqual(8);
    });
  });

  const trusting = [
    ['verified', () => ({ tlsCa: join(folder, 'ca.crt') })],
    ['not verified', () => ({ tlsVerify: false })],
  ] as const;
  const demanding = [
    ['-tls1_3', /wants a certificate of its viewers/],
    ['-tls1_2', /no kind of TLS in common|wants a certificate of its viewers/],
  ] as const;
  test.each(
    trusting.flatMap(([how, settings]) =>
      demanding.map(([version, reason]) => [version, how, reason, settings] as const),
    ),
  )(
    'a camera that wants a certificate of its viewers, %s, %s, is not blamed for its own',
    async (version, _, reason, settings) => {
      const port = await freeTcpPort();
      const files = ['-cert', join(folder, 'server.crt'), '-key', join(folder, 'server.key')];
      const demand = ['-Verify', '1', '-verify_return_error', version];
      const server = new Child('openssl', ['s_server', '-accept', `127.0.0.1:${port}`, ...files, ...demand]);
      try {
        await server.outputMatch(/ACCEPT/);
        const url = `rtsps://viewer:a-password@127.0.0.1:${port}/stream`;
        await using opened = await open({}, { url, ...settings() });
        await becomes(opened.camera, 'offline', reason);
        expect(opened.camera.state.reason).not.toMatch(/not trusted/);
      } finally {
        await server.stop();
      }
    },
  );

  test('a camera that does not speak it', async () => {
    await using server = await RawServer.start((socket) => socket.write('RTSP/1.0 400 Bad Request\r\n\r\n'));
    await using opened = await open({}, { url: `rtsps://viewer:a-password@127.0.0.1:${server.port}/stream` });
    await becomes(
      opened.camera,
      'offline',
      /no TLS connection with the camera \(wrong version number\).*CAMERA_FRONT_URL/,
    );
  });

  test.each(trusting)('a redirect to its own host without TLS is not followed (%s)', async (_, settings) => {
    await using other = await FaultyRtspCamera.start({ pictures });
    await using opened = await open(
      { tls, asks: true, answers: { DESCRIBE: ['301 Moved', `Location: ${other.url}`] } },
      settings(),
    );
    await becomes(
      opened.camera,
      'offline',
      /refers to another host, 127\.0\.0\.1 by rtsp, which is not followed/,
    );
    expect(other.requests).toEqual([]);
  });
});

describe('who is to blame', () => {
  test.each([
    ['h264', 'hevc'],
    ['hevc', 'h264'],
  ] as const)('a decoder for %s, and %s comes', async (decoder, codec) => {
    const stream = await accessUnits({ codec, count: 20, keyInterval: 10 });
    await using opened = await open(
      { codec, pictures: stream },
      { decoder, stallTimeout: 3, connectTimeout: 5 },
    );
    await vi.waitFor(
      () =>
        expect(opened.camera.state.reason).toMatch(
          new RegExp(
            `sends ${codec}, which the decoder "${decoder}" is not for: change or remove CAMERA_FRONT_DECODER`,
          ),
        ),
      patience,
    );
  });

  test.each([
    ['SHA-256 alone', ['WWW-Authenticate: Digest realm="c", nonce="n", algorithm=SHA-256'], /SHA-256/],
    [
      'two algorithms that ffmpeg lacks',
      [
        'WWW-Authenticate: Digest realm="c", nonce="n", algorithm=SHA-256',
        'WWW-Authenticate: Digest realm="c", nonce="n", algorithm=SHA-512-256',
      ],
      /SHA-256.*SHA-512-256/,
    ],
    ['a scheme that ffmpeg lacks', ['WWW-Authenticate: Bearer realm="c"'], /Bearer/],
    ['MD5', ['WWW-Authenticate: Digest realm="c", nonce="n"'], /refused user name or password/],
    [
      'MD5 beside SHA-256',
      [
        'WWW-Authenticate: Digest realm="c", nonce="n", algorithm=SHA-256',
        'WWW-Authenticate: Digest realm="c", nonce="n", algorithm=MD5',
      ],
      /refused user name or password/,
    ],
    ['basic', ['WWW-Authenticate: Basic realm="c"'], /refused user name or password/],
  ])('a camera that takes no password: it asks for %s', async (_, challenges, reason) => {
    await using opened = await open({ challenges });
    await becomes(opened.camera, 'offline', reason);
  });
});

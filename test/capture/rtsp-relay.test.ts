/** What the relay between ffmpeg and an RTSP camera changes, and what it leaves alone. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, test, vi } from 'vitest';
import { parseCameraAddress } from '../../src/address/camera.js';
import { RtspRelay } from '../../src/capture/rtsp-relay.js';
import { RawServer } from '../support/raw-server.js';

/** A camera that answers with these heads in turn, and a viewer at its relay. */
async function open(...heads: string[]) {
  const requests: string[] = [];
  let left = [...heads];
  const server = await RawServer.start((socket, request) => {
    requests.push(request);
    const [head, ...others] = left;
    left = others;
    if (head !== undefined) socket.write(head, 'latin1');
  });
  const url = parseCameraAddress(`rtsp://u:p@127.0.0.1:${server.port}/s`);
  const relay = await RtspRelay.start({ url, tlsVerify: true });
  const viewer = connect(relay.port, '127.0.0.1').setEncoding('latin1');
  viewer.on('error', () => {});
  return {
    requests,
    relay,
    viewer,
    async [Symbol.asyncDispose]() {
      viewer.destroy();
      relay.stop();
      await server[Symbol.asyncDispose]();
    },
  };
}

async function ask(viewer: Socket, request: string): Promise<string> {
  viewer.write(`${request}\r\nCSeq: 1\r\n\r\n`);
  const [answer] = await once(viewer, 'data');
  return answer;
}

test.each([
  'source=10.0.0.1',
  'destination=10.0.0.1;source=10.0.0.1',
  ' Source = 10.0.0.1 ;DESTINATION=10.0.0.1',
  'ssrc=1',
])('packets over UDP go to the camera and nowhere else: %s', async (where) => {
  await using opened = await open(
    `RTSP/1.0 200 OK\r\nCSeq: 1\r\nTransport: RTP/AVP;unicast;client_port=4-5;server_port=6-7;${where}\r\n\r\n`,
  );
  const answer = await ask(opened.viewer, 'SETUP rtsp://camera/s RTSP/1.0');
  expect(answer).toMatch(
    /\r\nTransport: RTP\/AVP;unicast;client_port=4-5;server_port=6-7;.*source=127\.0\.0\.1\r\n/,
  );
  expect(answer).not.toContain('10.0.0.1');
});

const challenge = (value: string) => `WWW-Authenticate: ${value}\r\n`;
const MD5 = challenge('Digest realm="c", nonce="n"');
const SHA_256 = challenge('Digest realm="c", nonce="n", algorithm=SHA-256');
const BASIC = challenge('Basic realm="c"');
const BEARER = challenge('Bearer realm="c"');
test.each([
  ['MD5 beside SHA-256', MD5 + SHA_256, MD5],
  ['SHA-256 beside MD5', SHA_256 + MD5, MD5],
  ['Basic beside what ffmpeg does not know', BASIC + SHA_256 + BEARER, BASIC],
  ['SHA-256 alone', SHA_256, SHA_256],
  ['what ffmpeg knows', BASIC + MD5, BASIC + MD5],
])('of several challenges ffmpeg gets those that it knows: %s', async (_, sent, passed) => {
  await using opened = await open(`RTSP/1.0 401 Unauthorized\r\nCSeq: 1\r\n${sent}\r\n`);
  const answer = await ask(opened.viewer, 'DESCRIBE rtsp://camera/s RTSP/1.0');
  expect(answer).toBe(`RTSP/1.0 401 Unauthorized\r\nCSeq: 1\r\n${passed}Content-Length: 0\r\n\r\n`);
});

test('from PLAY on everything passes as it is', async () => {
  const after = '$\0\0\x03abcnot RTSP at all\n\n\xff';
  await using opened = await open(`RTSP/1.0 200 OK\r\n\r\n${after}`);
  let passed = '';
  opened.viewer.on('data', (text) => {
    passed += text;
  });
  opened.viewer.write('PLAY rtsp://camera/s RTSP/1.0\r\n\r\n');
  await vi.waitFor(() => expect(passed.endsWith(after)).toBe(true));
  expect(passed).toBe(`RTSP/1.0 200 OK\r\n\r\n${after}`);
});

test.each([
  ['a host', 'rtsp://10.0.0.1/s', '10.0.0.1'],
  ['a name', 'rtsp://Other.example:554/s', 'other.example'],
  ['IPv6', 'rtsp://[fe80::1]/s', 'fe80::1'],
  ['credentials before it', 'rtsp://127.0.0.1@10.0.0.1/s', '10.0.0.1'],
  ['another scheme', 'http://127.0.0.1/s', '127.0.0.1 by http'],
  ['a file', '/etc/passwd', 'of no usable name'],
  ['nothing', '', 'of no usable name'],
  ['control characters', 'rtsp://\x1b[2J/s', 'of no usable name'],
])('a redirect to %s ends the connection', async (_, location, refused) => {
  await using opened = await open(`RTSP/1.0 301 Moved\r\nLocation: ${location}\r\n\r\n`);
  let passed = '';
  opened.viewer.on('data', (text) => {
    passed += text;
  });
  opened.viewer.write('DESCRIBE rtsp://camera/s RTSP/1.0\r\n\r\n');
  await once(opened.viewer, 'close');
  expect(passed).toBe('');
  expect(opened.relay.refused).toBe(refused);
});

test('a redirect to another port of the camera leads to the relay, with path and query', async () => {
  await using opened = await open('RTSP/1.0 302 Found\r\nLocation: rtsp://127.0.0.1:9/t?x=1\r\n\r\n');
  const answer = await ask(opened.viewer, 'DESCRIBE rtsp://camera/s RTSP/1.0');
  expect(answer).toContain(`\r\nLocation: rtsp://127.0.0.1:${opened.relay.port}/t?x=1\r\n`);
  const again = connect(opened.relay.port, '127.0.0.1');
  await once(again, 'close');
  expect(opened.relay.refused).toBeUndefined();
});

test('an answer that comes after the end of the relay is no more than that', async () => {
  let answer = () => {};
  await using server = await RawServer.start((socket) => {
    answer = () => socket.write(`RTSP/1.0 302 Found\r\nLocation: rtsp://127.0.0.1:${server.port}/t\r\n\r\n`);
  });
  const url = parseCameraAddress(`rtsp://127.0.0.1:${server.port}/s`);
  const relay = await RtspRelay.start({ url, tlsVerify: true });
  const { port } = relay;
  const viewer = connect(port, '127.0.0.1').setEncoding('latin1');
  viewer.on('error', () => {});
  viewer.write('DESCRIBE rtsp://camera/s RTSP/1.0\r\n\r\n');
  await vi.waitFor(() => expect(server.connections).toBe(1));
  await vi.waitFor(() => expect(answer).not.toBe(undefined));
  relay.stop();
  answer();
  const [passed] = await once(viewer, 'data');
  expect(passed).toContain(`Location: rtsp://127.0.0.1:${port}/t`);
  viewer.destroy();
});

test('a camera that sends in a circle is followed a few times, and that is what is said', async () => {
  await using server = await RawServer.start((socket) => {
    socket.write(`RTSP/1.0 302 Found\r\nLocation: rtsp://127.0.0.1:${server.port}/s\r\n\r\n`);
  });
  const url = parseCameraAddress(`rtsp://127.0.0.1:${server.port}/s`);
  const relay = await RtspRelay.start({ url, tlsVerify: true });
  const visit = async () => {
    const viewer = connect(relay.port, '127.0.0.1').setEncoding('latin1');
    viewer.on('error', () => {});
    viewer.write('DESCRIBE rtsp://camera/s RTSP/1.0\r\n\r\n');
    const answered = await Promise.race([
      once(viewer, 'data').then(() => true),
      once(viewer, 'close').then(() => false),
    ]);
    viewer.destroy();
    return answered;
  };
  const answers: boolean[] = [];
  for (let count = 0; count < 9; count++) answers.push(await visit());
  expect(answers).toEqual([...Array(5).fill(true), ...Array(4).fill(false)]);
  expect(server.connections).toBe(6);
  expect(relay.complaint).toBe('Redirect not followed');
  relay.stop();
});

/** A camera that answers its first viewer with the head, and breaks off the connections of all others. */
async function answeringOnce(head: string) {
  let viewers = 0;
  const server = await RawServer.start((socket) => {
    if (viewers++ === 0) socket.write(head.replace('PORT', `${server.port}`));
    else socket.resetAndDestroy();
  });
  const url = parseCameraAddress(`rtsp://127.0.0.1:${server.port}/s`);
  const relay = await RtspRelay.start({ url, tlsVerify: true });
  const visit = () => connect(relay.port, '127.0.0.1').on('error', () => {});
  await ask(visit().setEncoding('latin1'), 'DESCRIBE rtsp://camera/s RTSP/1.0');
  const other = visit();
  other.write('DESCRIBE rtsp://camera/s RTSP/1.0\r\n\r\n');
  await once(other, 'close');
  return {
    relay,
    async [Symbol.asyncDispose]() {
      relay.stop();
      await server[Symbol.asyncDispose]();
    },
  };
}

test.each([
  ['an answer', 'RTSP/1.0 404 Not Found\r\n\r\n', undefined],
  ['a stream', 'RTSP/1.0 200 OK\r\n\r\n', undefined],
  [
    'a redirect, which leads to it',
    'RTSP/1.0 302 Found\r\nLocation: rtsp://127.0.0.1:PORT/t\r\n\r\n',
    'Connection reset by peer',
  ],
])('a connection that fails after %s', async (_, head, complaint) => {
  await using opened = await answeringOnce(head);
  expect(opened.relay.complaint).toBe(complaint);
});

test('the last request of a viewer that leaves arrives, though the relay is stopped', async () => {
  await using opened = await open('RTSP/1.0 200 OK\r\n\r\n');
  await ask(opened.viewer, 'OPTIONS rtsp://camera/s RTSP/1.0');
  opened.viewer.end('TEARDOWN rtsp://camera/s RTSP/1.0\r\nCSeq: 2\r\n\r\n');
  opened.relay.stop();
  await vi.waitFor(() => expect(opened.requests.join('')).toContain('TEARDOWN'));
});

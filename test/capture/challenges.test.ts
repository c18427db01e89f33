/** What ffmpeg is to see of an HTTP camera that asks for a password in several ways. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test, vi } from 'vitest';
import { Camera } from '../../src/capture/camera.js';
import { AnswerableChallenges } from '../../src/capture/challenges.js';
import { findFfmpeg } from '../../src/capture/ffmpeg.js';
import { defaultCameraConfig } from '../../src/config/types.js';
import { execute } from '../support/execute.js';
import { memoryLog } from '../support/log.js';
import { program } from '../support/program.js';

const MD5 = 'WWW-Authenticate: Digest realm="c", nonce="n"\r\n';
const SHA_256 = 'www-authenticate: Digest realm="c", nonce="n", algorithm=SHA-256\r\n';
const OTHER = 'Content-Type: text/html\r\n';

/** What comes out when the text arrives in pieces of that length. */
function passed(text: string, length: number): Promise<string> {
  const filter = new AnswerableChallenges();
  filter.expectAnswer();
  let result = '';
  filter.on('data', (chunk: Buffer) => {
    result += chunk.toString('latin1');
  });
  for (let at = 0; at < text.length; at += length)
    filter.write(Buffer.from(text.slice(at, at + length), 'latin1'));
  filter.end();
  return new Promise((resolve) => filter.once('end', () => resolve(result)));
}

test.each([
  ['MD5 beside SHA-256', MD5 + OTHER + SHA_256, MD5 + OTHER],
  ['SHA-256 alone', SHA_256 + OTHER, SHA_256 + OTHER],
  ['none', OTHER, OTHER],
])('of several challenges those are passed on that ffmpeg knows: %s', async (_, sent, expected) => {
  for (const length of [1, 7, 10_000]) {
    expect(await passed(`HTTP/1.1 401 Unauthorized\r\n${sent}\r\nbody\r\n\r\n`, length)).toBe(
      `HTTP/1.1 401 Unauthorized\r\n${expected}\r\nbody\r\n\r\n`,
    );
  }
});

test.each([
  ['another answer', `HTTP/1.1 200 OK\r\n${MD5}${SHA_256}\r\n\xff`],
  ['no HTTP', `RTSP ${MD5}${SHA_256}`],
  ['a head without an end', `HTTP/1.1 401 ${MD5}${SHA_256}`],
  ['a head that is too long', `HTTP/1.1 401 X\r\n${`${MD5}${SHA_256}`.repeat(1000)}`],
])('%s is passed on as it is', async (_, text) => {
  expect(await passed(text, 1000)).toBe(text);
});

test('a camera that offers both is watched', async () => {
  await using folder = await program('');
  await execute('ffmpeg', [
    ...['-nostdin', '-loglevel', 'error', '-f', 'lavfi', '-i', 'testsrc2=size=64x64'],
    ...['-frames:v', '1', `${folder.folder}/p.jpg`],
  ]);
  const jpeg = await readFile(`${folder.folder}/p.jpg`);
  const md5 = (text: string) => createHash('md5').update(text).digest('hex');
  const server = createServer(({ headers, url, method }, response) => {
    const given = headers.authorization ?? '';
    const uri = /uri="([^"]*)"/.exec(given)?.[1];
    const expected = md5(`${md5('u:c:p@ss')}:n:${md5(`${method}:${uri}`)}`);
    if (!given.includes(`response="${expected}"`) || given.includes('SHA-256')) {
      const challenges = [MD5, SHA_256].map((line) => line.slice('WWW-Authenticate: '.length).trim());
      response.writeHead(401, { 'WWW-Authenticate': challenges }).end();
      return;
    }
    response.writeHead(200, { 'content-type': 'image/jpeg', 'content-length': jpeg.length }).end(jpeg);
    expect(url).toBe('/snap.jpg');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const url = `http://u:p%40ss@127.0.0.1:${port}/snap.jpg`;
  const camera = new Camera(defaultCameraConfig({ name: 'front', url, snapshot: false }), {
    ffmpeg: await findFfmpeg(),
    inputSize: { width: 64, height: 64 },
    log: memoryLog().log,
  });
  camera.start();
  try {
    await vi.waitFor(() => expect(camera.state.status).toBe('online'), { timeout: 30_000 });
  } finally {
    await camera.stop();
    server.close();
    server.closeAllConnections();
  }
});

/** What the proxy between ffmpeg and an HTTP camera sees in the camera's answers. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { parseCameraAddress } from '../../src/address/camera.js';
import { HostProxy } from '../../src/capture/host-proxy.js';
import { RawServer } from '../support/raw-server.js';

const ANSWER = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\n#EXTM3U\r\n0\r\n\r\n';

test('of small answers without a length, on one connection, only the last is listened to', async () => {
  const warnings: Error[] = [];
  const warn = (warning: Error) => warnings.push(warning);
  process.on('warning', warn);
  onTestFinished(() => void process.off('warning', warn));
  await using server = await RawServer.start((socket) => socket.write(ANSWER));
  const host = `127.0.0.1:${server.port}`;
  const proxy = await HostProxy.start(
    { url: parseCameraAddress(`http://${host}/live`), tlsVerify: true },
    'stream',
  );
  onTestFinished(() => proxy.stop());
  const viewer = connect(Number(new URL(proxy.url).port), '127.0.0.1').setEncoding('latin1');
  onTestFinished(() => void viewer.destroy());
  for (let request = 0; request < 20; request++) {
    viewer.write(`GET http://${host}/live HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    let text = '';
    while (text.length < ANSWER.length) text += String((await once(viewer, 'data'))[0]);
    expect(text).toBe(ANSWER);
  }
  await turn();
  expect(proxy.endless).toBe(true);
  expect(server.connections).toBe(1);
  expect(warnings).toEqual([]);
});

test('a connection that failed is no complaint once the camera has answered on another', async () => {
  let connections = 0;
  await using server = await RawServer.start((socket) => {
    if (connections++ === 0) socket.resetAndDestroy();
    else socket.write('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n');
  });
  const host = `127.0.0.1:${server.port}`;
  const proxy = await HostProxy.start(
    { url: parseCameraAddress(`http://${host}/live`), tlsVerify: true },
    'stream',
  );
  onTestFinished(() => proxy.stop());
  const ask = () => {
    const viewer = connect(Number(new URL(proxy.url).port), '127.0.0.1');
    viewer.on('error', () => {});
    onTestFinished(() => void viewer.destroy());
    viewer.write(`GET http://${host}/live HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    return viewer;
  };
  await once(ask(), 'close');
  expect(proxy.complaint).toBe('Connection reset by peer');
  await once(ask(), 'data');
  expect(proxy.complaint).toBeUndefined();
});

test('a camera at an address with a zone is its own host', async () => {
  await using server = await RawServer.start((socket) => socket.write(ANSWER));
  const url = parseCameraAddress(`http://[::1%25lo]:${server.port}/live`);
  const proxy = await HostProxy.start({ url, tlsVerify: true }, 'stream');
  onTestFinished(() => proxy.stop());
  for (const zone of ['%25lo', '%lo', '%25eth0', '']) {
    const viewer = connect(Number(new URL(proxy.url).port), '127.0.0.1').setEncoding('latin1');
    viewer.on('error', () => {});
    viewer.write(`GET http://[::1${zone}]:${server.port}/live HTTP/1.1\r\n\r\n`);
    await once(viewer.resume(), 'close');
    const isOwn = zone.endsWith('%lo') || zone.endsWith('%25lo');
    expect(proxy.refused === undefined, zone).toBe(isOwn);
  }
});

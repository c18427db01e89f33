/** Every reason that a broker can give is one sentence with a remedy, and what it does not offer is not asked of it. */
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { afterEach, expect, test, vi } from 'vitest';
import { explainBrokerError, reasonSentence } from '../../src/mqtt/reason-sentences.js';
import { makeCertificates } from '../support/certificates.js';
import { Mosquitto } from '../support/mosquitto.js';
import { publisher, subscriber, WILL } from '../support/publisher.js';
import { RawServer } from '../support/raw-server.js';
import { connack, disconnect, ScriptedBroker } from '../support/scripted-broker.js';

const PATIENCE = { timeout: 40_000, interval: 50 };

/** Of CONNACK (MQTT 5, 3.2.2.2) and of a server's DISCONNECT (MQTT 5, 3.14.2.1). */
const CONNACK_CODES = [
  128, 129, 130, 131, 132, 133, 134, 135, 136, 137, 138, 140, 144, 149, 151, 153, 154, 155, 156, 157, 159,
];
const DISCONNECT_CODES = [
  128, 129, 130, 131, 135, 137, 139, 141, 142, 143, 144, 147, 148, 149, 150, 151, 152, 153, 154, 155, 156,
  157, 158, 159, 160, 161, 162,
];

const cleanUp: (() => PromiseLike<unknown>)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});

/** What OpenSSL wants for versions that are not safe any more. */
const OLD = { minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;

async function ownCertificate(): Promise<{ cert: Buffer; key: Buffer }> {
  const folder = await mkdtemp(join(tmpdir(), 'ghostcam-reasons-'));
  cleanUp.push(() => rm(folder, { recursive: true }));
  await makeCertificates(folder);
  const read = (name: string) => readFile(join(folder, name));
  return { cert: await read('server.crt'), key: await read('server.key') };
}

async function start(url: string, settings = {}) {
  const own = await publisher(url, settings);
  cleanUp.push(() => own[Symbol.asyncDispose]());
  return own;
}

test.each([...new Set([...CONNACK_CODES, ...DISCONNECT_CODES, 1, 2, 3, 4, 5])])(
  'code %i has a sentence of its own',
  (code) => {
    expect(reasonSentence(code)).not.toMatch(/reason code/);
    expect(explainBrokerError(Object.assign(new Error('x'), { code }))).toBe(reasonSentence(code));
  },
);

test('a code that is not known is shown, and the log of the broker named', () => {
  expect(reasonSentence(250)).toMatch(/250.*log of the broker/);
});

test.each([
  ['a web server', 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'],
  ['SSH', 'SSH-2.0-OpenSSH_9.2p1 Debian\r\n'],
  ['a mail server', `220 mail.example.org ESMTP ${'and more than fifty letters '.repeat(3)}\r\n`],
  ['a mailbox', '+OK ready.\r\n'],
  ['a screen', 'RFB 003.008\n'],
  ['a camera', 'RTSP/1.0 400 Bad Request\r\n\r\n'],
  ['TLS that is asked without it', '\x15\x03\x03\0\x02\x02\x46'],
  ['zeros', '\0'.repeat(20)],
  ['ones', '\xff'.repeat(20)],
])("%s in the broker's place is no MQTT, and the port to look at", async (_, text) => {
  await using server = await RawServer.start((socket) => void socket.end(text, 'latin1'));
  const { lines } = await start(`mqtt://127.0.0.1:${server.port}`);
  await vi.waitFor(() => expect(lines.join('')).toContain('is no MQTT; see the port of MQTT_URL'), PATIENCE);
  expect(lines.join('')).not.toMatch(/header flag|Cannot parse|Not supported/);
});

test.each([
  ['that wants a client certificate', false, /wants a client certificate; .* MQTT_CERT and MQTT_KEY/],
  ['that wants another one', true, /does not accept the client certificate; see MQTT_CERT and MQTT_KEY/],
])('a broker %s names the settings', async (_, hasForeign, sentence) => {
  const server = await Mosquitto.start({ tls: true, requireClientCertificate: true });
  cleanUp.push(() => server.dispose());
  const other = await Mosquitto.start({ tls: true });
  cleanUp.push(() => other.dispose());
  const { clientCert: cert, clientKey: key } = other.certificates;
  const { lines } = await start(server.url, {
    ca: server.certificates.ca,
    ...(hasForeign ? { cert, key } : {}),
  });
  await vi.waitFor(() => expect(lines.join('')).toMatch(sentence), PATIENCE);
  expect(lines.join('')).not.toMatch(/is MQTT_URL right/);
});

test.each([
  [
    'sslv3 alert handshake failure',
    /wants a client certificate \(MQTT_CERT and MQTT_KEY\), or knows no cipher/,
  ],
  ['tlsv1 alert unknown ca', /does not accept the client certificate/],
  ['sslv3 alert bad certificate', /does not accept the client certificate/],
  ['sslv3 alert certificate expired', /does not accept the client certificate/],
  ['wrong version number', /is MQTT_URL right about mqtt:\/\/ and mqtts:\/\//],
])('TLS: %s', (alert, sentence) => {
  const message = `80BC:error:0A000410:SSL routines:ssl3_read_bytes:${alert}:../deps/openssl/rec_layer_s3.c:1601:\n`;
  const errors = [
    Object.assign(new Error(message), { code: 'ERR_SSL_X' }),
    Object.assign(new Error(`write EPROTO ${message}`), { code: 'EPROTO' }),
  ];
  for (const error of errors) expect(explainBrokerError(error)).toMatch(sentence);
});

test('a broker that knows old versions of TLS alone', async () => {
  const server = createTlsServer({ ...(await ownCertificate()), maxVersion: 'TLSv1.1', ...OLD }, () => {});
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  cleanUp.push(async () => void server.close());
  await once(server, 'listening');
  const { lines } = await start(`mqtts://localhost:${(server.address() as AddressInfo).port}`);
  await vi.waitFor(() => expect(lines.join('')).toMatch(/allow TLS 1\.2 or 1\.3 at the broker/), PATIENCE);
});

test('a broker that answers no ping any more', async () => {
  const server = await ScriptedBroker.start((socket, level) => {
    // CONNACK with a server keep alive of a second.
    socket.write(Buffer.from([0x20, 6, 0, 0, 3, 0x13, 0, 1].slice(0, level === 5 ? 8 : 0)));
  });
  cleanUp.push(() => server.dispose());
  const { lines } = await start(server.url);
  await vi.waitFor(() => expect(lines.join('')).toMatch(/does not answer any more; see whether/), PATIENCE);
});

test('a web server without MQTT, asked for a WebSocket, is one', async () => {
  await using server = await RawServer.start((socket) => {
    socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n');
  });
  const { lines } = await start(`ws://127.0.0.1:${server.port}/mqtt`);
  await vi.waitFor(() => {
    expect(lines.join('')).toContain('without an answer; see port and path of MQTT_URL');
  }, PATIENCE);
});

test.each([134, 137, 138, 140, 151, 156, 159])(
  'a connection that is refused with %i is explained',
  async (code) => {
    const server = await ScriptedBroker.start((socket, level) => socket.end(connack(code, level)));
    cleanUp.push(() => server.dispose());
    const { lines } = await start(server.url);
    await vi.waitFor(() => expect(lines.join('')).toContain(reasonSentence(code)), PATIENCE);
  },
);

test.each([139, 142, 150, 151, 152, 157, 160])(
  'a connection that is ended with %i is explained',
  async (code) => {
    const server = await ScriptedBroker.start((socket, level) => {
      socket.write(connack(0, level));
      setTimeout(() => socket.end(disconnect(code)), 50);
    });
    cleanUp.push(() => server.dispose());
    const { lines } = await start(server.url);
    await vi.waitFor(() => expect(lines.join('')).toContain(reasonSentence(code)), PATIENCE);
  },
);

test.each([
  [['retain_available false'], /keeps no retained messages/],
  [['max_qos 0'], /quality of service 1/],
  [['max_qos 0', 'retain_available false'], /keeps no retained messages/],
])('a broker with %j gets all messages, and what it lacks is logged once', async (settings, lacking) => {
  const server = await Mosquitto.start({ settings });
  cleanUp.push(() => server.dispose());
  const seen = await subscriber(server.url);
  cleanUp.push(() => seen[Symbol.asyncDispose]());
  const { broker, logged } = await start(server.url);
  broker.retain(WILL.topic, 'online');
  for (let number = 0; number < 10; number++) broker.event('events', { number });
  await vi.waitFor(() => {
    expect(seen.newest.get(WILL.topic)?.toString()).toBe('online');
    expect(seen.newest.get('events')?.toString()).toBe('{"number":9}');
  }, PATIENCE);
  await server.kill();
  await vi.waitFor(() => expect(broker.connected).toBe(false), PATIENCE);
  await server.start();
  await vi.waitFor(() => expect(broker.connected).toBe(true), PATIENCE);
  expect(logged(lacking)).toHaveLength(1);
});

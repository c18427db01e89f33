/** What the daemon reports to a service manager, heard on a real datagram socket. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { addon } from '../../src/native/addon.js';
import { Child } from '../support/child.js';
import { Daemon } from '../support/ghostcam.js';
import { Mosquitto } from '../support/mosquitto.js';

const footage = fileURLToPath(new URL('../../assets/demo/footage.mp4', import.meta.url));
/** Prints each datagram as a line. Node has no such sockets. */
const LISTENER = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1].replace("@", "\\0"))
print("listening", flush=True)
while True:
    print(s.recv(4096).decode(), flush=True)
`;

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});

async function listen(socket: string): Promise<Child> {
  const listener = new Child('python3', ['-c', LISTENER, socket]);
  cleanUp.push(() => listener.stop());
  await listener.outputMatch(/listening\n/);
  return listener;
}

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'ghostcam-systemd-'));
  cleanUp.push(() => rm(path, { recursive: true }));
  return path;
}

test('ready, alive, stopping', async () => {
  const socket = join(await folder(), 'notify');
  const listener = await listen(socket);
  const broker = await Mosquitto.start();
  cleanUp.push(() => broker.dispose());
  const daemon = new Daemon({
    NOTIFY_SOCKET: socket,
    WATCHDOG_USEC: '1500000',
    MQTT_URL: broker.url,
    CAMERAS: 'clip',
    CAMERA_CLIP_URL: footage,
    PROVIDER: 'cpu',
  });
  cleanUp.push(() => daemon.kill());
  await listener.outputMatch(/^listening\nREADY=1\nWATCHDOG=1\nWATCHDOG=1\nWATCHDOG=1\n/);
  expect(await daemon.stop('SIGTERM')).toEqual({ code: 0, signal: null });
  await listener.outputMatch(/STOPPING=1\n$/);
});

test('a socket in the abstract namespace, as in containers', async () => {
  const socket = `@ghostcam-${process.pid}`;
  const listener = await listen(socket);
  expect(addon().notifyServiceManager(socket, 'STATUS=hello')).toBe('');
  await listener.outputMatch(/STATUS=hello\n/);
});

test.each(['', 'x'.repeat(200), '/nowhere/notify'])('socket %j: a reason, no crash', (socket) => {
  expect(addon().notifyServiceManager(socket, 'READY=1')).toMatch(/empty or too long|No such file/);
});

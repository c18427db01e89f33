/** What mqtt.js keeps of the packets that it has written. */
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/clock.js';
import { defaultMqttConfig } from '../../src/config/types.js';
import { Broker } from '../../src/mqtt/broker.js';
import { makePacketLengths } from '../../src/mqtt/packet-lengths.js';
import { memoryLog } from '../support/log.js';
import { Mosquitto } from '../support/mosquitto.js';

/** As mqtt.js requires it. */
const ofMqtt = createRequire(createRequire(import.meta.url).resolve('mqtt'));
const { writeToStream } = ofMqtt('mqtt-packet') as typeof import('mqtt-packet');
/** A Buffer for each number that was made in advance. */
const { cache } = ofMqtt('mqtt-packet/numbers') as { cache: Record<number, Buffer> };

/** The pieces of memory in which the lengths lie of packets with payloads of so many bytes, with other small Buffers made between them. */
function pieces(from: number, to: number): Set<ArrayBufferLike> {
  const found = new Set<ArrayBufferLike>();
  for (let bytes = from; bytes < to; bytes++) {
    const written: (string | Buffer)[] = [];
    const stream = { write: (part: string | Buffer) => written.push(part) };
    const message = { cmd: 'publish', topic: 'a', payload: 'x'.repeat(bytes), qos: 0 } as const;
    writeToStream({ ...message, dup: false, retain: false }, stream as unknown as NodeJS.WritableStream);
    // The first byte is the kind of packet, then comes its length.
    found.add((written[1] as Buffer).buffer);
    Buffer.allocUnsafe(3000);
  }
  return found;
}

test('a connection makes no numbers in advance, and the lengths of packets lie together, whatever was made between them', async () => {
  const server = await Mosquitto.start();
  onTestFinished(() => server.dispose());
  const config = defaultMqttConfig({ url: server.url, clientId: 'lengths-test' });
  const broker = new Broker(config, { topic: 'state', payload: 'offline' }, memoryLog().log, systemClock);
  onTestFinished(() => broker.stop(0));
  const connected = once(broker, 'connected');
  await broker.start();
  await connected;
  expect(Object.keys(cache)).toEqual([]);
  await makePacketLengths();
  expect(pieces(0, 16_384 - 3).size).toBeLessThanOrEqual(40);
});

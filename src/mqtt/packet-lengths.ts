/**
 * mqtt-packet, by which mqtt.js writes, keeps a Buffer of four bytes for each length below 16,384 that a packet has had. Node cuts such Buffers
 * out of pieces of 8 KiB, and what is kept keeps its piece: made as messages come, they take megabytes an hour. Made one after the other,
 * all of them take 256 KiB, and 1.8 MB as objects.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { writeToStream } from 'mqtt-packet';

/** Above it mqtt-packet keeps none. */
const END = 2 ** 14;
/** Between two turns of the event loop: a millisecond or two on x86. */
const AT_ONCE = 256;

let made: Promise<void> | undefined;

/** Resolves when mqtt-packet has the lengths of all packets, which it is asked for once in a process. */
export function makePacketLengths(): Promise<void> {
  made ??= make();
  return made;
}

async function make(): Promise<void> {
  const nowhere = { write: () => true } as unknown as NodeJS.WritableStream;
  const longest = Buffer.alloc(END);
  // A topic of one letter has three bytes, of which two are its own length.
  for (let length = 3; length < END; length++) {
    writeToStream(message(longest.subarray(3, length)), nowhere);
    if (length % AT_ONCE === 0) await turn();
  }
}

function message(payload: Buffer) {
  return { cmd: 'publish', topic: 't', payload, qos: 0, dup: false, retain: false } as const;
}

/** YUV4MPEG2 as a program writes it: through a real pipe, in pieces. */
import { writeSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { Y4mReader } from '../../src/capture/y4m.js';
import { addon } from '../../src/native/addon.js';

/** The frames of a stream, read as they are written; rejects as the reader does. */
export async function readPieces(
  pieces: Iterable<Uint8Array>,
  allocate: (bytes: number) => Uint8Array = (bytes) => new Uint8Array(bytes),
) {
  const pipe = new (addon().FrameReader)();
  try {
    const reader = new Y4mReader(pipe, allocate);
    const frames: Uint8Array[] = [];
    const reading = (async () => {
      for (;;) {
        const frame = await reader.next();
        if (frame === undefined) return;
        frames.push(frame.pixels);
      }
    })();
    reading.catch(() => {});
    for (const piece of pieces) {
      writeSync(pipe.writeEnd(), piece);
      await turn();
    }
    pipe.closeWriteEnd();
    await reading;
    return { frames, header: reader.header };
  } finally {
    pipe.close();
  }
}

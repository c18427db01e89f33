import { describe, expect, test } from 'vitest';
import { yuv420Bytes } from '../../src/capture/y4m.js';
import { addon } from '../../src/native/addon.js';
import { seededRandom } from '../support/random.js';
import { readPieces as read } from '../support/y4m.js';

const header = 'YUV4MPEG2 W4 H2 F5:1 Ip A1:1 C420jpeg XYSCSS=420JPEG XCOLORRANGE=LIMITED\n';

function stream(width: number, height: number, frames: Uint8Array[], frameLine = 'FRAME\n'): Buffer {
  const parts = frames.flatMap((frame) => [Buffer.from(frameLine), frame]);
  return Buffer.concat([Buffer.from(`YUV4MPEG2 W${width} H${height} F5:1 C420mpeg2\n`), ...parts]);
}

function* randomChunks(bytes: Uint8Array, random: () => number, largest: number) {
  for (let offset = 0; offset < bytes.length; ) {
    const size = Math.floor(random() * (largest + 1));
    yield bytes.subarray(offset, offset + size);
    offset += size;
  }
}

test.each([
  ['4x2', 4, 2, 12],
  ['one pixel', 1, 1, 3],
  ['odd sides, chroma rounded up', 5, 3, 27],
])('bytes of a frame: %s', (_, width, height, bytes) => {
  expect(yuv420Bytes(width, height)).toBe(bytes);
});

test('frames are the same however the stream is cut', async () => {
  for (let seed = 1; seed <= 300; seed += 1) {
    const random = seededRandom(seed);
    const [width, height] = [1 + Math.floor(random() * 9), 1 + Math.floor(random() * 9)];
    const frames = Array.from({ length: Math.floor(random() * 5) }, () =>
      // Newlines and the word FRAME among the pixels must not matter.
      Uint8Array.from({ length: yuv420Bytes(width, height) }, () => (random() < 0.3 ? 10 : random() * 256)),
    );
    const bytes = stream(width, height, frames, random() < 0.5 ? 'FRAME\n' : 'FRAME Ip XA=b\n');
    const largest = random() < 0.5 ? 3 : 400;
    const got = await read(randomChunks(bytes, random, largest));
    expect(got.frames, `seed ${seed}`).toEqual(frames);
    expect(got.header, `seed ${seed}`).toMatchObject({ width, height });
  }
});

test('a frame is read into the buffer that the caller lends for it', async () => {
  const buffer = new Uint8Array(12);
  const lent: number[] = [];
  const pixels = Uint8Array.from({ length: 12 }, (_, index) => index);
  const { frames } = await read([stream(4, 2, [pixels])], (bytes) => {
    lent.push(bytes);
    return buffer;
  });
  expect(frames[0]).toBe(buffer);
  expect(buffer).toEqual(pixels);
  // The second is for the frame that does not come.
  expect(lent).toEqual([12, 12]);
});

test('an unfinished frame is not a frame', async () => {
  expect((await read([stream(4, 2, [new Uint8Array(11)])])).frames).toEqual([]);
});

test('a reader that is closed ends the read under way, and keeps no process alive', async () => {
  const pipe = new (addon().FrameReader)();
  const reading = pipe.readFrame(new Uint8Array(12));
  pipe.close();
  pipe.close();
  expect(await reading).toBeUndefined();
  expect(await pipe.readLine()).toBeUndefined();
  expect(pipe.writeEnd()).toBe(-1);
});

test.each([
  ['limited', 'XCOLORRANGE=LIMITED', 'limited'],
  ['full', 'XCOLORRANGE=FULL', 'full'],
  ['unsaid', 'XYSCSS=420JPEG', undefined],
] as const)('range: %s', async (_, parameter, range) => {
  const line = `YUV4MPEG2 W4 H2 F5:1 Ip A1:1 C420jpeg ${parameter}\n`;
  expect((await read([Buffer.from(line)])).header).toEqual({ width: 4, height: 2, range });
});

test.each(['420', '420jpeg', '420mpeg2', '420paldv', undefined])(
  '8-bit 4:2:0 is read: C%s',
  async (chroma) => {
    const line = `YUV4MPEG2 W4 H2${chroma === undefined ? '' : ` C${chroma}`}\n`;
    expect((await read([Buffer.from(line)])).header).toMatchObject({ width: 4, height: 2 });
  },
);

describe('what is no YUV4MPEG2 is refused with what is wrong', () => {
  test.each([
    ['another program', 'HTTP/1.1 200 OK\n', /begins with "HTTP\/1.1 200 OK" instead of YUV4MPEG2/],
    ['a magic word that only begins alike', 'YUV4MPEG22 W4 H2\n', /instead of YUV4MPEG2/],
    ['no size', 'YUV4MPEG2 F5:1\n', /has no size/],
    ['no height', 'YUV4MPEG2 W4\n', /has no size/],
    ['zero width', 'YUV4MPEG2 W0 H2\n', /"W0" is no size between 1 and 16384/],
    ['negative height', 'YUV4MPEG2 W4 H-2\n', /"H-2" is no size/],
    ['hexadecimal width', 'YUV4MPEG2 W0x10 H2\n', /"W0x10" is no size/],
    ['a side too long', 'YUV4MPEG2 W16385 H2\n', /"W16385" is no size/],
    ['more digits than a number holds', `YUV4MPEG2 W${'9'.repeat(400)} H2\n`, /is no size/],
    ['too many pixels', 'YUV4MPEG2 W16384 H16384\n', /16384x16384 is too large/],
    ['4:4:4', 'YUV4MPEG2 W4 H2 C444\n', /"444", not 8-bit 4:2:0/],
    ['10 bits', 'YUV4MPEG2 W4 H2 C420p10\n', /"420p10", not 8-bit 4:2:0/],
    ['grey', 'YUV4MPEG2 W4 H2 Cmono\n', /"mono", not 8-bit 4:2:0/],
    ['an endless header', 'YUV4MPEG2 '.padEnd(2000, 'X'), /longer than 1024 bytes/],
    ['an endless frame line', `${header}FRAME `.padEnd(2000, 'X'), /longer than 1024 bytes/],
    ['a second header', header + header, /instead of FRAME/],
    ['a frame word that only begins alike', `${header}FRAMES\n`, /instead of FRAME/],
    ['binary noise', Buffer.from([0, 1, 2, 255, 10]), /instead of YUV4MPEG2/],
  ])('%s', async (_, bytes, message) => {
    for (const largest of [1, 1 << 20]) {
      const chunks = randomChunks(Buffer.from(bytes as string), () => 0.999, largest);
      await expect(read(chunks)).rejects.toThrow(
        expect.objectContaining({ code: 'FRAME', message: expect.stringMatching(message) }),
      );
    }
  });
});

test('a watch whose frames are larger than the pixels is refused', () => {
  const pipe = new (addon().FrameReader)();
  const meter = new (addon().MotionMeter)();
  const watch = { meter, width: 40, height: 2, area: 0.1, learn: false, sinceMs: 0, forMs: 0 };
  expect(() => pipe.readFrame(new Uint8Array(12), watch)).toThrow(/does not fit its size/);
  pipe.close();
});

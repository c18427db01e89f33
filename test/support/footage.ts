/** Moving pictures for tests, made or fetched once and kept outside the checkout. */
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { execute } from './execute.js';

const cache = process.env.GHOSTCAM_TEST_CACHE ?? join(homedir(), '.cache', 'ghostcam');

/** H.264 as IP cameras send it, without B-frames. Key frames come more often, so that tests need not wait for one. */
export const cameraLike = ['-c:v', 'libx264', '-preset', 'veryfast', '-bf', '0'];

export interface StillOptions {
  /** The picture is brought to exactly this size. */
  width: number;
  height: number;
  /** Default 10. */
  fps?: number;
  /** Default 2. */
  seconds?: number;
}

/** A clip, MPEG-TS, of one picture that does not move, in nearly the quality of the picture. */
export async function clipOfStill(image: string, options: StillOptions): Promise<string> {
  const { width, height, fps = 10, seconds = 2 } = options;
  // 4:2:0 can only be cropped to whole chroma samples, that is to even sizes.
  const pixels = width % 2 || height % 2 ? 'yuv444p' : 'yuv420p';
  const args = [
    ...['-loop', '1', '-framerate', String(fps), '-t', String(seconds), '-i', image],
    // The matrix is said in the stream, as cameras do: it would otherwise be a guess.
    ...['-vf', `scale=${width}:${height}:flags=bicubic:out_color_matrix=bt709:out_range=tv`],
    ...['-colorspace', 'bt709', '-color_range', 'tv'],
    ...[...cameraLike, '-pix_fmt', pixels, '-g', '5', '-crf', '8'],
  ];
  return clip(args, await readFile(image));
}

/** A clip, MPEG-TS, 1280x720, of nothing but one colour, said in the words of the stream. */
export function clipOfColour(rgb: readonly number[], matrix: string, range: 'tv' | 'pc'): Promise<string> {
  const hex = Buffer.from(rgb).toString('hex');
  const pixels =
    matrix === 'rgb'
      ? ['-c:v', 'libx264rgb']
      : [
          ...['-vf', `format=gbrp,scale=out_color_matrix=${matrix}:out_range=${range},format=yuv420p`],
          ...['-colorspace', matrix, '-color_range', range, ...cameraLike],
        ];
  return clip(['-f', 'lavfi', '-t', '2', '-i', `color=0x${hex}:size=1280x720:rate=10`, ...pixels, '-g', '5']);
}

/** A clip, MPEG-TS, of ffmpeg's moving test picture. */
export function clipOfTestPicture(width: number, height: number, fps = 15): Promise<string> {
  return clip([
    ...['-f', 'lavfi', '-t', '4', '-i', `testsrc2=size=${width}x${height}:rate=${fps}`],
    ...[...cameraLike, '-g', String(fps)],
  ]);
}

/**
 * 80 seconds of pedestrians from above, 768x576 at 10 frames a second, as MPEG-TS: OpenCV's vtest.avi (Apache-2.0), from
 * Debian's package opencv-doc, which is 96 MB to download once and is not installed.
 */
export async function pedestrians(): Promise<string> {
  return clip(['-i', await vtest(), ...cameraLike, '-g', '5', '-crf', '18', '-pix_fmt', 'yuv420p']);
}

/** Its annotated beginning at 25 frames a second, in which every fifth frame is every second one of the footage and the others are made between them. */
export async function pedestriansAt25(): Promise<string> {
  const filters = 'trim=end_frame=405,minterpolate=fps=25:mi_mode=mci:mc_mode=aobmc:me_mode=bidir:vsbmc=1';
  return clip([
    ...['-i', await vtest(), '-vf', filters, ...cameraLike, '-g', '13', '-crf', '18', '-pix_fmt', 'yuv420p'],
  ]);
}

/** The picture of that footage so many seconds in, as PNG: groups of pedestrians, and a parked van. */
export async function pedestriansAt(seconds: number): Promise<string> {
  const footage = await vtest();
  return cached(`vtest-${seconds}s.png`, async (target) => {
    await execute('ffmpeg', [
      ...['-nostdin', '-loglevel', 'error', '-ss', String(seconds), '-i', footage],
      ...['-frames:v', '1', target],
    ]);
  });
}

/** OpenCV's vtest.avi as it is: 795 frames, 10 a second. */
export async function vtest(): Promise<string> {
  return cached('vtest.avi', async (target, folder) => {
    await execute('sh', ['-c', 'cd "$1" && apt-get -qq download opencv-doc', 'sh', folder]);
    const member = './usr/share/doc/opencv-doc/examples/data/vtest.avi';
    await execute('sh', [
      '-c',
      'dpkg-deb --fsys-tarfile "$1"/opencv-doc_*.deb | tar -x -O "$2" > "$3"',
      ...['sh', folder, member, target],
    ]);
  });
}

/** ffmpeg's arguments as a clip, MPEG-TS. The same arguments give the same clip, so their hash names it; `content` is what else it depends on. */
export function clip(args: string[], content: Uint8Array = new Uint8Array()): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(args)).update(content).digest('hex');
  return cached(`${hash.slice(0, 16)}.ts`, async (target) => {
    await execute('ffmpeg', ['-nostdin', '-loglevel', 'error', ...args, '-an', '-f', 'mpegts', target]);
  });
}

/** @param make Writes `target`, beside which it may leave other files. Two may do it at once: the last one wins. */
async function cached(
  name: string,
  make: (target: string, folder: string) => Promise<void>,
): Promise<string> {
  const path = join(cache, name);
  if (await stat(path).catch(() => undefined)) return path;
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'making-'));
  try {
    const target = join(folder, name);
    await make(target, folder);
    await rename(target, path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return path;
}

import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { GhostcamError } from '../errors.js';

/** An ffmpeg that runs here, and what its version calls the options that were renamed over the years. */
export interface Ffmpeg {
  /** Path, or the bare name `ffmpeg` when PATH finds it. */
  path: string;
  /** As it says itself, e.g. `5.1.9-0+deb12u1`. */
  version: string;
  /** Time-out of RTSP sockets in microseconds: `-stimeout` before 5.0, where `-timeout` meant something else. */
  rtspTimeoutOption: '-timeout' | '-stimeout';
  /** Passes each frame on once, with its own time: `-vsync` before 5.1, removed since. */
  frameTimingOption: '-fps_mode' | '-vsync';
}

const run = promisify(execFile);
const probeTimeoutMs = 10_000;

/**
 * Finds the ffmpeg to use (the given path, else the ffmpeg-static package when its download worked, else the one on PATH)
 * and asks it for what differs between versions.
 * @throws GhostcamError FFMPEG when there is none or it does not run.
 */
export async function findFfmpeg(configured?: string): Promise<Ffmpeg> {
  const path = configured ?? (await staticFfmpeg()) ?? 'ffmpeg';
  try {
    const [version, rtsp, options] = await Promise.all([
      ask(path, '-version'),
      ask(path, '-hide_banner', '-h', 'demuxer=rtsp'),
      ask(path, '-hide_banner', '-h', 'long'),
    ]);
    return {
      path,
      version: /^ffmpeg version (\S+)/.exec(version)?.[1] ?? 'unknown',
      rtspTimeoutOption: /^\s*-timeout\b.*in microseconds/m.test(rtsp) ? '-timeout' : '-stimeout',
      frameTimingOption: /^-fps_mode\b/m.test(options) ? '-fps_mode' : '-vsync',
    };
  } catch (cause) {
    throw notUsable(path, configured !== undefined, cause);
  }
}

async function ask(path: string, ...args: string[]): Promise<string> {
  const { stdout } = await run(path, args, { timeout: probeTimeoutMs, maxBuffer: 2 ** 24 });
  return stdout;
}

/** The package's path is where the binary would be had its install script been allowed to download it. */
async function staticFfmpeg(): Promise<string | undefined> {
  try {
    const path: unknown = createRequire(import.meta.url)('ffmpeg-static');
    if (typeof path !== 'string') return undefined;
    await access(path, constants.X_OK);
    return path;
  } catch {
    return undefined;
  }
}

function notUsable(path: string, configured: boolean, cause: unknown): GhostcamError {
  const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
  const remedy = configured
    ? 'correct FFMPEG_PATH, or remove it and install ffmpeg: sudo apt install ffmpeg'
    : 'install it (sudo apt install ffmpeg) or set FFMPEG_PATH to one';
  const what = missing
    ? configured
      ? `there is no ffmpeg at ${path}`
      : 'ffmpeg, which decodes the cameras, was not found'
    : `${path} does not run as ffmpeg: ${(cause as Error).message.trim().split('\n')[0]}`;
  return new GhostcamError('FFMPEG', what, { remedy, cause });
}

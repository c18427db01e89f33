/** Which ffmpeg is used, and what its version can. */
import { constants, existsSync } from 'node:fs';
import { access } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { GhostcamError } from '../errors.js';
import { FfmpegFile, type FfmpegMemory } from './ffmpeg-file.js';
import { ffmpegOutput, type Output } from './process.js';

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

const PROBE_TIMEOUT_MS = 10_000;

/**
 * Finds the ffmpeg to use (the given path, else the one on PATH, which knows the board's decoders, else the ffmpeg-static package when
 * its download worked) and asks it for what differs between versions.
 * @param memory Where an earlier start may have asked already; default: it is asked.
 * @throws GhostcamError FFMPEG when there is none or it does not run.
 */
export async function findFfmpeg(configured?: string, memory?: FfmpegMemory): Promise<Ffmpeg> {
  const path = configured ?? 'ffmpeg';
  try {
    return await recallOrAsk({ path, configured: configured !== undefined }, memory);
  } catch (error) {
    const other = configured === undefined && error instanceof NoFfmpeg ? await staticFfmpeg() : undefined;
    if (other === undefined) throw error;
    return recallOrAsk({ path: other, configured: false }, memory);
  }
}

async function recallOrAsk(candidate: Candidate, memory: FfmpegMemory | undefined): Promise<Ffmpeg> {
  const { path } = candidate;
  const file = memory && (await FfmpegFile.of(path, memory));
  const known = await file?.read();
  if (known !== undefined) return { path, ...known };
  const found = await askFor(candidate);
  await file?.keep(found);
  return found;
}

async function askFor(candidate: Candidate): Promise<Ffmpeg> {
  const [version, rtsp, options] = await Promise.all([
    ask(candidate, '-version'),
    ask(candidate, '-hide_banner', '-h', 'demuxer=rtsp'),
    ask(candidate, '-hide_banner', '-h', 'long'),
  ]);
  const name = /^ffmpeg version (\S{1,100})/.exec(version)?.[1];
  if (name === undefined) throw notUsable(candidate, 'it does not answer -version as ffmpeg does');
  return {
    path: candidate.path,
    version: name,
    rtspTimeoutOption: /^\s*-timeout\b.*in microseconds/m.test(rtsp) ? '-timeout' : '-stimeout',
    frameTimingOption: /^-fps_mode\b/m.test(options) ? '-fps_mode' : '-vsync',
  };
}

/** The path to be tried, and whether a user chose it. */
interface Candidate {
  path: string;
  configured: boolean;
}

async function ask(candidate: Candidate, ...args: string[]): Promise<string> {
  const { end, stdout, stderr } = await ffmpegOutput(candidate.path, args, PROBE_TIMEOUT_MS);
  if (end.code === 0) return stdout;
  throw notUsable(candidate, failure(end, stderr));
}

function failure({ code, signal, error }: Output['end'], stderr: readonly string[]): string {
  if (error !== undefined) return error.message;
  const how = signal === null ? `it ended with exit code ${code}` : `it was ended by ${signal}`;
  const last = stderr.at(-1);
  return last === undefined ? how : `${how}: ${last}`;
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

/** There is no program of that name. */
class NoFfmpeg extends GhostcamError {}

function notUsable({ path, configured }: Candidate, problem: string): GhostcamError {
  const remedy = configured
    ? 'correct FFMPEG_PATH, or remove it and install ffmpeg: sudo apt install ffmpeg'
    : 'install it (sudo apt install ffmpeg) or set FFMPEG_PATH to one';
  return /: not found$|No such file/.test(problem)
    ? new NoFfmpeg('FFMPEG', missing(path, configured), { remedy })
    : new GhostcamError('FFMPEG', unusable(path, problem), { remedy });
}

function missing(path: string, configured: boolean): string {
  if (!configured) return 'ffmpeg, which decodes the cameras, was not found';
  // Of a script whose interpreter is missing the system says that the script is.
  if (existsSync(path)) return unusable(path, 'the program that its first line names is missing');
  return `there is no ffmpeg at ${path}`;
}

function unusable(path: string, problem: string): string {
  return `${path} does not run as ffmpeg: ${problem}`;
}

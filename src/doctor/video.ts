/** ffmpeg, and what it can really decode here. */
import { existsSync } from 'node:fs';
import { findFfmpeg } from '../capture/ffmpeg.js';
import { ffmpegOutput } from '../capture/process.js';
import { GhostcamError } from '../errors.js';
import { FOOTAGE, PACKAGE_ROOT, PHOTO } from '../package-info.js';
import { type Finding, failure, ok, warning } from './finding.js';

const SAMPLES = {
  'H.264': FOOTAGE,
  HEVC: `${PACKAGE_ROOT}assets/doctor/hevc.mp4`,
  MJPEG: PHOTO,
};

/** Decoders that use hardware, and the device that there must be for it to be worth a try. */
const HARDWARE: readonly { decoder: string; codec: keyof typeof SAMPLES; device: string }[] = [
  { decoder: 'h264_v4l2m2m', codec: 'H.264', device: '/dev/video10' },
  { decoder: 'h264_nvv4l2dec', codec: 'H.264', device: '/dev/nvhost-nvdec' },
  { decoder: 'hevc_nvv4l2dec', codec: 'HEVC', device: '/dev/nvhost-nvdec' },
  { decoder: 'h264_nvmpi', codec: 'H.264', device: '/dev/nvhost-nvdec' },
  { decoder: 'hevc_nvmpi', codec: 'HEVC', device: '/dev/nvhost-nvdec' },
  { decoder: 'h264_rkmpp', codec: 'H.264', device: '/dev/mpp_service' },
  { decoder: 'hevc_rkmpp', codec: 'HEVC', device: '/dev/mpp_service' },
];

const TIMEOUT_MS = 120_000;

/** ffmpeg, and whether it decodes a sample of each codec. */
export async function examineVideo(ffmpegPath: string | undefined): Promise<Finding[]> {
  let ffmpeg: { path: string; version: string };
  try {
    ffmpeg = await findFfmpeg(ffmpegPath);
  } catch (error) {
    if (!(error instanceof GhostcamError)) throw error;
    return [failure('ffmpeg', error.message, error.remedy)];
  }
  const findings = [ok('ffmpeg', `${ffmpeg.version} (${ffmpeg.path})`)];
  for (const [codec, sample] of Object.entries(SAMPLES)) {
    const problem = await decode(ffmpeg.path, sample);
    findings.push(
      problem === undefined
        ? ok(`decoder ${codec}`, 'decodes')
        : warning(
            `decoder ${codec}`,
            problem,
            `cameras must send something else than ${codec}, or install another ffmpeg`,
          ),
    );
  }
  const { stdout: listed } = await ffmpegOutput(ffmpeg.path, ['-hide_banner', '-decoders'], TIMEOUT_MS);
  for (const { decoder, codec, device } of HARDWARE) {
    if (!existsSync(device) || !new RegExp(`\\s${decoder}\\s`).test(listed)) continue;
    const problem = await decode(ffmpeg.path, SAMPLES[codec], decoder);
    findings.push(
      problem === undefined
        ? ok(`decoder ${decoder}`, `decodes in hardware; CAMERA_DECODER=${decoder} saves CPU`)
        : warning(`decoder ${decoder}`, problem, 'leave CAMERA_DECODER unset: software decodes too'),
    );
  }
  return findings;
}

/** Decodes up to three frames; returns the problem, if any. */
async function decode(ffmpeg: string, sample: string, decoder?: string): Promise<string | undefined> {
  const args = [
    ...['-hide_banner', '-nostdin', '-loglevel', 'error'],
    ...(decoder === undefined ? [] : ['-c:v', decoder]),
    ...['-i', sample, '-frames:v', '3', '-f', 'framemd5', '-'],
  ];
  const { end, stdout, stderr } = await ffmpegOutput(ffmpeg, args, TIMEOUT_MS);
  if (end.code === 0) return /^0,/m.test(stdout) ? undefined : 'it gives no picture';
  const { error, signal, code } = end;
  return `it fails: ${error?.message ?? stderr[0] ?? (signal === null ? `exit code ${code}` : signal)}`;
}

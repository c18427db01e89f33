/** The target `stderr`: lines of ffmpeg's log, in which a camera has its say, in the process. */
import { diagnose, silenceReason } from '../../src/capture/diagnosis.js';
import { StreamFactsReader } from '../../src/capture/stream-facts.js';
import { defaultCameraConfig } from '../../src/config/types.js';
import { secretsOfAddress } from '../../src/secrets/literals.js';
import { redactText } from '../../src/secrets/redact.js';
import { mutateText, pick, type Random, type Target } from './target.js';

const PASSWORD = 'Hunter2xyz';
const CAMERA = defaultCameraConfig({
  name: 'front',
  url: `http://admin:${PASSWORD}@camera/video?user=admin&pwd=Sesame4711`,
  decoder: 'h264_v4l2m2m',
});
const SECRETS = secretsOfAddress(CAMERA.url);
/** Lines are cut to that before anything reads them (process.ts). */
const MAX_LINE = 2000;
/** Processor time for an input of at most MAX_LINES lines. */
const MAX_CPU_MS = 200;
const MAX_LINES = 12;
const LINES = [
  '[tcp @ 0x55d] [verbose] Successfully connected to 192.168.1.20 port 554',
  '[rtsp @ 0x55d] [verbose] SDP:',
  'a=rtpmap:96 H264/90000',
  "[info] Input #0, mov,mp4,m4a,3gp,3g2,mj2, from 'http://admin:Hunter2xyz@camera/video':",
  '[info]   Stream #0:0: Video: h264 (High), yuv420p(tv, bt709, progressive), 1920x1080, 25 fps',
  '[scale@fit @ 0x55d] [verbose] w:1920 h:1080 fmt:yuv420p sar:1/1 -> w:320 h:180 fmt:yuv420p sar:1/1 flags:0x4',
  '[scale@fit @ 0x55d] [verbose] w:0 h:0 fmt:rgb24 sar:1/1 -> w:320 h:180 fmt:yuv420p sar:1/1 flags:0x4',
  "[info] Output #0, yuv4mpegpipe, to 'pipe:3':",
  '[info]     Stream #0:0: Video: wrapped_avframe, yuv420p(tv, bt709/bt709/unknown, progressive), 320x180, q=2-31',
  '[Eval @ 0x55d] [info] 12.345000',
  '[info] -nan',
  '[rtsp @ 0x55d] [error] method DESCRIBE failed: 401 Unauthorized',
  '[rtsp @ 0x55d] [error] method SETUP failed: 461 Unsupported Transport',
  '[tcp @ 0x55d] [error] Failed to resolve hostname camera: Name or service not known',
  '[tls @ 0x55d] [error] certificate verify failed',
  "[error] Unrecognized option 'x'.",
  '[error] http://admin:Hunter2xyz@camera/video?user=admin&pwd=Sesame4711: Invalid data found',
  '[error] Authorization: Basic YWRtaW46SHVudGVyMnh5eg==',
];
/** What makes an expression that is not linear slow. */
const REPEATED = [
  'a',
  ' ',
  '[',
  '://',
  '@',
  'a:',
  '=&a',
  '?a=',
  'w:1 ',
  'Decoder ',
  'a://',
  '"',
  '\x1b[',
  '%41',
  '0.',
];

export function stderrTarget(): Target {
  return {
    name: 'stderr',
    limitMs: 2000,
    seeds: () => [LINES.slice(0, 9).join('\n'), ...LINES.slice(9).map((line) => `${LINES[1]}\n${line}`)],
    mutate(input, random) {
      const lines = input.split('\n').slice(-MAX_LINES + 1);
      if (random() < 0.3) return insert(lines, pick(LINES, random), random);
      if (random() < 0.3) return mutateText(lines.join('\n'), random);
      return insert(lines, `${pick(LINES, random).slice(0, 60 * random())}${long(random)}`, random);
    },
    run(input) {
      const lines = input
        .split('\n')
        .slice(0, MAX_LINES)
        .map((line) => line.slice(0, MAX_LINE));
      const began = process.cpuUsage();
      const outcome = readLines(lines);
      const { user, system } = process.cpuUsage(began);
      if (user + system > 1000 * MAX_CPU_MS) throw new Error('it took too much processor time');
      return outcome;
    },
  };
}

function readLines(lines: readonly string[]): string[] {
  const reader = new StreamFactsReader();
  const clean = lines.map((line) => {
    reader.read(line);
    return redactText(line, SECRETS);
  });
  const { facts, answered, codec, format } = reader;
  if (facts !== undefined && !(facts.sourceWidth > 0 && facts.sourceHeight > 0))
    throw new Error(`a source of ${facts.sourceWidth}x${facts.sourceHeight}`);
  const evidence = { frames: 0, answered, codec, format, seconds: 5, inputKind: 'stream' as const };
  const ends = [
    { code: 1, signal: null },
    { code: 0, signal: null },
    { code: null, signal: 'SIGKILL' as const },
  ];
  const reasons = ends.map((end) => diagnose(clean, end, CAMERA, evidence));
  for (const text of [...clean, ...reasons, silenceReason(CAMERA, evidence)]) {
    if (text.includes(PASSWORD)) throw new Error(`a credential is shown: ${text.slice(0, 300)}`);
    if (/\p{Cc}/u.test(text)) throw new Error('a control character is shown');
  }
  return [...reasons.map((reason) => reason.slice(0, 25)), `${codec !== undefined} ${facts?.matrix}`];
}

function insert(lines: string[], line: string, random: Random): string {
  const at = Math.floor(random() * (lines.length + 1));
  return [...lines.slice(0, at), line, ...lines.slice(at)].join('\n');
}

function long(random: Random): string {
  const text = pick(REPEATED, random) + (random() < 0.5 ? pick(REPEATED, random) : '');
  return text.repeat(MAX_LINE / text.length);
}

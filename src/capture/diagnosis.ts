/** ffmpeg's complaints as one sentence for people, with the setting to change. */
import { isHttp } from '../address/camera.js';
import { type CameraSetting, cameraVariableName } from '../config/table.js';
import type { CameraConfig } from '../config/types.js';
import type { InputKind } from './input.js';
import type { ProcessEnd } from './process.js';
import { stallSeconds } from './stall.js';

/** The settings of a camera that a remedy can name. */
type Subject = Pick<
  CameraConfig,
  | 'name'
  | 'url'
  | 'transport'
  | 'fps'
  | 'hwaccel'
  | 'decoder'
  | 'stallTimeout'
  | 'connectTimeout'
  | 'tlsVerify'
>;

/** What is known of a run besides its complaints. */
export interface Evidence {
  frames: number;
  /** The camera spoke with us. */
  answered: boolean;
  /** ffmpeg's names of what came. */
  codec: string | undefined;
  format: string | undefined;
  /** From its start to its end. */
  seconds: number;
  inputKind: InputKind;
}

interface Diagnosis {
  /** In a line of ffmpeg's log. Linear in its length: no two repetitions without bound that can match the same text. */
  pattern: RegExp;
  /** One sentence: what is wrong and, where it is not plain, what to do. `setting('URL')` names the variable to change. */
  sentence: (match: RegExpExecArray, camera: Subject, setting: (name: CameraSetting) => string) => string;
}

const UNDECODABLE =
  /Unknown decoder|while opening decoder|Cannot determine format of input|open encoder before EOF/;

/** Also said of single broken pictures in a good stream. */
const NO_VIDEO = /^(?!.*while decoding).*Invalid data found when processing input/;
/** What ffmpeg says as well when it is nothing but silence that it had to read. */
const CONSEQUENCES = new Set<RegExp>([UNDECODABLE, NO_VIDEO]);

/**
 * The wording of ffmpeg 4.1 to 9.0. The most telling first: a refused password also makes ffmpeg say that it could not
 * open its input.
 */
const DIAGNOSES: readonly Diagnosis[] = [
  {
    pattern: /\b401 Unauthorized/i,
    sentence: (_, { url }, setting) =>
      url.username === undefined
        ? `the camera wants a user name and a password (401 Unauthorized): set ${setting('USERNAME')} and ${setting('PASSWORD')}`
        : 'the camera refused user name or password (401 Unauthorized)',
  },
  {
    pattern: /\b403 Forbidden/i,
    sentence: () => 'the camera does not let this user see this stream (403 Forbidden)',
  },
  {
    pattern: /\b404 (?:Stream |File )?Not Found/i,
    sentence: (_, __, setting) =>
      `the camera has no such stream (404 Not Found): check the path in ${setting('URL')}`,
  },
  {
    pattern: /failed: 461 |Nonmatching transport/i,
    sentence: (_, { transport }, setting) =>
      `the camera does not send over ${transport}: set ${setting('TRANSPORT')}=${transport === 'tcp' ? 'udp' : 'tcp'}`,
  },
  {
    pattern: /(?:failed:|HTTP error) (?:453|503) /,
    sentence: () => 'the camera serves no more viewers (too many connections, or out of bandwidth)',
  },
  {
    pattern: /method (\w{1,20}) failed: (\d{3} .{0,100})/,
    sentence: ([, method, status]) => `the camera answered "${status}" to ${method}`,
  },
  {
    pattern: /HTTP error (\d{3}.{0,100})/,
    sentence: ([, status]) => `the camera answered "${status}"`,
  },
  {
    pattern: /^a page \(text\/html\)$/,
    sentence: (_, __, setting) =>
      `the camera answers with a page for people (text/html), as where somebody has to log in, not with video or a picture: check the path in ${setting('URL')}, user name and password`,
  },
  {
    pattern: /^no answer of HTTP$/,
    sentence: (_, __, setting) =>
      `what answers there does not speak HTTP: check scheme and port in ${setting('URL')}`,
  },
  {
    pattern: /Failed to resolve hostname ([^:\s]{1,255})/,
    sentence: ([, host], _, setting) => `host ${host} was not found: check the name in ${setting('URL')}`,
  },
  {
    pattern: /Connection refused/,
    sentence: (_, __, setting) =>
      `connection refused: nothing listens at that address; check host and port in ${setting('URL')}, and that the camera's service is switched on`,
  },
  {
    pattern: /No route to host|Network is unreachable/,
    sentence: ([what]) => `the camera cannot be reached (${what}): is it switched on, and in this network?`,
  },
  { pattern: /Connection reset by peer/, sentence: () => 'the camera broke the connection off' },
  {
    pattern:
      /verify peer certificate: (.{1,200})|Peer certificate failed verification|certificate verify failed|certificate's owner does not match hostname/i,
    sentence: ([said, detail], _, setting) =>
      `the certificate of the camera is not trusted (${detail ?? said}): set ${setting('TLS_CA')} to the file of its authority, or ${setting('TLS_VERIFY')}=false to accept any`,
  },
  {
    pattern:
      /\[tls @ [^\]]{1,32}\] \[error\] (.{0,64}alert (?:certificate required|[a-z ]{0,20}certificate))/,
    sentence: ([, detail]) =>
      `the camera wants a certificate of its viewers (${detail}), and ghostcam has none: let it ask for user name and password instead`,
  },
  {
    pattern:
      /\[tls @ [^\]]{1,32}\] \[error\] (.{0,64}(?:protocol version|unsupported protocol|too small|too weak))/,
    sentence: ([, detail], { tlsVerify }, setting) =>
      tlsVerify
        ? `the camera speaks an old TLS that is not safe any more (${detail}): update it, or set ${setting('TLS_VERIFY')}=false, which also accepts that`
        : `the camera and this board have no kind of TLS in common (${detail}): update the camera`,
  },
  {
    pattern: /\[tls @ [^\]]{1,32}\] \[error\] (.{0,64}handshake failure)/,
    sentence: ([, detail], { tlsVerify }, setting) =>
      `the camera wants a certificate of its viewers, which ghostcam has not, or knows no kind of TLS that is safe (${detail}): let it ask for user name and password alone, or update it${tlsVerify ? `; ${setting('TLS_VERIFY')}=false accepts old kinds too` : ''}`,
  },
  {
    pattern: /\[tls @ [^\]]{1,32}\] \[error\] (.{0,200})/,
    sentence: ([, detail], _, setting) =>
      `no TLS connection with the camera (${detail}): check scheme and port in ${setting('URL')}`,
  },
  {
    pattern: /Protocol '(\w{1,20})' not on whitelist/,
    sentence: ([, protocol], { url }) =>
      `the camera refers to an address of the protocol ${protocol}, which is not followed from ${url.scheme}`,
  },
  {
    pattern: /Redirect not followed/,
    sentence: (_, __, setting) =>
      `the camera answers with a redirect that leads nowhere, or to itself: set ${setting('URL')} to the address that it wants, with scheme and port`,
  },
  {
    pattern: /is not in allowed_(?:segment_)?extensions/,
    sentence: (_, __, setting) =>
      `the camera's playlist names pieces whose names do not end as those of video (.ts, .mp4), which this ffmpeg refuses: set ${setting('URL')} to another of the camera's addresses, such as its RTSP`,
  },
  {
    pattern: /exceeds specified max pixel count|Picture size (\d{1,10}x\d{1,10}) is invalid/,
    sentence: () =>
      'the picture of the camera is larger than 33 million pixels: choose a smaller one in the camera',
  },
  {
    pattern: /Cannot allocate memory/,
    sentence: () =>
      "the picture of the camera needs more memory than ffmpeg is given (1 GB): choose a smaller one, or H.264's main profile, in the camera",
  },
  {
    pattern: /Cannot open video device .{0,250}: (Permission denied|Operation not permitted)/,
    sentence: (_, { url }) =>
      `this user may not open ${url.path}: add it to the group video (sudo usermod -aG video USER)`,
  },
  {
    pattern: /Cannot open video device/,
    sentence: (_, { url }, setting) =>
      `there is no video device ${url.path}: plug it in, or check ${setting('URL')} (ls /dev/video*)`,
  },
  {
    pattern: /Device or resource busy/,
    sentence: (_, { url }) => `another program uses ${url.path}`,
  },
  {
    pattern: /Not a video capture device|not a video capture device|Inappropriate ioctl for device/,
    sentence: (_, { url }, setting) =>
      `${url.path} gives no picture: check ${setting('URL')} (v4l2-ctl --list-devices names each camera's devices)`,
  },
  {
    pattern: /Unknown input format: '?v4l2/,
    sentence: () =>
      'this ffmpeg cannot read video devices: set FFMPEG_PATH to one that can, such as Debian’s',
  },
  {
    pattern: /No such file or directory|Is a directory|Permission denied/,
    sentence: ([what], _, setting) => `the video file cannot be read (${what}): check ${setting('URL')}`,
  },
  {
    pattern: /Unrecognized hwaccel|No device available for decoder|Device (?:creation|setup) failed/,
    sentence: (_, { hwaccel }, setting) =>
      `ffmpeg cannot use the hardware acceleration "${hwaccel}" here: change or remove ${setting('HWACCEL')}`,
  },
  {
    pattern: UNDECODABLE,
    sentence: (_, { decoder }, setting) =>
      decoder === undefined
        ? "ffmpeg cannot decode this camera's picture"
        : `ffmpeg cannot use the decoder "${decoder}" here: change or remove ${setting('DECODER')}`,
  },
  {
    pattern:
      /Decoder .{0,80}not found|no decoder found|Decoding requested, but no decoder|Unsupported codec|Video codec \(\w{1,10}\) is not implemented/i,
    sentence: () => "this ffmpeg has no decoder for the camera's format: choose H.264 in the camera",
  },
  {
    pattern: /matches no streams/,
    sentence: (_, __, setting) =>
      `there is no picture at this address, only sound or data: check ${setting('URL')}`,
  },
  {
    pattern: NO_VIDEO,
    sentence: (_, __, setting) =>
      `what comes from this address is no video that ffmpeg knows: check ${setting('URL')}`,
  },
  {
    pattern: /Unrecognized option '([^']{0,64})'|Option (\S{1,64}) not found/,
    sentence: ([, option, other]) =>
      `this ffmpeg does not know the option ${option ?? other}: set FFMPEG_PATH to version 4.1 or later`,
  },
];

/** Why ffmpeg ended, in one sentence, from the complaints in its log (free of credentials) and its exit status. */
export function diagnose(
  complaints: readonly string[],
  end: ProcessEnd,
  camera: Subject,
  evidence: Evidence,
): string {
  if (end.error !== undefined) return `ffmpeg could not be started: ${end.error.message}`;
  const wrongDecoder = decoderMismatch(camera, evidence);
  if (wrongDecoder !== undefined) return wrongDecoder;
  const setting = (name: CameraSetting) => cameraVariableName(camera.name, name);
  if (isStillWithoutLength(complaints, end, evidence))
    return `this address sends one picture and not its length, so that it cannot be fetched again and again: set ${setting('URL')} to that of the camera's video`;
  for (const { pattern, sentence } of DIAGNOSES) {
    for (const line of complaints) {
      const match = pattern.exec(line);
      if (match === null) continue;
      if (CONSEQUENCES.has(pattern) && isSilence(complaints, camera, evidence)) break;
      return sentence(match, camera, setting);
    }
  }
  if (isSilence(complaints, camera, evidence)) return silenceReason(camera, evidence);
  if (end.code === 0) return 'the camera ended the stream';
  if (end.code === null && end.signal === null) return 'ffmpeg closed its output and did not end';
  if (end.signal !== null)
    return `ffmpeg was ended by ${end.signal}${end.signal === 'SIGKILL' ? ', as when memory runs out' : ''}`;
  const last = complaints.at(-1)?.replace(/^(?:\[[^\]]{1,64}\] ){1,4}/, '');
  return `ffmpeg failed with exit code ${end.code}${last === undefined ? '' : `: ${last}`}`;
}

/** image2 wants the length of a picture that it fetches; as raw MJPEG it is a stream of one picture. */
function isStillWithoutLength(
  complaints: readonly string[],
  { code }: ProcessEnd,
  { inputKind, frames }: Evidence,
): boolean {
  if (inputKind === 'mjpeg') return frames === 1 && code === 0;
  return inputKind === 'still' && frames === 0 && complaints.some((line) => NO_VIDEO.test(line));
}

/** ffmpeg ends when a camera sends nothing, and says so, or only what it then misses. */
function isSilence(complaints: readonly string[], { stallTimeout }: Subject, evidence: Evidence): boolean {
  if (complaints.some((line) => /timed out/i.test(line))) return true;
  return evidence.frames === 0 && evidence.seconds >= stallTimeout;
}

/** Why no frame came in the time that there was for it. */
export function silenceReason(camera: Subject, evidence: Evidence): string {
  const { name, url, stallTimeout, decoder, hwaccel } = camera;
  const { seconds } = evidence;
  if (evidence.frames > 0) return `no frame for ${stallSeconds(camera)} s`;
  if (!evidence.answered) return `the camera did not answer within ${stallTimeout} s`;
  const wrongDecoder = decoderMismatch(camera, evidence);
  if (wrongDecoder !== undefined) return wrongDecoder;
  const setting = (of: CameraSetting) => cameraVariableName(name, of);
  if (isHttp(url) && evidence.format === undefined)
    return `the camera answers, but what came within ${Math.round(seconds)} s is no video that ffmpeg knows: check ${setting('URL')}`;
  if (evidence.inputKind === 'still')
    return `the camera answers, but what came within ${Math.round(seconds)} s is no picture in JPEG: check ${setting('URL')}`;
  const hardware = [decoder && setting('DECODER'), hwaccel && setting('HWACCEL')]
    .filter(Boolean)
    .join(' and ');
  const remedy = hardware
    ? `try it without ${hardware}`
    : `shorten the interval of its key frames (I frames), or raise ${setting('CONNECT_TIMEOUT')}`;
  return `the camera answers, but no picture came within ${Math.round(seconds)} s: ${remedy}`;
}

/** A camera is watched, not whoever it sends to. */
export function otherHostReason({ name }: Subject, host: string): string {
  const variable = cameraVariableName(name, 'URL');
  return `the camera refers to another host, ${host}, which is not followed: set ${variable} to the address there if it is the right one`;
}

/** While the first picture is awaited for longer than a stall. */
export function waitingReason({ name, connectTimeout }: Subject): string {
  const variable = cameraVariableName(name, 'CONNECT_TIMEOUT');
  return `connected: its first picture, which begins with a key frame, is awaited for ${connectTimeout} s (${variable})`;
}

/** Codecs by the beginnings of ffmpeg's names of decoders for them: `h264_v4l2m2m`, `hevc_nvv4l2dec`, `mjpeg_cuvid`. */
function decoderMismatch(camera: Subject, { frames, codec }: Evidence): string | undefined {
  const { decoder, name } = camera;
  const decodes = decoder === undefined ? undefined : /^(?:lib)?([a-z0-9]{1,16})/.exec(decoder)?.[1];
  if (frames > 0 || decodes === undefined || codec === undefined || decodes === codec) return undefined;
  if (!KNOWN_CODECS.has(decodes)) return undefined;
  return `the camera sends ${codec}, which the decoder "${decoder}" is not for: change or remove ${cameraVariableName(name, 'DECODER')}`;
}

const KNOWN_CODECS = new Set([
  'h264',
  'hevc',
  'mjpeg',
  'av1',
  'vp8',
  'vp9',
  'mpeg4',
  'mpeg2',
  'mpeg1',
  'h263',
]);

import { type CameraSetting, cameraVariableName } from '../config/table.js';
import type { CameraConfig } from '../config/types.js';
import type { ProcessEnd } from './process.js';

/** The settings of a camera that a remedy can name. */
type Subject = Pick<CameraConfig, 'name' | 'transport' | 'hwaccel' | 'decoder'>;

interface Diagnosis {
  /** In a line of ffmpeg's log. */
  pattern: RegExp;
  /** One sentence: what is wrong and, where it is not plain, what to do. `setting('URL')` names the variable to change. */
  sentence: (match: RegExpExecArray, camera: Subject, setting: (name: CameraSetting) => string) => string;
}

/**
 * The wording of ffmpeg 4.1 to 9.0. The most telling first: a refused password also makes ffmpeg say that it could not
 * open its input.
 */
const diagnoses: readonly Diagnosis[] = [
  {
    pattern: /\b401 Unauthorized/i,
    sentence: () => 'the camera refused user name or password (401 Unauthorized)',
  },
  {
    pattern: /\b403 Forbidden/i,
    sentence: () => 'the camera does not let this user see this stream (403 Forbidden)',
  },
  {
    pattern: /\b404 .*Not Found/i,
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
    pattern: /method (\w+) failed: (\d{3} .*)/,
    sentence: ([, method, status]) => `the camera answered "${status}" to ${method}`,
  },
  {
    pattern: /Failed to resolve hostname ([^:\s]+)/,
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
  { pattern: /timed out/i, sentence: () => 'the camera did not answer in time' },
  { pattern: /Connection reset by peer/, sentence: () => 'the camera broke the connection off' },
  {
    pattern: /\[tls @ [^\]]*\] \[error\] (.*)/,
    sentence: ([, detail], _, setting) =>
      `no TLS connection with the camera (${detail}): check scheme and port in ${setting('URL')}`,
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
    pattern: /Unknown decoder|while opening decoder|Cannot determine format of input|open encoder before EOF/,
    sentence: (_, { decoder }, setting) =>
      decoder === undefined
        ? "ffmpeg cannot decode this camera's picture"
        : `ffmpeg cannot use the decoder "${decoder}" here: change or remove ${setting('DECODER')}`,
  },
  {
    pattern: /Decoder .*not found|no decoder found|Decoding requested, but no decoder/i,
    sentence: () => "this ffmpeg has no decoder for the camera's format: choose H.264 in the camera",
  },
  {
    pattern: /matches no streams/,
    sentence: (_, __, setting) =>
      `there is no picture at this address, only sound or data: check ${setting('URL')}`,
  },
  {
    // Also said of single broken pictures in a good stream.
    pattern: /^(?!.*while decoding).*Invalid data found when processing input/,
    sentence: (_, __, setting) =>
      `what comes from this address is no video that ffmpeg knows: check ${setting('URL')}`,
  },
  {
    pattern: /Unrecognized option '([^']*)'|Option (\S+) not found/,
    sentence: ([, option, other]) =>
      `this ffmpeg does not know the option ${option ?? other}: set FFMPEG_PATH to version 4.1 or later`,
  },
];

/** Why ffmpeg ended, in one sentence, from the complaints in its log (free of credentials) and its exit status. */
export function diagnose(complaints: readonly string[], end: ProcessEnd, camera: Subject): string {
  if (end.error !== undefined) return `ffmpeg could not be started: ${end.error.message}`;
  const setting = (name: CameraSetting) => cameraVariableName(camera.name, name);
  for (const { pattern, sentence } of diagnoses) {
    for (const line of complaints) {
      const match = pattern.exec(line);
      if (match !== null) return sentence(match, camera, setting);
    }
  }
  if (end.code === 0) return 'the camera ended the stream';
  if (end.signal !== null)
    return `ffmpeg was ended by ${end.signal}${end.signal === 'SIGKILL' ? ', as when memory runs out' : ''}`;
  const last = complaints.at(-1)?.replace(/^(?:\[[^\]]*\] )+/, '');
  return `ffmpeg failed with exit code ${end.code}${last === undefined ? '' : `: ${last}`}`;
}

import type { CameraConfig } from '../config/types.js';
import type { ProcessEnd } from './process.js';

/** The settings of a camera that a remedy can name. */
type Subject = Pick<CameraConfig, 'name' | 'transport' | 'hwaccel' | 'decoder'>;

interface Diagnosis {
  /** In a line of ffmpeg's log. */
  pattern: RegExp;
  /** One sentence: what is wrong and what to do. */
  sentence: string | ((camera: Subject, variable: (setting: string) => string) => string);
}

/** The most telling first: a refused password also makes ffmpeg say that it could not open the input. */
const diagnoses: readonly Diagnosis[] = [
  {
    pattern: /\b401 Unauthorized/i,
    sentence: 'the camera refused user name or password (401 Unauthorized)',
  },
  {
    pattern: /\b403 Forbidden/i,
    sentence: 'the camera does not let this user see this stream (403 Forbidden)',
  },
  {
    pattern: /\b404 (?:\(?Stream )?Not Found/i,
    sentence: (_, variable) =>
      `the camera has no such stream (404 Not Found): check the path in ${variable('URL')}`,
  },
];

/** Why ffmpeg ended, in one sentence, from the last lines of its log (free of credentials) and its exit status. */
export function diagnose(lines: readonly string[], end: ProcessEnd, camera: Subject): string {
  if (end.error !== undefined) return `ffmpeg could not be started: ${end.error.message}`;
  const variable = (setting: string) => `CAMERA_${camera.name.toUpperCase()}_${setting}`;
  for (const { pattern, sentence } of diagnoses) {
    if (!lines.some((line) => pattern.test(line))) continue;
    return typeof sentence === 'string' ? sentence : sentence(camera, variable);
  }
  const lastError = lines.findLast((line) => /\[(?:error|fatal|panic)\]/.test(line));
  const how =
    end.signal === null ? `ffmpeg ended with exit code ${end.code}` : `ffmpeg was ended by ${end.signal}`;
  if (lastError !== undefined) return `${how}: ${lastError.replace(/^(?:\[[^\]]*\] )+/, '')}`;
  return end.code === 0 ? 'the camera closed the connection' : how;
}

/**
 * Options for ffmpeg's input that a user may add for an odd camera. What could open a file, another address or a port is not among
 * them: the env file of a board may be edited by more people than its shell.
 */
import type { CameraAddress } from '../address/camera.js';
import { quoted, Unexpected } from './values.js';

type Scheme = CameraAddress['scheme'];

/** Name and value of each option, in order, without the dash. */
export type FfmpegInput = readonly (readonly [string, string])[];

const NUMBER = /^\d{1,10}$/;
const FLAGS = /^[a-z_]{1,32}(?:\+[a-z_]{1,32}){0,8}$/;
const NAME = /^[\w.-]{1,32}$/;
const RATE = /^\d{1,5}(?:\.\d{1,3}|\/\d{1,5})?$/;
const STREAMS = ['rtsp', 'rtsps', 'http', 'https'] as const;
const RTSP = ['rtsp', 'rtsps'] as const;
const ALL = [...STREAMS, 'v4l2', 'file'] as const;

/** From ffmpeg's documentation: ffmpeg-formats, ffmpeg-protocols, ffmpeg-devices. */
const OPTIONS: Readonly<Record<string, { value: RegExp; schemes: readonly Scheme[] }>> = {
  analyzeduration: { value: NUMBER, schemes: ALL },
  probesize: { value: NUMBER, schemes: ALL },
  fflags: { value: FLAGS, schemes: ALL },
  flags: { value: FLAGS, schemes: ALL },
  err_detect: { value: FLAGS, schemes: ALL },
  max_delay: { value: NUMBER, schemes: STREAMS },
  use_wallclock_as_timestamps: { value: /^[01]$/, schemes: ALL },
  rtsp_flags: {
    value: /^(?:prefer_tcp|filter_src|satip_raw)(?:\+(?:prefer_tcp|filter_src|satip_raw))*$/,
    schemes: RTSP,
  },
  reorder_queue_size: { value: NUMBER, schemes: RTSP },
  buffer_size: { value: NUMBER, schemes: RTSP },
  user_agent: { value: /^[\w./+-]{1,64}$/, schemes: STREAMS },
  video_size: { value: /^\d{1,5}x\d{1,5}$/, schemes: ['v4l2'] },
  input_format: { value: NAME, schemes: ['v4l2'] },
  pixel_format: { value: NAME, schemes: ['v4l2'] },
  framerate: { value: RATE, schemes: ['v4l2'] },
  standard: { value: NAME, schemes: ['v4l2'] },
  channel: { value: NUMBER, schemes: ['v4l2'] },
};

/** For the documentation and for messages. */
export const FFMPEG_INPUT_OPTIONS = Object.keys(OPTIONS).map((name) => `-${name}`);

/** Reads `-video_size 1280x720 -input_format mjpeg`. */
export function ffmpegInput(text: string): FfmpegInput {
  const words = text.trim().split(/\s+/);
  const expected = `pairs of an option and its value; options are ${FFMPEG_INPUT_OPTIONS.join(', ')}`;
  const pairs: [string, string][] = [];
  for (let index = 0; index < words.length; index += 2) {
    const [word = '', value = ''] = words.slice(index, index + 2);
    const name = word.replace(/^-/, '');
    const option = Object.hasOwn(OPTIONS, name) ? OPTIONS[name] : undefined;
    if (!word.startsWith('-') || option === undefined) {
      throw new Unexpected(expected, `${quoted(word)} is none of the options that may be given`);
    }
    if (!option.value.test(value)) throw new Unexpected(expected, `-${name} cannot have that value`);
    if (pairs.some(([other]) => other === name))
      throw new Unexpected('each option once', `-${name} appears twice`);
    pairs.push([name, value]);
  }
  return pairs;
}

/** The first option that is not for cameras with such an address; undefined: all are. */
export function foreignOption(options: FfmpegInput, { scheme }: CameraAddress): string | undefined {
  return options.map(([name]) => name).find((name) => OPTIONS[name]?.schemes.includes(scheme) === false);
}

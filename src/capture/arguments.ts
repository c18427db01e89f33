/** ffmpeg's command line for one camera. */
import type { CameraConfig } from '../config/types.js';
import { fitExpression, type InputSize } from '../frame/input-shape.js';
import { certificateAuthorities } from './certificates.js';
import type { Ffmpeg } from './ffmpeg.js';
import { withoutTls } from './host-proxy.js';
import type { InputKind } from './input.js';
import { atLoopback } from './rtsp-relay.js';

/** What the arguments depend on besides the camera. */
export interface ArgumentOptions {
  ffmpeg: Pick<Ffmpeg, 'rtspTimeoutOption' | 'frameTimingOption'>;
  /** The detector's. */
  inputSize: InputSize;
  /** True: as a camera delivers, at most `fps` frames a second. False: every frame of a file, as fast as they are read. */
  paced: boolean;
  /** Of an HTTP address. */
  inputKind: InputKind;
  /** Through which an RTSP camera is read. */
  relay?: { port: number };
}

type CameraInput = Pick<
  CameraConfig,
  | 'url'
  | 'transport'
  | 'fps'
  | 'hwaccel'
  | 'decoder'
  | 'ffmpegInput'
  | 'stallTimeout'
  | 'snapshot'
  | 'regions'
  | 'motion'
  | 'frameHeight'
  | 'tlsCa'
  | 'tlsVerify'
>;

/** The name by which ffmpeg's log lines of our scale filter are known, see stream-facts.ts. */
export const SCALE_FILTER_NAME = 'scale@fit';

/** 7680x4320 and a little. What is larger is refused by the decoder before it takes memory. */
const MAX_PIXELS = 2 ** 25;
/** How much of an HTTP answer determines its format: raw JPEGs are known by their number only, 1 MB of them at the default. */
const FORMAT_PROBE_BYTES = 2 ** 17;

/** ffmpeg's arguments for one camera: its picture as YUV4MPEG2 on standard output, its log on standard error. */
export function ffmpegArguments(camera: CameraInput, options: ArgumentOptions): string[] {
  return [
    '-hide_banner',
    '-nostdin',
    '-nostats',
    // "verbose" is the level at which the scale filter logs the size of the source; "level" prefixes each line with its own.
    ...['-loglevel', 'level+verbose'],
    ...(camera.hwaccel === undefined ? [] : ['-hwaccel', camera.hwaccel]),
    ...(camera.decoder === undefined ? [] : ['-c:v', camera.decoder]),
    // Frame threads would hold back one frame each: 0.8 s with five of them at 5 frames a second.
    ...['-thread_type', 'slice'],
    // Shrinking a picture is less work than waking threads for its slices.
    ...['-filter_threads', '1'],
    ...['-max_pixels', String(MAX_PIXELS)],
    ...(camera.ffmpegInput ?? []).flatMap(([name, value]) => [`-${name}`, value]),
    ...inputArguments(camera, options),
    ...['-map', '0:v:0'],
    ...['-vf', filters(camera, options)],
    // Without it ffmpeg repeats frames to reach the nominal rate.
    ...[options.ffmpeg.frameTimingOption, 'passthrough'],
    ...['-pix_fmt', 'yuv420p', '-f', 'yuv4mpegpipe', 'pipe:1'],
  ];
}

function inputArguments(camera: CameraInput, options: ArgumentOptions): string[] {
  const { url, transport, stallTimeout } = camera;
  const { ffmpeg, paced, inputKind, relay } = options;
  const realTime = paced ? ['-re'] : [];
  switch (url.scheme) {
    case 'test':
      return [...realTime, '-f', 'lavfi', '-i', 'testsrc2=size=1280x720:rate=25'];
    case 'rtsp':
    case 'rtsps':
      return [
        // TLS is the relay's, and over it RTP comes in the one TCP connection.
        ...['-rtsp_transport', url.scheme === 'rtsps' ? 'tcp' : transport],
        ...['-protocol_whitelist', 'rtsp,rtp,udp,tcp'],
        ...['-allowed_media_types', 'video'],
        // Not to wait for 20 frames just to guess their rate: the first frame comes after 0.7 s instead of 1.8 s.
        ...['-fpsprobesize', '0'],
        ...[ffmpeg.rtspTimeoutOption, String(socketTimeout(stallTimeout))],
        ...['-i', (relay === undefined ? url : atLoopback(url, relay.port)).href()],
      ];
    case 'http':
    case 'https':
      return [
        ...['-protocol_whitelist', 'http,https,tls,tcp,httpproxy,crypto,data'],
        // image2 passes no options on to what it opens.
        ...(inputKind === 'still' ? [] : connection(camera)),
        ...httpInput(camera, inputKind, realTime),
        ...['-i', (inputKind === 'still' ? withoutTls(url) : url).href()],
      ];
    case 'v4l2':
      return ['-f', 'v4l2', '-i', url.href()];
    case 'file':
      return [
        ...['-protocol_whitelist', 'file,crypto,data'],
        ...realTime,
        ...['-stream_loop', '-1'],
        ...['-i', url.href()],
      ];
  }
}

function httpInput({ fps }: CameraInput, kind: InputKind, realTime: readonly string[]): string[] {
  switch (kind) {
    case 'stream':
      return ['-formatprobesize', String(FORMAT_PROBE_BYTES)];
    case 'hls':
      // The newest segment instead of the last but two.
      return [...realTime, '-live_start_index', '-1'];
    case 'fragments':
      return [...realTime];
    case 'mjpeg':
      return ['-f', 'mjpeg'];
    case 'still':
      // image2 opens the address anew for each picture.
      return [
        ...realTime,
        ...['-f', 'image2', '-loop', '1', '-framerate', String(fps), '-pattern_type', 'none'],
      ];
  }
}

function connection(camera: CameraInput): string[] {
  const timeout = ['-rw_timeout', String(socketTimeout(camera.stallTimeout))];
  return [...timeout, ...(camera.url.scheme === 'https' ? tls(camera) : [])];
}

function tls({ tlsVerify, tlsCa }: CameraInput): string[] {
  if (!tlsVerify) return ['-tls_verify', '0'];
  const authorities = certificateAuthorities(tlsCa);
  return ['-tls_verify', '1', ...(authorities === undefined ? [] : ['-ca_file', authorities])];
}

/**
 * Microseconds without a byte from the camera, after which ffmpeg ends. A little longer than the stall time-out, which knows
 * better what is late once frames come.
 */
function socketTimeout(stallTimeout: number): number {
  return Math.round((stallTimeout + 0.5) * 1e6);
}

function filters(camera: CameraInput, options: ArgumentOptions): string {
  const { url, fps, snapshot, regions, motion, frameHeight } = camera;
  const { inputSize, paced } = options;
  return [
    ...(paced ? [rateLimit(fps, url.scheme === 'file' ? TIME_IN_FILE : ARRIVAL)] : []),
    scale(inputSize, snapshot || (regions && motion) ? frameHeight : 0),
    ...(url.scheme === 'file' || url.scheme === 'test' ? [] : [TIME_LOG]),
    NUMBERED_TIMES,
  ].join(',');
}

/** Times are of no use on the pipe, and those of two frames in a hurry can be equal: ffmpeg would complain of each. */
const NUMBERED_TIMES = 'setpts=N/FRAME_RATE/TB';

/** How late a frame may be, in seconds, without costing another one of a camera that sends as many as are wanted. */
const JITTER = 0.1;

/** Seconds, in ffmpeg's language: when the filter gets the frame. A camera's clock may stand still, run slowly or jump. */
const ARRIVAL = 'time(0)';
/** What a file says is true, and no frame of it is lost when this machine stands still for a moment. Late, so that tokens are there. */
const TIME_IN_FILE = '(t+1e6)';

/**
 * At most `fps` frames a second of those that arrive, by the time that is given. A token bucket: each frame costs one token, `fps` of
 * them a second come in, and those of {@link JITTER} may be saved, half a one at least, so that a camera which sends `fps` frames a
 * second loses none. Variable 0 holds the tokens, 1 the time of the frame before.
 */
function rateLimit(fps: number, time: string): string {
  const most = 1 + Math.max(0.5, JITTER * fps);
  const refill = `st(0,clip(ld(0)+${fps}*(${time}-ld(1)),0,${most}))`;
  return `select='${refill};st(1,${time});if(gte(ld(0),1),st(0,ld(0)-1);1)'`;
}

/** Logs the time in the stream of the first frame and of one a second later on; 32 is the level "info". Files have no clock to be watched. */
const TIME_LOG = "select='1+0*if(gte(time(0),ld(0)),st(0,time(0)+1)+print(t,32))'";

/**
 * To the very size the detector's letterbox would choose, so that it has nothing left to resample; to the height for
 * regions and snapshots, where that is more. Never enlarged. flags=bilinear is the triangle filter whose support grows with the
 * reduction, the letterbox's own. fast_bilinear skips pixels: from 1080p to 320 its picture differs by 6.4 grey levels on
 * average from the letterbox's, this one by 0.1, for 5 % of decoding's time.
 */
function scale(inputSize: InputSize, least: number): string {
  const ratio = `min(1,max(${least}/ih,${fitExpression(inputSize)}))`;
  const side = (of: 'iw' | 'ih') => `max(1,round(${of}*${ratio}))`;
  return `${SCALE_FILTER_NAME}=w='${side('iw')}':h='${side('ih')}':flags=bilinear:out_range=tv`;
}

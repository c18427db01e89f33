import type { CameraAddress } from '../address/camera.js';
import type { CameraConfig } from '../config/types.js';
import type { Ffmpeg } from './ffmpeg.js';

/** What the arguments depend on besides the camera. */
export interface ArgumentOptions {
  ffmpeg: Pick<Ffmpeg, 'rtspTimeoutOption' | 'frameTimingOption'>;
  /** The detector's input. */
  inputSize: { width: number; height: number };
  /** True: as a camera delivers, at most `fps` frames a second. False: every frame of a file, as fast as they are read. */
  paced: boolean;
}

type CameraInput = Pick<
  CameraConfig,
  'url' | 'transport' | 'fps' | 'hwaccel' | 'decoder' | 'stallTimeout' | 'snapshot' | 'snapshotHeight'
>;

/** The name by which ffmpeg's log lines of our scale filter are known, see stream-facts.ts. */
export const scaleFilterName = 'scale@fit';

/** ffmpeg's arguments for one camera: its picture as YUV4MPEG2 on standard output, its log on standard error. */
export function ffmpegArguments(camera: CameraInput, options: ArgumentOptions): string[] {
  return [
    '-hide_banner',
    '-nostdin',
    '-nostats',
    // "verbose" is the level at which the scale filter tells the size of the source; "level" prefixes each line with its own.
    ...['-loglevel', 'level+verbose'],
    ...(camera.hwaccel === undefined ? [] : ['-hwaccel', camera.hwaccel]),
    ...(camera.decoder === undefined ? [] : ['-c:v', camera.decoder]),
    // Frame threads would hold back one frame each: 0.8 s with five of them at 5 frames a second.
    ...['-thread_type', 'slice'],
    ...inputArguments(camera, options),
    ...['-map', '0:v:0'],
    ...['-vf', filters(camera, options)],
    // Without it ffmpeg repeats frames to reach the nominal rate.
    ...[options.ffmpeg.frameTimingOption, 'passthrough'],
    ...['-pix_fmt', 'yuv420p', '-f', 'yuv4mpegpipe', 'pipe:1'],
  ];
}

function inputArguments(camera: CameraInput, { ffmpeg, paced }: ArgumentOptions): string[] {
  const { url, transport, stallTimeout } = camera;
  const realTime = paced ? ['-re'] : [];
  switch (url.scheme) {
    case 'test':
      return [...realTime, '-f', 'lavfi', '-i', 'testsrc2=size=1280x720:rate=25'];
    case 'rtsp':
    case 'rtsps':
      return [
        // RTSP over TLS interleaves RTP in the one TCP connection: there is no UDP variant in ffmpeg.
        ...['-rtsp_transport', url.scheme === 'rtsps' ? 'tcp' : transport],
        ...['-allowed_media_types', 'video'],
        // Not to wait for 20 frames just to guess their rate: the first frame comes after 0.7 s instead of 1.8 s.
        ...['-fpsprobesize', '0'],
        ...[ffmpeg.rtspTimeoutOption, String(socketTimeout(stallTimeout))],
        ...['-i', url.href()],
      ];
    case 'http':
    case 'https':
      return [
        ...['-rw_timeout', String(socketTimeout(stallTimeout))],
        // HLS comes in segments of seconds, which -re spreads out again. MJPEG has no times: those of arrival are the best.
        ...(isHls(url) ? realTime : ['-use_wallclock_as_timestamps', '1']),
        ...['-i', url.href()],
      ];
    case 'file':
      return [...realTime, ...['-stream_loop', '-1'], ...['-i', url.href()]];
  }
}

/**
 * Microseconds. Longer than our own watchdog, which knows better what is late: this one ends ffmpeg should the daemon be
 * killed while ffmpeg waits for a silent camera.
 */
function socketTimeout(stallTimeout: number): number {
  return Math.round(stallTimeout * 2 * 1e6);
}

function isHls({ path }: CameraAddress): boolean {
  return /\.m3u8$/i.test(path);
}

function filters({ fps, snapshot, snapshotHeight }: CameraInput, options: ArgumentOptions): string {
  const { inputSize, paced } = options;
  return [
    ...(paced ? [rateCap(fps)] : []),
    scale(inputSize, snapshot ? snapshotHeight : 0),
    numberedTimes,
  ].join(',');
}

/** Times are of no use on the pipe, and those of two frames in a hurry can be equal: ffmpeg would complain of each. */
const numberedTimes = 'setpts=N/FRAME_RATE/TB';

/**
 * At most one frame in each period of 1/fps seconds. ffmpeg's own fps filter repeats frames of a slower camera; comparing
 * periods instead of distances keeps the average rate exact whatever the camera's, and a jump back in time harmless.
 */
function rateCap(fps: number): string {
  return `select='1-eq(floor(t*${fps}),floor(prev_selected_t*${fps}))'`;
}

/**
 * To the very size the detector's letterbox would choose, so that it has nothing left to resample; to the height of the
 * snapshots, where that is more. Never enlarged. flags=bilinear is the triangle filter whose support grows with the
 * reduction, the letterbox's own. fast_bilinear skips pixels: from 1080p to 320 its picture differs by 6.4 grey levels on
 * average from the letterbox's, this one by 0.1, for 5 % of decoding's time.
 */
function scale({ width, height }: { width: number; height: number }, snapshotHeight: number): string {
  const ratio = `min(1,max(${snapshotHeight}/ih,min(${width}/iw,${height}/ih)))`;
  const side = (of: 'iw' | 'ih') => `max(1,round(${of}*${ratio}))`;
  return `${scaleFilterName}=w='${side('iw')}':h='${side('ih')}':flags=bilinear:out_range=tv`;
}

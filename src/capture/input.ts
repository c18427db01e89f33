/** How a camera is read, which is known of RTSP and files, and shows of HTTP in what comes. */
import type { CameraAddress } from '../address/camera.js';

/**
 * `stream`: as it arrives. `hls`, `fragments`: in pieces of seconds, which are played at the pace of the stream's clock.
 * `mjpeg`: JPEGs one after the other, whatever is between them. `still`: one picture at a time, fetched again and again.
 */
export type InputKind = 'stream' | 'hls' | 'fragments' | 'mjpeg' | 'still';

/** What a first attempt assumes. */
export function assumedKind({ path }: CameraAddress): InputKind {
  return /\.m3u8$/i.test(path) ? 'hls' : 'stream';
}

/** The kind for what ffmpeg's demuxer of that name reads; a picture that ends differs from one that does not by its end only. */
export function kindOfFormat(kind: InputKind, format: string): InputKind {
  if (kind !== 'stream') return kind;
  if (/^(?:hls|dash)\b/.test(format)) return 'hls';
  if (/^mov\b/.test(format)) return 'fragments';
  return kind;
}

/** ffmpeg's demuxers whose streams carry the camera's own times. */
export function hasClock(format: string | undefined): boolean {
  return format !== undefined && /^(?:rtsp|hls|dash|mov|flv|live_flv|mpegts)\b/.test(format);
}

const STILL_FORMAT = /^(?:image2|[a-z]{2,5}_pipe)$/;
const NOT_MULTIPART = /Invalid data found|Unexpected Content-Type|Expected boundary/;

/** What a run that ended by itself showed of an HTTP address. */
export interface EndedRun {
  kind: InputKind;
  format: string | undefined;
  frames: number;
  exitCode: number | null;
  /** How it ended, see SourceEnd. */
  end: string;
  /** What is wrong with the stream's clock, if that is known. */
  clockProblem: string | undefined;
  complaints: readonly string[];
}

/** The kind to be tried at once after the run; undefined: the run says nothing of it. */
export function kindAfter(run: EndedRun): InputKind | undefined {
  const { kind, format, frames, exitCode, end, clockProblem, complaints } = run;
  if (kind !== 'stream') return undefined;
  if (format !== undefined && kindOfFormat(kind, format) === 'fragments') {
    const isOver = end === 'ended' || end === 'stalled';
    return isOver && frames > 0 && clockProblem === undefined ? 'fragments' : undefined;
  }
  if (end !== 'ended') return undefined;
  if (frames <= 1 && exitCode === 0 && format !== undefined && STILL_FORMAT.test(format)) return 'still';
  if (frames === 0 && complaints.some((line) => NOT_MULTIPART.test(line))) return 'mjpeg';
  return undefined;
}

/**
 * The values that travel from camera to message. Pure types: every module may import this file, it imports none.
 */

/** Pixels in one tightly packed buffer. yuv420p: planes Y, U, V, chroma sizes rounded up. rgb24: interleaved R, G, B. */
export interface PixelFrame {
  data: Uint8Array;
  format: 'yuv420p' | 'rgb24';
  /** Luma width and height in pixels. */
  width: number;
  height: number;
  /** yuv420p only: 16..235 (limited, the default) or 0..255 (full). */
  range?: 'limited' | 'full';
  /** yuv420p only: the colour matrix, default bt601. */
  matrix?: 'bt601' | 'bt709';
}

/** A frame as a camera delivered it. */
export interface CapturedFrame extends PixelFrame {
  /** Counts the frames that the decoder delivered since the camera was started, 1 first, dropped ones included. */
  sequence: number;
  /** When the last byte of the frame was read: milliseconds since the Unix epoch. */
  capturedAt: number;
  /** Size of the camera's picture before ffmpeg scaled it down to `width` x `height`. */
  sourceWidth: number;
  sourceHeight: number;
}

/** One object in one picture. */
export interface Detection {
  label: string;
  /** Index of the label in the model's list. */
  classId: number;
  /** Confidence, 0..1. */
  score: number;
  /** x1, y1, x2, y2 in pixels of the source picture, top left origin. */
  box: [number, number, number, number];
}

/** Where the time of one inference went, in milliseconds. */
export interface StageTimings {
  /** Waiting for the inference thread. */
  queueMs: number;
  /** Letterbox, colour conversion and normalisation. */
  preMs: number;
  /** ONNX Runtime. */
  inferMs: number;
  /** Score filter, box decoding and NMS. */
  postMs: number;
}

export type CameraStatus = 'online' | 'offline' | 'stalled' | 'disabled';

/** What a camera's retained state topic says. */
export interface CameraState {
  status: CameraStatus;
  /** Why, in one line without credentials; absent while all is well. */
  reason?: string;
  /** When this status began: milliseconds since the Unix epoch. */
  since: number;
}

/** The picture of a camera on its way through the program. */

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
  /** When the last byte of the frame was read, by the wall clock: milliseconds since the Unix epoch, for messages. */
  capturedAt: number;
  /** The same moment by the monotonic clock, in milliseconds, for durations. */
  capturedAtMonotonic: number;
  /** Size of the camera's picture before ffmpeg scaled it down to `width` x `height`. */
  sourceWidth: number;
  sourceHeight: number;
  /** How much of the picture had changed, as the motion meter returns it; absent: it was not measured when the frame was read. */
  changed?: number;
}

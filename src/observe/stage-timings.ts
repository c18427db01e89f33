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

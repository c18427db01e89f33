/** What `ghostcam bench` measured, and how it is shown. */

/** Milliseconds are medians unless the name says otherwise; a, b, c are the three stages that bench.ts describes. */
export interface BenchReport {
  bare_ms_p50: number;
  bare_ms_p95: number;
  full_ms_p50: number;
  full_ms_p95: number;
  /** Throughput of b over a, median of the rounds: what letterbox, decoding, NMS and the way through the event loop cost. */
  full_over_bare: number;
  /** Throughput of c over a: what is left of it in the whole daemon. */
  e2e_over_bare: number;
  bare_fps: number;
  full_fps: number;
  e2e_fps: number;
  queue_ms_p50: number;
  queue_ms_p95: number;
  pre_ms_p50: number;
  pre_ms_p95: number;
  infer_ms_p50: number;
  infer_ms_p95: number;
  post_ms_p50: number;
  post_ms_p95: number;
  /** Before an inference, on the event loop: where a frame of `plan_frame` pixels moves, and which part of it is inferred. */
  motion_ms_p50: number;
  motion_ms_p95: number;
  plan_ms_p50: number;
  plan_ms_p95: number;
  plan_frame: string;
  /** (letterbox + decoding + NMS) / bare inference. */
  pre_post_over_bare: number;
  /** From the last byte of a frame to its message, in c. */
  age_ms_p50: number;
  age_ms_p95: number;
  /** CPU seconds for 1,000 frames in c; null where it is unknown. other: threads that read frames, collect garbage. */
  cpu_s_per_1000_frames: {
    ffmpeg: number | null;
    main_thread: number | null;
    inference: number;
    other: number;
  };
  /** Of the worst round of c. */
  loop_delay_p50_ms: number;
  loop_delay_p99_ms: number;
  /** Resident memory at the end, and what the last fifth of c's frames had more of than the second (medians). */
  rss_mb: number;
  rss_growth_mb: number;
  frames: number;
  cameras: number;
  footage: string;
  provider: string;
  runtime: string;
  model: string;
  /** Width x height of the model's input for the footage. */
  input: string;
  threads: number;
}

/** The report for people. */
export function formatReport(r: BenchReport): string {
  const ms = (p50: number, p95: number) => `${p50.toFixed(2).padStart(8)} ms  p95 ${p95.toFixed(2)} ms`;
  const fps = (value: number) => `${value.toFixed(1).padStart(7)} frames/s`;
  const cpu = (value: number | null) => (value === null ? 'unknown' : `${value.toFixed(2)} s`);
  const { ffmpeg, main_thread, inference, other } = r.cpu_s_per_1000_frames;
  return `model ${r.model}, input ${r.input}, ${r.runtime}, provider ${r.provider}, ${r.threads} thread(s), ${r.frames} frames a stage

a  bare inference          ${ms(r.bare_ms_p50, r.bare_ms_p95)}  ${fps(r.bare_fps)}
b  frames from memory      ${ms(r.full_ms_p50, r.full_ms_p95)}  ${fps(r.full_fps)}  b/a ${r.full_over_bare.toFixed(3)}
c  video -> MQTT           ${ms(r.age_ms_p50, r.age_ms_p95)}  ${fps(r.e2e_fps)}  c/a ${r.e2e_over_bare.toFixed(3)}   (ms: age of the frame)

stages of b: queue         ${ms(r.queue_ms_p50, r.queue_ms_p95)}
             letterbox     ${ms(r.pre_ms_p50, r.pre_ms_p95)}
             inference     ${ms(r.infer_ms_p50, r.infer_ms_p95)}
             decode, NMS   ${ms(r.post_ms_p50, r.post_ms_p95)}
letterbox + decode + NMS   ${(r.pre_post_over_bare * 100).toFixed(1)} % of a
before b: motion meter     ${ms(r.motion_ms_p50, r.motion_ms_p95)}  of ${r.plan_frame} pixels
          region planner   ${ms(r.plan_ms_p50, r.plan_ms_p95)}

CPU for 1,000 frames of c  ffmpeg ${cpu(ffmpeg)}, main thread ${cpu(main_thread)}, inference ${cpu(inference)}, other ${cpu(other)}
event-loop delay in c      p50 ${r.loop_delay_p50_ms.toFixed(1)} ms, p99 ${r.loop_delay_p99_ms.toFixed(1)} ms
memory, ${r.cameras} camera(s)       ${r.rss_mb.toFixed(0)} MB resident, ${r.rss_growth_mb >= 0 ? '+' : ''}${r.rss_growth_mb.toFixed(1)} MB from the second to the last fifth of c`;
}

/** Whether the times in a camera's stream are those at which its pictures arrive. */

const WINDOW_MS = 5_000;
/** Windows in a row that must agree: a camera that begins with a burst of what it kept is not wrong. */
const MIN_WINDOWS = 2;
const MIN_RATIO = 0.5;
const MAX_RATIO = 2;
/** Of a stream that can be played at the pace of its clock, as far as windows of five seconds and pieces of one or two show it. */
const MAX_PLAYED_RATIO = 1.25;

/** Compares both over windows of five seconds. */
export class StreamClock {
  #begin: { stream: number; arrival: number } | undefined;
  #wrongWindows = 0;
  #isRight = false;
  #problem: string | undefined;

  /** What is wrong with the clock, in words that follow "the clock in the camera's stream"; undefined: nothing is known to be. */
  get problem(): string | undefined {
    return this.#wrongWindows >= MIN_WINDOWS ? this.#problem : undefined;
  }

  /** Whether the last window agreed, so that who plays the stream at the pace of its clock does not fall behind. */
  get isRight(): boolean {
    return this.#isRight;
  }

  /**
   * Takes in the times of a frame.
   * @param streamSeconds Of the stream; NaN: it has none.
   * @param arrivalMs By the monotonic clock.
   */
  observe(streamSeconds: number, arrivalMs: number): void {
    this.#begin ??= { stream: streamSeconds, arrival: arrivalMs };
    const { stream, arrival } = this.#begin;
    const elapsed = arrivalMs - arrival;
    if (elapsed < WINDOW_MS) return;
    const ratio = (1_000 * (streamSeconds - stream)) / elapsed;
    const problem = problemOf(ratio);
    this.#problem = problem ?? this.#problem;
    this.#isRight = problem === undefined && ratio <= MAX_PLAYED_RATIO;
    this.#wrongWindows = problem === undefined ? 0 : this.#wrongWindows + 1;
    this.#begin = { stream: streamSeconds, arrival: arrivalMs };
  }
}

/** @param ratio Of the seconds in the stream to those that passed. */
function problemOf(ratio: number): string | undefined {
  if (Number.isNaN(ratio)) return 'shows no time';
  if (ratio === 0) return 'stands still';
  if (ratio < 0) return 'runs backwards';
  if (ratio > 1_000 * MAX_RATIO) return 'jumps';
  if (ratio < MIN_RATIO || ratio > MAX_RATIO)
    return `runs ${Number(ratio.toPrecision(1))} times as fast as time`;
  return undefined;
}

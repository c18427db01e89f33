/** Whether the times in a camera's stream are those at which its pictures arrive. */

const WINDOW_MS = 5_000;
/** Windows in a row that must agree: a camera that begins with a burst of what it kept is not wrong, nor right for one window of many. */
const MIN_WINDOWS = 2;
const MIN_RATIO = 0.5;
const MAX_RATIO = 2;
/** What is faster than that is no clock that runs. */
const JUMP_RATIO = 1_000 * MAX_RATIO;
/** Of a stream that can be played at the pace of its clock, as far as windows of five seconds and pieces of one or two show it. */
const MAX_PLAYED_RATIO = 1.25;
/** Windows in a row that are faster than that, by however little: no slow machine and no burst makes a stream so. */
const STEADY_WINDOWS = 6;

interface Problem {
  /** As {@link StreamClock.problem} has them. */
  words: string;
  /** Whether it runs too fast or too slow; undefined: it is another problem. */
  isFast?: boolean;
}

const JUMPS: Problem = { words: 'jumps' };

/** Compares both over windows of five seconds. */
export class StreamClock {
  #begin: { stream: number; arrival: number } | undefined;
  #wrongWindows = 0;
  #rightWindows = 0;
  #fastWindows = 0;
  #isRight = false;
  #problem: Problem | undefined;
  #said: Problem | undefined;

  /** What is wrong with the clock, in words that follow "the clock in the camera's stream"; undefined: nothing is known to be. */
  get problem(): string | undefined {
    return this.#said?.words;
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
    this.#fastWindows = ratio > MAX_PLAYED_RATIO && ratio <= JUMP_RATIO ? this.#fastWindows + 1 : 0;
    const problem =
      problemOf(ratio) ?? (this.#fastWindows >= STEADY_WINDOWS ? wrongSpeed(ratio, 2) : undefined);
    this.#isRight = problem === undefined && ratio <= MAX_PLAYED_RATIO;
    if (problem === undefined) {
      this.#wrongWindows = 0;
      this.#rightWindows += 1;
      if (this.#rightWindows >= MIN_WINDOWS) this.#said = undefined;
    } else {
      this.#problem =
        this.#said === undefined && this.#wrongWindows === 0 ? problem : both(this.#problem, problem);
      this.#wrongWindows += 1;
      this.#rightWindows = 0;
      if (this.#wrongWindows >= MIN_WINDOWS || this.#said !== undefined) this.#said = this.#problem;
    }
    this.#begin = { stream: streamSeconds, arrival: arrivalMs };
  }
}

/** @param ratio Of the seconds in the stream to those that passed. */
function problemOf(ratio: number): Problem | undefined {
  if (Number.isNaN(ratio)) return { words: 'shows no time' };
  if (ratio === 0) return { words: 'stands still' };
  if (ratio < 0) return { words: 'runs backwards' };
  if (ratio > JUMP_RATIO) return JUMPS;
  return ratio < MIN_RATIO || ratio > MAX_RATIO ? wrongSpeed(ratio, 1) : undefined;
}

function wrongSpeed(ratio: number, digits: number): Problem {
  return { words: `runs ${Number(ratio.toPrecision(digits))} times as fast as time`, isFast: ratio > 1 };
}

/** What is to be said of two windows, one after the other: a state that says something else each time would be a message each time. */
function both(before: Problem | undefined, now: Problem): Problem {
  if (before === undefined || before.words === now.words) return now;
  return before.isFast !== undefined && before.isFast === now.isFast ? before : JUMPS;
}

/** What a campaign consists of, how it is run, and its table. */
import { setTimeout as sleep } from 'node:timers/promises';

/** One fault and what the daemon is to make of it. */
export interface Fault {
  name: string;
  expectation: string;
  /** Makes the fault. Resolves with what came of it; rejects where that is not what is expected. */
  run(): Promise<string>;
}

/** Faults that share what they need, such as one daemon. */
export interface Part extends AsyncDisposable {
  name: string;
  faults: readonly Fault[];
  /** How many are run at a time. */
  concurrency: number;
}

export interface Outcome {
  fault: Fault;
  passed: boolean;
  /** What was seen, or the error. */
  detail: string;
}

/** What takes longer is over: the daemon's own time-outs are shorter. */
const MAX_SECONDS = 240;

/** @param onOutcome Called with each outcome, in the order in which they come. */
export async function runPart(part: Part, onOutcome: (outcome: Outcome) => void): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const waiting = [...part.faults];
  const worker = async () => {
    for (let fault = waiting.shift(); fault !== undefined; fault = waiting.shift()) {
      const outcome = await runFault(fault);
      outcomes.push(outcome);
      onOutcome(outcome);
    }
  };
  await Promise.all(Array.from({ length: part.concurrency }, worker));
  return outcomes;
}

async function runFault(fault: Fault): Promise<Outcome> {
  const over = new AbortController();
  const timeOut = sleep(1000 * MAX_SECONDS, undefined, { signal: over.signal }).then(() => {
    throw new Error(`not over after ${MAX_SECONDS} s`);
  });
  try {
    return { fault, passed: true, detail: await Promise.race([fault.run(), timeOut]) };
  } catch (error) {
    return { fault, passed: false, detail: error instanceof Error ? error.message : String(error) };
  } finally {
    over.abort();
    timeOut.catch(() => {});
  }
}

const WIDTHS = { fault: 52, expectation: 58 };

/** One line of the table. */
export function row({ fault, passed, detail }: Outcome): string {
  const outcome = passed ? detail : `FAILED: ${detail}`;
  return columns(fault.name, fault.expectation, outcome.replace(/\s+/g, ' '));
}

export function columns(fault: string, expectation: string, outcome: string): string {
  return `${fault.padEnd(WIDTHS.fault)}  ${expectation.padEnd(WIDTHS.expectation)}  ${outcome}`;
}

/** The last line: `N passed, N failed`. */
export function summary(outcomes: readonly Outcome[]): string {
  const passed = outcomes.filter((outcome) => outcome.passed).length;
  return `${passed} passed, ${outcomes.length - passed} failed`;
}

/**
 * Asks until the answer is something. @param now What is asked; undefined: not yet.
 * @param instead What is seen instead, for the error. @throws Error when the time is over.
 */
export async function until<T>(
  now: () => T | undefined | Promise<T | undefined>,
  instead: () => string,
  seconds = 120,
): Promise<T> {
  const end = performance.now() + 1000 * seconds;
  for (;;) {
    const answer = await now();
    if (answer !== undefined) return answer;
    if (performance.now() > end) throw new Error(`after ${seconds} s: ${instead().slice(-600)}`);
    await sleep(100);
  }
}

/** The first match in the daemon's output, shortened. */
export function logged(output: () => string, pattern: RegExp, seconds?: number): Promise<string> {
  return until(() => pattern.exec(output())?.[0].slice(0, 160), output, seconds);
}

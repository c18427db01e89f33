/** The arithmetic of a soak: growth per hour, and whether the events that were said are those that were heard. */
import type { EventPayload } from '../../src/mqtt/payloads.js';
import { brokenLives } from '../support/published-events.js';
import type { ProcessSample } from './process.js';

export type SaidEvent = Pick<EventPayload, 'id' | 'type' | 'label'>;

/** `not judged`: the run was too short for a verdict. */
export interface Check {
  name: string;
  verdict: 'passed' | 'failed' | 'not judged';
  detail: string;
}

const MEMORY = ['rss', 'anonymous'] as const;
const COUNTS = ['descriptors', 'threads', 'children'] as const;
/** Of memory, whose least value in each such window tells what is still held after garbage was collected. */
const WINDOW_SECONDS = 300;
/** Of memory, in MB per hour. */
const MAX_GROWTH = 1;
/** Memory is judged from here on: a collector of garbage makes shorter runs say anything. */
const JUDGED_SECONDS = 3600;
/** Counts are judged from here on: with fewer samples an outage may be the whole first third. */
const JUDGED_SAMPLES = 9;

/** Without what a program takes to settle: the first 20 % of the run or 20 minutes, whichever is less. */
export function settled(samples: readonly ProcessSample[], runSeconds: number): ProcessSample[] {
  const from = Math.min(0.2 * runSeconds, 20 * 60);
  return samples.filter(({ seconds }) => seconds >= from);
}

/** The slope of the line of least squares through these points, per hour; NaN with fewer than two. */
export function growthPerHour(points: readonly { seconds: number; value: number }[]): number {
  const mean = (numbers: number[]) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
  const middle = mean(points.map(({ seconds }) => seconds));
  const level = mean(points.map(({ value }) => value));
  let covariance = 0;
  let variance = 0;
  for (const { seconds, value } of points) {
    covariance += (seconds - middle) * (value - level);
    variance += (seconds - middle) ** 2;
  }
  return (3600 * covariance) / variance;
}

/** The least value of each window, where it was. */
export function floors(
  points: readonly { seconds: number; value: number }[],
): { seconds: number; value: number }[] {
  const least = new Map<number, { seconds: number; value: number }>();
  for (const point of points) {
    const window = Math.floor(point.seconds / WINDOW_SECONDS);
    const found = least.get(window);
    if (found === undefined || point.value < found.value) least.set(window, point);
  }
  return [...least.values()];
}

/**
 * Whether a count rises and stays up: its median in the last third is above its highest value in the first third. Dips,
 * such as of a camera that is away, and short peaks are not growth.
 */
export function isGrowing(values: readonly number[]): boolean {
  const third = Math.floor(values.length / 3);
  if (third === 0) return false;
  const last = values.slice(-third).sort((a, b) => a - b);
  return (last[Math.floor((third - 1) / 2)] as number) > Math.max(...values.slice(0, third));
}

/** @param samples Of the whole run, which took `runSeconds`. */
export function growthChecks(samples: readonly ProcessSample[], runSeconds: number): Check[] {
  const judged = settled(samples, runSeconds);
  return [...MEMORY, ...COUNTS].map((name) => {
    const isMemory = name === 'rss' || name === 'anonymous';
    const unit = isMemory ? ' MB' : '';
    const points = judged.map((sample) => ({ seconds: sample.seconds, value: sample[name] }));
    const growth = growthPerHour(isMemory ? floors(points) : points);
    const values = points.map(({ value }) => value);
    const [least, most] = [Math.min(...values), Math.max(...values)].map((value) =>
      value.toFixed(isMemory ? 1 : 0),
    );
    const detail = `${growth.toFixed(1)}${unit} per hour, ${least} to ${most}${unit}, ${values.length} samples`;
    const verdict = isMemory ? verdictOfMemory(growth, runSeconds) : verdictOfCount(values);
    return { name, verdict, detail };
  });
}

function verdictOfCount(values: readonly number[]): Check['verdict'] {
  if (values.length < JUDGED_SAMPLES) return 'not judged';
  return isGrowing(values) ? 'failed' : 'passed';
}

function verdictOfMemory(growth: number, runSeconds: number): Check['verdict'] {
  if (runSeconds < JUDGED_SECONDS) return 'not judged';
  return growth <= MAX_GROWTH ? 'passed' : 'failed';
}

/**
 * Of all events that the daemon said by its log until it ended, and of all that a subscriber heard. One event is on its way at a time, so a
 * broker that is killed after it has passed it on, and before the daemon knows that, makes the subscriber hear one again.
 * @param kills How often the broker was killed.
 */
export function eventChecks(said: readonly SaidEvent[], heard: readonly SaidEvent[], kills: number): Check[] {
  const known = new Set(said.map(keyOf));
  const lost = without(said, heard);
  const surplus = without(heard, said);
  const again = surplus.filter((key) => known.has(key)).length;
  const unsaid = surplus.length - again;
  const broken = brokenLives(withoutRepeats(heard, surplus));
  const lives = new Set(heard.map(({ id }) => id)).size;
  return [
    check('events', lost.length + unsaid === 0 && again <= kills && said.length > 0, [
      `${said.length} said, ${heard.length} heard, ${lost.length} lost, ${again} again after ${kills} kills of the broker, ${unsaid} never said`,
      ...[...lost, ...surplus].slice(0, 5),
    ]),
    check('lives', broken.length === 0, [`${lives} begun, ${broken.length} broken`, ...broken.slice(0, 5)]),
  ];
}

/** Events in their order without those of `repeats`, each key as often as it is there, the last first. */
function withoutRepeats(events: readonly SaidEvent[], repeats: readonly string[]): SaidEvent[] {
  const left = [...repeats];
  return events
    .toReversed()
    .filter((event) => {
      const index = left.indexOf(keyOf(event));
      if (index >= 0) left.splice(index, 1);
      return index < 0;
    })
    .toReversed();
}

/** A check that was made. */
export function check(name: string, isPassed: boolean, details: readonly string[]): Check {
  return { name, verdict: isPassed ? 'passed' : 'failed', detail: details.join('; ') };
}

/** Those of `events` that `others` does not have, each as often as it is missing. */
export function without(events: readonly SaidEvent[], others: readonly SaidEvent[]): string[] {
  const left = new Map<string, number>();
  for (const key of others.map(keyOf)) left.set(key, (left.get(key) ?? 0) + 1);
  return events.map(keyOf).filter((key) => {
    const count = left.get(key) ?? 0;
    left.set(key, count - 1);
    return count <= 0;
  });
}

function keyOf({ type, id, label }: SaidEvent): string {
  return `${type} ${id} ${label}`;
}

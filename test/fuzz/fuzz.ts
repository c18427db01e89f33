/** Runs one target: inputs are changed at random, and those with a new outcome are kept and changed further. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '../support/random.js';
import { type Outcome, pick, type Target } from './target.js';

export interface FuzzOptions {
  seed: number;
  /** Ends after so many inputs, or at this time of `performance.now()`. */
  inputs?: number;
  until?: number;
  /** Folder of the corpus, which later runs go on from. */
  corpus?: string;
  /** Called before each input is run. */
  onInput?: (input: string) => void;
}

export interface Fault {
  input: string;
  reason: string;
}

export interface FuzzResult {
  inputs: number;
  /** Inputs in the corpus. */
  kept: number;
  faults: Fault[];
}

/** More of one kind show nothing new. */
const MAX_FAULTS = 20;
const TIMED_TRIES = 3;

export async function fuzz(target: Target, options: FuzzOptions): Promise<FuzzResult> {
  const { seed, inputs = Number.POSITIVE_INFINITY, until = Number.POSITIVE_INFINITY, corpus } = options;
  const random = seededRandom(seed);
  const kept = [...target.seeds(), ...(corpus === undefined ? [] : load(corpus))];
  const outcomes = new Set<string>();
  const reasons = new Set<string>();
  const result: FuzzResult = { inputs: 0, kept: 0, faults: [] };
  const waiting = [...kept];
  while (result.inputs < inputs && performance.now() < until && result.faults.length < MAX_FAULTS) {
    const input = waiting.pop() ?? change(target, pick(kept, random), random);
    options.onInput?.(input);
    result.inputs += 1;
    try {
      const before = outcomes.size;
      for (const outcome of [await withinLimit(target, input)].flat()) outcomes.add(outcome);
      if (outcomes.size === before) continue;
      kept.push(input);
      if (corpus !== undefined) store(corpus, input);
    } catch (error) {
      const { message, stack = message } = error as Error;
      if (reasons.has(message)) continue;
      reasons.add(message);
      result.faults.push({ input, reason: stack });
    }
  }
  return { ...result, kept: kept.length };
}

/** As much of its time may a busy machine spend elsewhere. */
const MAX_LOAD = 10;

/**
 * An input that takes too long is tried again: what is slow stays slow, and a machine that was busy elsewhere is not. The processor's time
 * counts; that in which it was not used, be it lent to others or waited for, counts a tenth.
 */
async function withinLimit(target: Target, input: string): Promise<Outcome> {
  for (let tries = 1; ; tries++) {
    const began = performance.now();
    const before = process.cpuUsage();
    const outcome = await target.run(input);
    const { user, system } = process.cpuUsage(before);
    const ms = Math.max((user + system) / 1000, (performance.now() - began) / MAX_LOAD);
    if (ms <= target.limitMs) return outcome;
    if (tries === TIMED_TRIES)
      throw new Error(`it took ${Math.round(ms)} ms, ${tries} times in a row too long`);
  }
}

function change(target: Target, input: string, random: () => number): string {
  let changed = input;
  for (let count = 1 + Math.floor(random() * 4); count > 0; count--) changed = target.mutate(changed, random);
  return changed;
}

function load(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .map((name) => readFileSync(join(folder, name), 'latin1'))
    .map(fromBytes);
}

/** A new folder, in memory where that is possible: inputs are written many times a second. */
export function scratchFolder(): string {
  const parent = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
  return mkdtempSync(join(parent, 'ghostcam-fuzz-'));
}

/** Writes an input to a file of the folder, named by its hash, and returns the path. */
export function store(folder: string, input: string): string {
  mkdirSync(folder, { recursive: true });
  const bytes = Buffer.from(input, 'utf16le');
  const path = join(folder, createHash('sha256').update(bytes).digest('hex').slice(0, 16));
  writeFileSync(path, bytes);
  return path;
}

/** Inputs are UTF-16, because halves of surrogate pairs are among them. */
export function fromBytes(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString('utf16le');
}

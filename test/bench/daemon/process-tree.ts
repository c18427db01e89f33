/** CPU time and memory of a program and of all that it started, from /proc. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

const TICKS_PER_SECOND = Number(execFileSync('getconf', ['CLK_TCK']));

/** CPU seconds by who spent them. */
export interface CpuSeconds {
  /** The program, all its threads, and its children, those that are gone included. */
  total: number;
  /** Its children. */
  children: number;
  mainThread: number;
  /** Its threads whose name begins with `ghostcam-`: those of the inference. */
  inference: number;
}

/** What the program of this process id has spent so far. */
export function cpuSeconds(pid: number): CpuSeconds {
  const own = statOf(`/proc/${pid}/stat`);
  const children = own.reaped + sum(descendants(pid).map((child) => statOf(`/proc/${child}/stat`).all));
  const threads = readdirSync(`/proc/${pid}/task`).map((task) => `/proc/${pid}/task/${task}`);
  return {
    total: own.spent + children,
    children,
    mainThread: statOf(`/proc/${pid}/task/${pid}/stat`).spent,
    inference: sum(
      threads
        .filter((thread) => read(`${thread}/comm`).startsWith('ghostcam-'))
        .map((thread) => statOf(`${thread}/stat`).spent),
    ),
  };
}

export function difference(after: CpuSeconds, before: CpuSeconds): CpuSeconds {
  return {
    total: after.total - before.total,
    children: after.children - before.children,
    mainThread: after.mainThread - before.mainThread,
    inference: after.inference - before.inference,
  };
}

/** Megabytes of a process, its share of pages that others use too (PSS). */
export function pssMb(pid: number): number {
  return Number(/^Pss:\s+(\d+) kB/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1]) / 1024;
}

function descendants(pid: number): number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    read(`/proc/${pid}/task/${task}/children`).trim().split(' ').filter(Boolean).map(Number),
  );
  return children.flatMap((child) => [child, ...descendants(child)]);
}

/** Seconds: of the process or thread itself, of its children that are gone, and both. See proc(5). */
function statOf(path: string): { spent: number; reaped: number; all: number } {
  const fields = read(path)
    .replace(/^.*\) /s, '')
    .split(' ')
    .map(Number);
  const seconds = (index: number) => ((fields[index] ?? 0) + (fields[index + 1] ?? 0)) / TICKS_PER_SECOND;
  const [spent, reaped] = [seconds(11), seconds(13)];
  return { spent, reaped, all: spent + reaped };
}

/** Empty when the process has just gone. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

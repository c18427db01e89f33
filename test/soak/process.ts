/** What Linux counts of a running process, see proc(5). */
import { readdirSync, readFileSync } from 'node:fs';

export interface ProcessSample {
  /** Seconds since the run began. */
  seconds: number;
  /** Resident memory in MB (2^20 bytes), shared pages counted whole. */
  rss: number;
  /** Resident memory in MB that no file backs: what the process itself has asked for, whatever other processes run. */
  anonymous: number;
  descriptors: number;
  threads: number;
  /** Its child processes and theirs. */
  children: number;
}

/** @throws Error when there is no such process. */
export function sampleOf(pid: number, seconds: number): ProcessSample {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return {
    seconds,
    rss: megabytes(status, 'VmRSS'),
    anonymous: megabytes(status, 'RssAnon'),
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    threads: readdirSync(`/proc/${pid}/task`).length,
    children: descendantsOf(pid).length,
  };
}

/** The process ids of its children and of theirs, zombies included. */
export function descendantsOf(pid: number): number[] {
  const childrenOf = new Map<number, number[]>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    const parent = parentOf(Number(name));
    if (parent !== undefined) childrenOf.set(parent, [...(childrenOf.get(parent) ?? []), Number(name)]);
  }
  const found = [...(childrenOf.get(pid) ?? [])];
  for (const child of found) found.push(...(childrenOf.get(child) ?? []));
  return found;
}

/** Whether it is there and not a zombie, which waits for its new parent alone. */
export function isRunning(pid: number): boolean {
  const state = statOf(pid)?.[0];
  return state !== undefined && state !== 'Z';
}

function parentOf(pid: number): number | undefined {
  const parent = statOf(pid)?.[1];
  return parent === undefined ? undefined : Number(parent);
}

/** The fields from the state on; undefined: it has ended. */
function statOf(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name is in parentheses and may have any character, so the fields are counted after the last one.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

function megabytes(table: string, name: string): number {
  const kilobytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(table)?.[1];
  if (kilobytes === undefined) throw new Error(`no ${name} in /proc`);
  return Number(kilobytes) / 1024;
}

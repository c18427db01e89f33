/** CPU time from /proc: Node 20 tells only that of its whole process. */
import { readFileSync } from 'node:fs';

/** The kernel's USER_HZ, which is 100 on every architecture that Node runs on. */
const TICKS_PER_SECOND = 100;

/**
 * User and system seconds of a process (`1234`) or of one thread (`self/task/1234`); undefined where /proc does not tell.
 * They are fields 14 and 15 of `stat`, see proc(5); the second field may itself hold spaces and parentheses.
 */
export function cpuSeconds(task: string): number | undefined {
  try {
    const stat = readFileSync(`/proc/${task}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const seconds = (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
    return Number.isFinite(seconds) ? seconds : undefined;
  } catch {
    return undefined;
  }
}

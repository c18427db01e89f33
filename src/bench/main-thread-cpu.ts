/** CPU seconds of the main thread alone, from /proc: Node 20 tells only those of the whole process. */
import { readFileSync } from 'node:fs';

/** The kernel's USER_HZ, which is 100 on every architecture that Node runs on. */
const TICKS_PER_SECOND = 100;

/** undefined where there is no /proc. */
export function mainThreadCpuSeconds(): number | undefined {
  try {
    const stat = readFileSync(`/proc/self/task/${process.pid}/stat`, 'utf8');
    // proc(5): utime and stime are fields 14 and 15; the name, field 2, may hold spaces but ends with the last ')'.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  } catch {
    return undefined;
  }
}

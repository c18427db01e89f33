/** CPU time by the kernel's clocks: Node 20 knows only that of its own whole process. */
import { addon } from './addon.js';

/** User and system seconds of a process with all its threads; undefined when it is gone, or where the addon is missing. */
export function processCpuSeconds(pid: number): number | undefined {
  try {
    return addon().processCpuSeconds(pid);
  } catch {
    // A figure that nobody can act on is no reason to fail.
    return undefined;
  }
}

/** User and system seconds of the calling thread. Throws where the addon is missing. */
export function threadCpuSeconds(): number {
  return addon().threadCpuSeconds();
}

/** How much of the processor and of the memory other processes have used, all their threads together. */
import { readFileSync } from 'node:fs';

/** Linux counts in hundredths of a second, whatever its kernel ticks by. */
const ticks = 100;

/** Seconds since the process began; `undefined` where the system has no /proc. */
export function cpuSeconds(pid: number | undefined): number | undefined {
  try {
    // The second field is the program's name in brackets, and may hold anything.
    const text = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / ticks;
  } catch {
    return undefined;
  }
}

/** The most memory that the process has held at once, in MB; `undefined` where the system has no /proc. */
export function peakMb(pid: number | undefined): number | undefined {
  try {
    const kb = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8'))?.[1];
    return kb === undefined ? undefined : Number(kb) / 1_024;
  } catch {
    return undefined;
  }
}

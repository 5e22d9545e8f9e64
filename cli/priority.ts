/** Which of the hub's processes leaves the core to which, where cores are few. */
import { readdirSync } from 'node:fs';
import { constants, getPriority, setPriority } from 'node:os';
import type { Lane } from '../core/model/placement.js';

/**
 * What is routine comes after an emergency, the screen and the clock. Sending takes what the others leave: the ledger keeps
 * up, and what waits, waits in the queue. As the system has it: the higher, the later.
 */
export function priorityOf(roles: readonly string[], lanes: readonly Lane[]): number {
  const { PRIORITY_NORMAL: usual, PRIORITY_BELOW_NORMAL: low } = constants.priority;
  if (roles.every((role) => role === 'publish') && lanes.includes('routine')) return low;
  const writes = roles.every((role) => role === 'record' || role === 'dispatch');
  return writes && !lanes.includes('emergency') ? low / 2 : usual;
}

/** Never higher than whoever started this process has set it: that would take a right of its own. */
export function lowerTo(priority: number): void {
  if (priority <= getPriority()) return;
  for (const thread of threads()) lower(thread, priority);
}

function lower(thread: number, priority: number): void {
  try {
    setPriority(thread, priority);
  } catch (error) {
    // It has ended since it was listed.
    if (!/ESRCH/.test(String(error))) throw error;
  }
}

/** On Linux each thread has a priority of its own, and those that collect garbage and compile are there before any of our code. */
function threads(): number[] {
  return process.platform === 'linux' ? readdirSync('/proc/self/task').map(Number) : [process.pid];
}

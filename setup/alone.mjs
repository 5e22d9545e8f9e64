/** Whether a program that npm has started is alone by now: nobody's Ctrl+C reaches it any more. */
import { readFileSync } from 'node:fs';

/**
 * Calls `then`, once, where npm has ended without a word, or the shell by which it starts a program: that shell outlives
 * npm, so that its parent is looked at too. Looks once a second; the timer may be cleared.
 */
export function whenAlone(then) {
  const above = (pid) => told(pid, 'stat').replace(/^.*\) \S+ (\d+) .*$/s, '$1');
  const byShell = told(process.ppid, 'cmdline').includes('\0-c\0');
  const line = () => (byShell ? `${process.ppid} ${above(process.ppid)}` : String(process.ppid));
  const began = line();
  const looks = setInterval(() => {
    if (line() === began) return;
    clearInterval(looks);
    then();
  }, 1_000);
  return looks;
}

/** Empty where the system tells nothing of its processes, or that one has ended. */
function told(pid, what) {
  try {
    return readFileSync(`/proc/${pid}/${what}`, 'utf8');
  } catch {
    return '';
  }
}

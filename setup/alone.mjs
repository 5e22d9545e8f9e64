/** Whether a program that npm has started is alone by now: nobody's Ctrl+C reaches it any more. */
import { readFileSync } from 'node:fs';

const above = (pid) => told(pid, 'stat').replace(/^.*\) \S+ (\d+) .*$/s, '$1');

// As early as can be: setting up takes minutes at a first start.
const shell = process.ppid;
const byShell = told(shell, 'cmdline').includes('\0-c\0');
const overShell = byShell ? above(shell) : '';

/**
 * Calls `then`, once, where npm has ended without a word, or the shell by which it starts a program: that shell outlives
 * npm, so that its parent is looked at too, where the system tells it (Linux). Looks once a second; the timer may be cleared.
 */
export function whenAlone(then) {
  const looks = setInterval(() => {
    if (process.ppid === shell && !isOther(byShell ? above(shell) : '')) return;
    clearInterval(looks);
    then();
  }, 1_000);
  return looks;
}

/** What cannot be read just now says nothing. */
function isOther(now) {
  return overShell !== '' && now !== '' && now !== overShell;
}

/** Empty where the system tells nothing of its processes, or that one has ended. */
function told(pid, what) {
  try {
    return readFileSync(`/proc/${pid}/${what}`, 'utf8');
  } catch {
    return '';
  }
}

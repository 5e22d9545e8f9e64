/** What a process needs beside it (Redis, MongoDB, a storage) is looked at once, at its start: unfit ends it in words, away is waited for. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Said } from '../channels/channel.js';
import { LianfaError } from './errors.js';

/** What is wrong, and what to do about it. */
export interface Unfit {
  reason: Said;
  next: Said;
}

/** One look at it. */
export type Found = { is: 'fit' } | { is: 'away'; words: string } | ({ is: 'unfit' } & Unfit);

/** Milliseconds between looks at one that is away. */
const lookAgain = 1_000;

/** Whether a version such as `7.0.15` is less than the first that will do. */
export function isOlder(version: string, [leastMajor, leastMinor]: readonly [number, number]): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < leastMajor || (major === leastMajor && minor < leastMinor);
}

/** `where` is shown to people, so nothing secret stands in it. */
export function unfitError(
  code: 'redis_unfit' | 'store_unfit' | 'storage_unfit',
  where: string,
  { reason, next }: Unfit,
): LianfaError {
  return new LianfaError(code, { where, reason, next });
}

/**
 * Looks until it is there, told in one line, with a second one when it is.
 * @throws LianfaError redis_unfit or store_unfit where it is there and can't be used
 */
export async function awaitFit(
  what: { name: string; where: string; unfit: 'redis_unfit' | 'store_unfit' },
  look: () => Promise<Found>,
  say: (line: string) => void,
): Promise<void> {
  const { name, where } = what;
  let away: number | undefined;
  for (;;) {
    const found = await look();
    if (found.is === 'unfit') throw unfitError(what.unfit, where, found);
    if (found.is === 'fit') {
      if (away !== undefined) say(`${name} ${where} 已恢复 is back after ${Math.round((Date.now() - away) / 1_000)} s`);
      return;
    }
    if (away === undefined)
      say(`连不上 ${name}，等它恢复后自动继续 ${name} ${where} does not answer, waiting: ${found.words}`);
    away ??= Date.now();
    await pause(lookAgain);
  }
}

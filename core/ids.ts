import { z } from 'zod';
import { randomFillSync } from 'node:crypto';
import { hasInvisible } from './text.js';

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

/** A new opaque id: a letter for what it names, nine characters of time, eleven of chance. Sorts by time of making. */
export function newId(prefix: string, now = Date.now()): string {
  let time = '';
  for (let rest = now, place = 0; place < 9; place += 1, rest = Math.floor(rest / 32))
    time = alphabet[rest % 32] + time;
  return `${prefix}${time}${chance()}`;
}

const chanceLength = 11;
// Asking the system for many bytes at once costs hardly more than asking for a few.
const pool = Buffer.alloc(chanceLength * 256);
let used = pool.length;

function chance(): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  let text = '';
  for (const end = used + chanceLength; used < end; used += 1) text += alphabet[(pool[used] ?? 0) % 32];
  return text;
}

export const id = z
  .string()
  .min(1)
  .max(80)
  .refine((text) => !hasInvisible(text), '不能含控制字符 / must hold no control characters');
export const instant = z.iso.datetime();
/** One that comes in: read as the moment that it names. */
export const instantGiven = instant.transform((text) => new Date(text));

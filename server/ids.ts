import { randomBytes } from 'node:crypto';

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

/** A new opaque id: a letter for what it names, nine characters of time, eleven of chance. Sorts by time of making. */
export function newId(prefix: string, now = Date.now()): string {
  let time = '';
  for (let rest = now, place = 0; place < 9; place += 1, rest = Math.floor(rest / 32)) time = alphabet[rest % 32] + time;
  let chance = '';
  for (const byte of randomBytes(11)) chance += alphabet[byte % 32];
  return `${prefix}${time}${chance}`;
}

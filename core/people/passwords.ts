/** Passwords by argon2id. A check takes the same time whether or not there is such a user. */
import { hash, verify } from '@node-rs/argon2';
import type { Said } from '../../channels/channel.js';
import { LianfaError } from '../errors.js';

/** OWASP's first choice for argon2id: 19 MiB, 2 passes. Tests, which sign in some thousand times, lower it for themselves. */
export const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

export function hashPassword(password: string): Promise<string> {
  return hash(password, cost);
}

let nobody: Promise<string> | undefined;

/** Whether the password is that of the hash. Without a hash the answer is no, at the same cost. */
export async function passwordFits(password: string, passwordHash: string | undefined): Promise<boolean> {
  nobody ??= hashPassword('nobody has this password');
  const fits = await verify(passwordHash ?? (await nobody), password);
  return fits && passwordHash !== undefined;
}

/** Characters of a password at least. */
export const shortest = 10;

/** The first that anybody tries, of ten characters and more, without digits or signs around them. */
const common = [
  'password',
  'passw',
  'admin',
  'administrator',
  'qwerty',
  'qwertyuiop',
  'qazwsxedc',
  'asdfghjkl',
  'zxcvbnm',
  'iloveyou',
  'woaini',
  'letmein',
  'welcome',
  'abc',
  'abcabc',
  'abcdefg',
  'abcdefghij',
  'lianfa',
  'mima',
  'test',
  'huawei',
  'a',
  'aa',
];

/**
 * Ten characters or more, not of one or two alone, no run of digits, none of the common ones whatever digits and signs are put
 * around them, and without the person's name or address.
 * @throws LianfaError password_weak
 */
export function requireStrong(password: string, person: { name: string; displayName: string; address?: string }): void {
  const text = password.normalize('NFKC').toLowerCase();
  if ([...text].length < shortest) throw weak(tooShort);
  if (new Set(text).size < 5) throw weak(tooPlain);
  if (/^\d+$/.test(text)) throw weak(digitsOnly);
  if (common.includes(text.replace(/[\d\W_]+/g, ''))) throw weak(isCommon);
  const own = [person.name, person.displayName, person.name.split('@')[0], person.address?.split('@')[0]];
  if (own.some((word) => word !== undefined && word.length >= 3 && text.includes(word.toLowerCase())))
    throw weak(named);
}

function weak(reason: Said): LianfaError {
  return new LianfaError('password_weak', { field: 'password', reason });
}

const tooShort: Said = { zh: `不足 ${shortest} 个字符。`, en: `it has fewer than ${shortest} characters.` };
const tooPlain: Said = { zh: '重复的字符太多。', en: 'it repeats too few characters.' };
const digitsOnly: Said = { zh: '不能全是数字。', en: 'it is digits alone.' };
const isCommon: Said = { zh: '这是常见密码，最先被人猜到。', en: 'it is one of the first that anybody tries.' };
const named: Said = { zh: '其中含有本人的姓名、登录名或邮箱。', en: 'it holds the name or address of the person.' };
